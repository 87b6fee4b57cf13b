// One row of the waterfall: what it is, and its bar. The whole row can be pressed, however short the bar is.

import { cx } from "../../../ui/class_names";
import { Icon } from "../../../ui/icons";
import type { Row } from "../model/rows";
import { Bars, type Scale } from "./bars";
import type { Pointed } from "./tip";
import styles from "./waterfall.module.css";
import { further, outcome } from "./words";

const INDENT_PX = 16;
const NARROW_INDENT_PX = 10;
const NARROW_BAR = 24;

export function RowLine({
  row,
  top,
  height,
  narrow,
  folded,
  selected,
  siblings,
  scale,
  ticks,
  width,
  onFold,
  onSelect,
  onZoom,
  onPoint,
}: {
  row: Row;
  top: number;
  height: number;
  narrow: boolean;
  folded: boolean;
  selected: boolean;
  siblings: Row[];
  scale: Scale;
  ticks: number[];
  width: number;
  onFold: () => void;
  onSelect: () => void;
  onZoom: () => void;
  onPoint: (pointed: Pointed | undefined) => void;
}) {
  const hasChildren = row.children.length > 0;
  const indent = (row.level - 1) * (narrow ? NARROW_INDENT_PX : INDENT_PX);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus and takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names the active row
    <div
      id={`row-${row.key}`}
      role="treeitem"
      aria-level={row.level}
      aria-setsize={siblings.length}
      aria-posinset={siblings.indexOf(row) + 1}
      aria-selected={selected}
      aria-expanded={hasChildren ? !folded : undefined}
      className={cx(styles.row, selected && styles.selected)}
      style={{ top, height }}
      onClick={onSelect}
      onDoubleClick={onZoom}
      onPointerMove={({ clientX, clientY, pointerType }) =>
        pointerType === "mouse" && onPoint({ row, x: clientX, y: clientY })
      }
    >
      <div className={cx(styles.label, styles[row.kind])} style={{ paddingInlineStart: indent }}>
        {hasChildren ? (
          <button
            type="button"
            tabIndex={-1}
            aria-hidden="true"
            className={styles.twisty}
            onClick={(event) => {
              event.stopPropagation();
              onFold();
            }}
          >
            <Icon name={folded ? "unfold" : "fold"} size={16} />
          </button>
        ) : (
          <span className={styles.twisty} />
        )}
        {row.bad && <Icon name="warning" size={14} />}
        <span className={styles.title}>
          {row.title}
          <span className="visually-hidden">,</span>
        </span>
        <span className={cx(styles.outcome, row.bad && styles.outcomeBad)}>
          {outcome(row)}
          <span className="visually-hidden">, {further(row)}</span>
        </span>
      </div>
      <Bars
        row={row}
        scale={scale}
        ticks={ticks}
        width={width}
        height={narrow ? NARROW_BAR : height}
      />
    </div>
  );
}
