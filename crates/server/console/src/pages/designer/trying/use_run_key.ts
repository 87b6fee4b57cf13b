// Ctrl+Enter opens the Run panel, and runs what is in it, wherever the focus is.

import { useEffect, useRef } from "react";

export function useRunKey(run: (() => void) | undefined): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !latest.current) return;
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      // A block that has the focus would take it for its own.
      event.stopPropagation();
      latest.current();
    };
    addEventListener("keydown", keys, { capture: true });
    return () => removeEventListener("keydown", keys, { capture: true });
  }, []);
}
