// Where the keyboard goes on when something beside the page is closed.

import { type RefObject, useEffect } from "react";

/** Once it is gone and the focus with it, what had the focus before it came here has it again. */
export function useFocusBack(shown: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const own = shown.current;
    let before = document.activeElement;
    const enter = ({ relatedTarget: from }: FocusEvent) => {
      if (from instanceof Element && !own?.contains(from)) before = from;
    };
    own?.addEventListener("focusin", enter);
    return () => {
      own?.removeEventListener("focusin", enter);
      const lost = document.activeElement === document.body;
      if (lost && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [shown]);
}
