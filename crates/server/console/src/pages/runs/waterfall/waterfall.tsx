// A run as a picture: a row a step, under it its host calls and their requests, along one axis of time. To readers of screens and
// the keyboard it is a tree (WAI-ARIA Authoring Practices, "Tree View"). Only the rows that are seen are drawn.

import { scaleLinear } from "d3-scale";
import { useMemo, useRef, useState } from "react";
import { cx } from "../../../ui/class_names";
import { useSize } from "../../../ui/use_size";
import { holdsFailure, type Row, shown } from "../model/rows";
import { type View, zoomedTo } from "../model/time";
import { Patterns } from "./bars";
import { Legend } from "./legend";
import { Overview } from "./overview";
import { RowLine } from "./row_line";
import { type Pointed, Tip } from "./tip";
import { Toolbar } from "./toolbar";
import { useKeys } from "./use_keys";
import { useWheel } from "./use_wheel";
import styles from "./waterfall.module.css";

const WIDE_ROW = 30;
const NARROW_ROW = 50;
/** Narrower than this, labels stand above their bars. */
const NARROW = 620;
/** With more rows than this, what went well is folded at first. */
const MANY = 80;
/** Rows drawn beyond the edge, so that scrolling shows no empty ones. */
const BEYOND = 6;

export type Waterfall = {
  rows: Row[];
  wholeUs: number;
  selected: Row | undefined;
  onSelect: (row: Row) => void;
};

export function Waterfall({ rows, wholeUs, selected, onSelect }: Waterfall) {
  const scroller = useRef<HTMLDivElement>(null);
  const track = useRef<HTMLDivElement>(null);
  const tree = useRef<HTMLDivElement>(null);
  const frame = useSize(scroller);
  const { width } = useSize(track);
  const [scrolled, setScrolled] = useState(0);
  const [folded, setFolded] = useState<Record<string, boolean>>({});
  const [looked, setLooked] = useState<View>();
  const [pointed, setPointed] = useState<Pointed>();
  const view = looked ?? { fromUs: 0, toUs: wholeUs };
  const many = useMemo(() => shown(rows, () => false).length > MANY, [rows]);
  const isFolded = (row: Row) =>
    row.children.length > 0 && (folded[row.key] ?? (many && !holdsFailure(row)));
  const lines = shown(rows, isFolded);
  const fold = (row: Row, is: boolean) => setFolded((before) => ({ ...before, [row.key]: is }));
  const foldAll = (is: boolean) => {
    const those = shown(rows, () => false).filter((row) => row.children.length > 0);
    setFolded(Object.fromEntries(those.map((row) => [row.key, is])));
  };
  // Where what was selected has been folded away, what hides it stands for it.
  let active = selected;
  for (let row = selected?.parent; row; row = row.parent) if (isFolded(row)) active = row;
  const narrow = frame.width > 0 && frame.width < NARROW;
  const rowHeight = narrow ? NARROW_ROW : WIDE_ROW;
  const scale = scaleLinear([view.fromUs / 1000, view.toUs / 1000], [0, width]);
  const ticks = scale.ticks(Math.max(2, Math.floor(width / 110)));
  const inUs = scaleLinear([view.fromUs, view.toUs], [0, width]);
  const first = Math.max(0, Math.floor(scrolled / rowHeight) - BEYOND);
  const drawn = lines.slice(first, first + Math.ceil(frame.height / rowHeight) + 2 * BEYOND);
  const select = (row: Row) => {
    onSelect(row);
    bringIntoSight(scroller.current, lines.indexOf(row), rowHeight);
  };
  const keys = useKeys({
    lines,
    active,
    isFolded,
    fold,
    select,
    view,
    wholeUs,
    setView: setLooked,
  });
  useWheel(track, tree, view, wholeUs, setLooked);
  return (
    <figure className={styles.waterfall} aria-label="Waterfall of the run">
      <Patterns />
      <Toolbar
        view={view}
        wholeUs={wholeUs}
        lines={lines}
        selected={active}
        onView={setLooked}
        onFoldAll={foldAll}
        onSelect={(row) => {
          for (let above = row.parent; above; above = above.parent) fold(above, false);
          onSelect(row);
          requestAnimationFrame(() =>
            tree.current
              ?.querySelector("[aria-selected=true]")
              ?.scrollIntoView({ block: "nearest" }),
          );
        }}
        rows={rows}
      />
      <div
        className={cx(styles.scroller, narrow && styles.narrow)}
        ref={scroller}
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
      >
        <div className={styles.head} aria-hidden="true">
          <div className={styles.headLabel}>Step</div>
          <div className={styles.headTrack} ref={track}>
            <Overview rows={rows} wholeUs={wholeUs} view={view} width={width} onView={setLooked} />
            <svg className={styles.axis} width={width} height={22} aria-hidden="true">
              {ticks.map((tick) => (
                <text
                  key={tick}
                  x={scale(tick)}
                  y={15}
                  textAnchor={
                    scale(tick) < 20 ? "start" : scale(tick) > width - 30 ? "end" : "middle"
                  }
                >
                  {tick.toLocaleString("en")} ms
                </text>
              ))}
            </svg>
          </div>
        </div>
        <div
          ref={tree}
          className={styles.tree}
          role="tree"
          aria-label="Steps of the run"
          tabIndex={0}
          aria-activedescendant={active && drawn.includes(active) ? `row-${active.key}` : undefined}
          style={{ height: lines.length * rowHeight }}
          onKeyDown={(event) => {
            setPointed(undefined);
            keys(event);
          }}
          onFocus={() => !active && lines[0] && onSelect(lines[0])}
          onPointerLeave={() => setPointed(undefined)}
        >
          {drawn.map((row, index) => (
            <RowLine
              key={row.key}
              row={row}
              top={(first + index) * rowHeight}
              height={rowHeight}
              narrow={narrow}
              folded={isFolded(row)}
              selected={row === active}
              siblings={row.parent?.children ?? rows}
              scale={inUs}
              ticks={ticks.map((tick) => tick * 1000)}
              width={width}
              onFold={() => fold(row, !isFolded(row))}
              onSelect={() => onSelect(row)}
              onZoom={() => setLooked(zoomedTo(row.fromUs, row.toUs, wholeUs))}
              onPoint={setPointed}
            />
          ))}
        </div>
      </div>
      <Legend rows={rows} />
      {pointed && <Tip {...pointed} />}
    </figure>
  );
}

/** Scrolls as little as it takes. The head sticks to the upper edge. */
function bringIntoSight(scroller: HTMLElement | null, index: number, rowHeight: number): void {
  if (!scroller) return;
  const head = scroller.firstElementChild?.clientHeight ?? 0;
  const [top, bottom] = [index * rowHeight, (index + 1) * rowHeight + head];
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (bottom > scroller.scrollTop + scroller.clientHeight)
    scroller.scrollTop = bottom - scroller.clientHeight;
}
