// Lists that come page by page, the newest first: each next page begins before the last one of the page before.

import { type DependencyList, useEffect, useRef, useState } from "react";

export type Pages<T> = {
  rows: T[] | undefined;
  error: unknown;
  /** Fetches the next page; absent on the last one. */
  more: (() => void) | undefined;
  busy: boolean;
};

export const PAGE_SIZE = 50;

/** `fetch` gets the row before which a page begins. A change of `of` begins anew. */
export function usePages<T>(
  fetch: (before: T | undefined) => Promise<T[]>,
  of: DependencyList,
): Pages<T> {
  const [rows, setRows] = useState<T[]>();
  const [error, setError] = useState<unknown>();
  const [isLast, setIsLast] = useState(false);
  const [busy, setBusy] = useState(false);
  /** Whether the list on the screen is still the one for which a page was asked. */
  const isShown = useRef<() => boolean>(() => true);
  const load = async (known: T[], isCurrent: () => boolean) => {
    setBusy(true);
    setError(undefined);
    try {
      const fetched = await fetch(known.at(-1));
      if (!isCurrent()) return;
      setRows([...known, ...fetched]);
      setIsLast(fetched.length < PAGE_SIZE);
    } catch (thrown) {
      if (isCurrent()) setError(thrown);
    } finally {
      if (isCurrent()) setBusy(false);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caller names what the list depends on
  useEffect(() => {
    let current = true;
    isShown.current = () => current;
    load([], isShown.current);
    return () => {
      current = false;
    };
  }, [...of]);
  const more = () => load(rows ?? [], isShown.current);
  return { rows, error, more: rows && !isLast ? more : undefined, busy };
}
