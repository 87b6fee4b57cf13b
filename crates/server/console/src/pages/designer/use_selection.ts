// Which blocks are selected, on the canvas and in the list.

import { useCallback, useState } from "react";
import type { Designer } from "./context";

export type Selection = Pick<Designer, "selection" | "select" | "reselect">;

/** `onSelected` is told whenever a block comes to be selected. */
export function useSelection(onSelected: () => void): Selection {
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const select = useCallback(
    (ids: Iterable<string>) => {
      const next = new Set(ids);
      setSelection(next);
      if (next.size > 0) onSelected();
    },
    [onSelected],
  );
  const reselect = useCallback<Designer["reselect"]>(
    (changes) => {
      setSelection((before) => {
        const next = new Set(before);
        for (const { id, selected } of changes) selected ? next.add(id) : next.delete(id);
        return next;
      });
      if (changes.some(({ selected }) => selected)) onSelected();
    },
    [onSelected],
  );
  return { selection, select, reselect };
}
