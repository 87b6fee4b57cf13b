// What can be done with the picture: closer, farther, fold, and on to the next failure.

import { Button, IconButton } from "../../../ui/button";
import { duration } from "../../../ui/duration";
import { all, isFailure, type Row } from "../model/rows";
import { moved, type View, zoomed, zoomedTo } from "../model/view";
import styles from "./waterfall.module.css";

export function Toolbar({
  rows,
  view,
  wholeUs,
  lines,
  selected,
  setView,
  onFoldAll,
  onSelect,
}: {
  rows: Row[];
  view: View;
  wholeUs: number;
  lines: Row[];
  selected: Row | undefined;
  setView: (view: View | undefined) => void;
  onFoldAll: (folded: boolean) => void;
  onSelect: (row: Row) => void;
}) {
  const isWhole = view.toUs - view.fromUs >= wholeUs;
  const every = all(rows);
  const bad = every.filter(isFailure);
  const isOpen = lines.length > rows.length;
  const middle =
    selected && selected.toUs >= view.fromUs && selected.fromUs <= view.toUs
      ? (selected.fromUs + selected.toUs) / 2
      : (view.fromUs + view.toUs) / 2;
  const next = () => {
    const at = selected ? every.indexOf(selected) : -1;
    const row = bad.find((row) => every.indexOf(row) > at) ?? bad[0];
    if (row) onSelect(row);
  };
  return (
    <div className={styles.toolbar} role="toolbar" aria-label="Waterfall">
      <IconButton
        label="Zoom in"
        icon="zoom-in"
        onClick={() => setView(zoomed(view, wholeUs, 2, middle))}
      />
      <IconButton
        label="Zoom out"
        icon="zoom-out"
        disabled={isWhole}
        onClick={() => setView(zoomed(view, wholeUs, 0.5, middle))}
      />
      <IconButton
        label="Earlier"
        icon="earlier"
        disabled={isWhole || view.fromUs <= 0}
        onClick={() => setView(moved(view, wholeUs, -0.5))}
      />
      <IconButton
        label="Later"
        icon="later"
        disabled={isWhole || view.toUs >= wholeUs}
        onClick={() => setView(moved(view, wholeUs, 0.5))}
      />
      <Button look="quiet" icon="fit-width" disabled={isWhole} onClick={() => setView(undefined)}>
        Whole run
      </Button>
      <Button
        look="quiet"
        icon="search"
        disabled={!selected}
        onClick={() => selected && setView(zoomedTo(selected.fromUs, selected.toUs, wholeUs))}
      >
        Zoom to selected
      </Button>
      {every.length > rows.length && (
        <Button look="quiet" icon={isOpen ? "unfold" : "fold"} onClick={() => onFoldAll(isOpen)}>
          {isOpen ? "Fold all" : "Unfold all"}
        </Button>
      )}
      {bad.length > 0 && (
        <Button look="quiet" icon="warning" onClick={next}>
          Next failure
        </Button>
      )}
      {!isWhole && (
        <span className={styles.seenText}>
          {duration(view.fromUs)} to {duration(view.toUs)}
        </span>
      )}
    </div>
  );
}
