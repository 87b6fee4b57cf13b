// Fetching what goes on changing while a page shows it.

import { type DependencyList, useCallback, useEffect, useState } from "react";
import type { Loaded } from "./use_loaded";

/** Fetches when the page opens, whenever one of `of` has changed, and again and again while the page can be seen. What was
 * fetched last stays until there is something new. */
export function usePolled<T>(
  fetch: () => Promise<T>,
  of: DependencyList,
  everyMs: number,
): Loaded<T> {
  const [value, set] = useState<T>();
  const [error, setError] = useState<unknown>();
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caller names what the answer depends on, and `round` asks anew
  useEffect(() => {
    let current = true;
    let busy = false;
    const look = async () => {
      // A slow answer is waited for: asking over it again would never show one.
      if (busy) return;
      busy = true;
      try {
        const fetched = await fetch();
        if (!current) return;
        set(() => fetched);
        setError(undefined);
      } catch (thrown) {
        if (current) setError(thrown);
      } finally {
        busy = false;
      }
    };
    const lookIfSeen = () => {
      if (document.visibilityState === "visible") look();
    };
    look();
    const timer = setInterval(lookIfSeen, everyMs);
    document.addEventListener("visibilitychange", lookIfSeen);
    return () => {
      current = false;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", lookIfSeen);
    };
  }, [...of, everyMs, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { value, error, reload, set };
}
