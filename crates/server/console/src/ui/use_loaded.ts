// Fetching what a page shows.

import { type DependencyList, useCallback, useEffect, useState } from "react";

export type Loaded<T> = {
  /** What was fetched last; stays while it is fetched anew. */
  value: T | undefined;
  /** Why it could not be fetched. */
  error: unknown;
  reload: () => void;
  /** Puts in its place what the server answered to a change. */
  set: (value: T) => void;
};

/** Fetches when the page opens, and whenever one of `of` has changed. */
export function useLoaded<T>(fetch: () => Promise<T>, of: DependencyList): Loaded<T> {
  const [value, set] = useState<T>();
  const [error, setError] = useState<unknown>();
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caller names what the answer depends on, and `round` asks anew
  useEffect(() => {
    let current = true;
    setError(undefined);
    fetch().then(
      (fetched) => current && set(() => fetched),
      (thrown) => current && setError(thrown),
    );
    return () => {
      current = false;
    };
  }, [...of, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { value, error, reload, set };
}
