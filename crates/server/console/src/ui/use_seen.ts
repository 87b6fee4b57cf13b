// Whether something has come into sight: what costs a request is asked for only then.

import { type RefObject, useEffect, useRef, useState } from "react";

export function useSeen<Shown extends Element>(): [RefObject<Shown | null>, boolean] {
  const shown = useRef<Shown>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!shown.current || seen) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
    });
    observer.observe(shown.current);
    return () => observer.disconnect();
  }, [seen]);
  return [shown, seen];
}
