// Where the keyboard goes on when something beside the page is closed.

import { useEffect } from "react";

/** Once it is gone and the focus with it, what had the focus before has it again. */
export function useFocusBack(): void {
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      const lost = document.activeElement === document.body;
      if (lost && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
}
