// Which rows are folded, and so which are seen.

import { useMemo, useState } from "react";
import { all, holdsFailure, type Row, shown } from "../model/rows";

/** With more rows than this, what went well is folded at first. */
const MANY = 80;

export type Folds = {
  /** The rows that are seen. */
  lines: Row[];
  isFolded: (row: Row) => boolean;
  fold: (row: Row, folded: boolean) => void;
  foldAll: (folded: boolean) => void;
  /** Unfolds whatever hides the row. */
  reveal: (row: Row) => void;
  /** The row, or what hides it. */
  seenFor: (row: Row | undefined) => Row | undefined;
};

export function useFolds(rows: Row[]): Folds {
  const [folded, setFolded] = useState<Record<string, boolean>>({});
  const many = useMemo(() => all(rows).length > MANY, [rows]);
  const isFolded = (row: Row) =>
    row.children.length > 0 && (folded[row.key] ?? (many && !holdsFailure(row)));
  const set = (those: Row[], is: boolean) =>
    setFolded((before) => ({
      ...before,
      ...Object.fromEntries(those.map(({ key }) => [key, is])),
    }));
  return {
    lines: shown(rows, isFolded),
    isFolded,
    fold: (row, is) => set([row], is),
    foldAll: (is) => set(all(rows), is),
    reveal: (row) => set(above(row), false),
    seenFor: (row) => row && (above(row).find(isFolded) ?? row),
  };
}

/** The rows that it is in, the outermost first. */
export function above(row: Row): Row[] {
  return row.parent ? [...above(row.parent), row.parent] : [];
}
