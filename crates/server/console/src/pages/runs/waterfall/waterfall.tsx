// A run as a picture: a row a step, under it its host calls and their requests, along one axis of time. To readers of screens and
// the keyboard it is a tree (WAI-ARIA Authoring Practices, "Tree View"). Only the rows that are seen are drawn.

import { scaleLinear } from "d3-scale";
import { useEffect, useRef, useState } from "react";
import { cx } from "../../../ui/class_names";
import { useSize } from "../../../ui/use_size";
import type { Row } from "../model/rows";
import { type View, zoomedTo } from "../model/view";
import { Axis } from "./axis";
import { Patterns } from "./bars";
import { Legend } from "./legend";
import { RowLine } from "./row_line";
import { type Pointed, pointedAt, TipLayer } from "./tip";
import { Toolbar } from "./toolbar";
import { useFolds } from "./use_folds";
import { useKeys } from "./use_keys";
import { useWheel } from "./use_wheel";
import styles from "./waterfall.module.css";

const WIDE_ROW = 30;
const NARROW_ROW = 50;
/** Narrower than this, labels stand above their bars. */
const NARROW = 620;
/** Between two marks of the axis, in pixels. */
const TICK = 110;
/** Where the row is told in short beside the keyboard's row, as a part of its width. */
const NEAR = 0.6;
/** Rows drawn beyond the edge, so that scrolling shows no empty ones. */
const BEYOND = 6;

export function Waterfall({
  rows,
  wholeUs,
  selected,
  onSelect,
}: {
  rows: Row[];
  wholeUs: number;
  selected: Row | undefined;
  onSelect: (row: Row) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const track = useRef<HTMLDivElement>(null);
  const tree = useRef<HTMLDivElement>(null);
  const tip = useRef<(pointed: Pointed | undefined) => void>(() => {});
  const point = (pointed?: Pointed) => tip.current(pointed);
  const byKey = useRef(false);
  const frame = useSize(scroller);
  const { width } = useSize(track);
  const [scrolled, setScrolled] = useState(0);
  const [looked, setView] = useState<View>();
  const view = looked ?? { fromUs: 0, toUs: wholeUs };
  const folds = useFolds(rows);
  const { lines, isFolded, fold } = folds;
  const active = folds.seenFor(selected);
  const narrow = frame.width > 0 && frame.width < NARROW;
  const rowHeight = narrow ? NARROW_ROW : WIDE_ROW;
  const scale = scaleLinear([view.fromUs, view.toUs], [0, width]);
  const ticks = scale.ticks(Math.max(2, Math.floor(width / TICK)));
  const first = Math.max(0, Math.floor(scrolled / rowHeight) - BEYOND);
  const drawn = lines.slice(first, first + Math.ceil(frame.height / rowHeight) + 2 * BEYOND);
  const index = active ? lines.indexOf(active) : -1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another row is brought into sight, not one that moves
  useEffect(() => {
    bringIntoSight(scroller.current, index, rowHeight);
    // The details may be below what is seen of the page: who uses the keyboard is told the row in short beside it.
    if (active && byKey.current) requestAnimationFrame(() => point(pointedAt(active, NEAR)));
    byKey.current = false;
  }, [active?.key, rowHeight]);
  const at = { view, wholeUs, setView };
  const keys = useKeys({ ...folds, ...at, active, select: onSelect });
  useWheel(track, tree, at);
  return (
    <figure className={styles.waterfall} aria-label="Waterfall of the run">
      <Patterns />
      <Toolbar
        {...at}
        rows={rows}
        lines={lines}
        selected={active}
        onFoldAll={folds.foldAll}
        onSelect={(row) => {
          folds.reveal(row);
          onSelect(row);
        }}
      />
      <div
        className={cx(styles.scroller, narrow && styles.narrow)}
        ref={scroller}
        onScroll={(event) => {
          point();
          setScrolled(event.currentTarget.scrollTop);
        }}
      >
        <Axis {...{ track, rows, view, wholeUs, width, scale, ticks }} onView={setView} />
        <div
          ref={tree}
          className={styles.tree}
          role="tree"
          aria-label="Steps of the run"
          tabIndex={0}
          aria-activedescendant={active && drawn.includes(active) ? `row-${active.key}` : undefined}
          style={{ height: lines.length * rowHeight }}
          onKeyDown={(event) => {
            byKey.current = event.key !== "Escape";
            point();
            keys(event);
          }}
          onBlur={() => point()}
          onPointerDown={() => {
            byKey.current = false;
          }}
          onPointerLeave={() => point()}
        >
          {drawn.map((row, index) => (
            <RowLine
              key={row.key}
              {...{ row, narrow, scale, ticks, width }}
              top={(first + index) * rowHeight}
              height={rowHeight}
              folded={isFolded(row)}
              selected={row === active}
              siblings={row.parent?.children ?? rows}
              onFold={() => fold(row, !isFolded(row))}
              onSelect={() => onSelect(row)}
              onZoom={() => setView(zoomedTo(row.fromUs, row.toUs, wholeUs))}
              onPoint={point}
            />
          ))}
        </div>
      </div>
      <Legend rows={rows} />
      <figcaption className={styles.keys}>
        Arrow keys go from row to row, fold and unfold. <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd> or
        Ctrl and the wheel zoom, Enter brings a row closer. Draw in the strip above to choose a
        stretch.
      </figcaption>
      <TipLayer show={tip} />
    </figure>
  );
}

/** Scrolls as little as it takes. The head sticks to the upper edge. */
function bringIntoSight(scroller: HTMLElement | null, index: number, rowHeight: number): void {
  if (!scroller || index < 0) return;
  const head = scroller.firstElementChild?.clientHeight ?? 0;
  const [top, bottom] = [index * rowHeight, (index + 1) * rowHeight + head];
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (bottom > scroller.scrollTop + scroller.clientHeight)
    scroller.scrollTop = bottom - scroller.clientHeight;
}
