// The keys of the waterfall: those of a tree, and those that bring it closer.

import type { KeyboardEvent } from "react";
import type { Row } from "../model/rows";
import { moved, type View, zoomed, zoomedTo } from "../model/view";

const PAGE = 10;

export function useKeys(of: {
  lines: Row[];
  active: Row | undefined;
  isFolded: (row: Row) => boolean;
  fold: (row: Row, folded: boolean) => void;
  select: (row: Row) => void;
  view: View;
  wholeUs: number;
  setView: (view: View | undefined) => void;
}): (event: KeyboardEvent) => void {
  const { lines, active, isFolded, fold, select, view, wholeUs, setView } = of;
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !active) return;
    const at = lines.indexOf(active);
    const to = (index: number) => {
      const row = lines[Math.min(lines.length - 1, Math.max(0, index))];
      if (row) select(row);
    };
    const middle = (active.fromUs + active.toUs) / 2;
    const right = () => {
      if (event.shiftKey) setView(moved(view, wholeUs, 0.25));
      else if (active.children.length > 0 && isFolded(active)) fold(active, false);
      else if (active.children.length > 0) to(at + 1);
    };
    const left = () => {
      if (event.shiftKey) setView(moved(view, wholeUs, -0.25));
      else if (active.children.length > 0 && !isFolded(active)) fold(active, true);
      else if (active.parent) select(active.parent);
    };
    const keys = new Map([
      ["ArrowDown", () => to(at + 1)],
      ["ArrowUp", () => to(at - 1)],
      ["PageDown", () => to(at + PAGE)],
      ["PageUp", () => to(at - PAGE)],
      ["Home", () => to(0)],
      ["End", () => to(lines.length - 1)],
      ["ArrowRight", right],
      ["ArrowLeft", left],
      ["+", () => setView(zoomed(view, wholeUs, 2, middle))],
      ["-", () => setView(zoomed(view, wholeUs, 0.5, middle))],
      ["0", () => setView(undefined)],
      ["Enter", () => setView(zoomedTo(active.fromUs, active.toUs, wholeUs))],
    ]);
    const work = keys.get(event.key);
    if (!work) return;
    event.preventDefault();
    work();
  };
}
