// A clock for what is under way: it moves a few times a second, and not at all where nothing is.

import { useEffect, useState } from "react";

const TICK_MS = 200;

/** Milliseconds of `performance`, as long as `moving` holds. */
export function useNow(moving: boolean): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!moving) return;
    const timer = setInterval(() => setNow(performance.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [moving]);
  return now;
}
