// How wide an element is, for pictures that are drawn to its width.

import { type RefObject, useLayoutEffect, useRef, useState } from "react";

export function useWidth(): [RefObject<HTMLDivElement | null>, number] {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!element.current) return;
    const measure = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    measure.observe(element.current);
    setWidth(element.current.clientWidth);
    return () => measure.disconnect();
  }, []);
  return [element, width];
}
