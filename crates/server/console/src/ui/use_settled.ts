// What somebody has typed, once they pause: so that not every letter is asked for.

import { useEffect, useState } from "react";

const PAUSE_MS = 300;

export function useSettled<T>(typed: T): T {
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return settled;
}
