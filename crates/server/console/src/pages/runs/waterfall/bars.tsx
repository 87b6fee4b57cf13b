// The picture of one row: its bar with the parts told apart, the gap before it, and how long it took.

import type { ScaleLinear } from "d3-scale";
import { cx } from "../../../ui/class_names";
import { duration } from "../../../ui/duration";
import type { Part } from "../model/parts";
import type { Row } from "../model/rows";
import styles from "./bars.module.css";

/** Thinner than this a bar would not be seen. */
const THINNEST = 3;
/** Room behind the axis for a text such as `12.3 ms`. */
const TEXT = 64;
const HEIGHTS: Record<Part["what"], number> = {
  work: 14,
  calls: 6,
  request: 12,
  failed: 12,
  gate: 12,
  token: 12,
  cached: 12,
  pause: 2,
};

export type Scale = ScaleLinear<number, number>;

export function Bars({
  row,
  scale,
  ticks,
  width,
  height,
}: {
  row: Row;
  scale: Scale;
  ticks: number[];
  width: number;
  height: number;
}) {
  const middle = height / 2;
  const [from, to] = [scale(row.fromUs), Math.max(scale(row.toUs), scale(row.fromUs) + THINNEST)];
  const before = row.afterUs === undefined ? from : scale(row.afterUs);
  return (
    <svg className={styles.bars} width={width + TEXT} height={height} aria-hidden="true">
      {ticks.map((tick) => (
        <line key={tick} className={styles.tick} x1={scale(tick)} x2={scale(tick)} y2={height} />
      ))}
      {from - before > 2 && (
        <line className={styles.gap} x1={before} x2={from} y1={middle} y2={middle} />
      )}
      {row.parts.map((part) => (
        <Bar
          key={`${part.what}${part.fromUs}`}
          part={part}
          scale={scale}
          middle={middle}
          row={row}
        />
      ))}
      {row.bad && to > 0 && from < width && <Cross x={Math.min(to, width)} y={middle} />}
      <Elsewhere from={from} to={to} width={width} middle={middle} />
      {to >= 0 && from <= width && <Took row={row} scale={scale} width={width} middle={middle} />}
    </svg>
  );
}

function Bar({ part, scale, middle, row }: { part: Part; scale: Scale; middle: number; row: Row }) {
  const from = scale(part.fromUs);
  const width = Math.max(scale(part.toUs) - from, part.what === "pause" ? 0 : THINNEST);
  const height = HEIGHTS[part.what];
  const look = part.what === "work" && row.bad ? styles.workBad : styles[part.what];
  return (
    <rect
      className={cx(look, row.kind === "open" && styles.open)}
      x={from}
      y={middle - height / 2}
      width={width}
      height={height}
      rx={Math.min(3, height / 2)}
    />
  );
}

/** A failure is more than a colour: its bar ends in a cross. */
function Cross({ x, y }: { x: number; y: number }) {
  return (
    <g className={styles.cross} transform={`translate(${x} ${y})`}>
      <circle r={7} />
      <path d="m-3 -3 6 6m0 -6 -6 6" />
    </g>
  );
}

/** A bar outside what is seen: an arrow says on which side. */
function Elsewhere(at: { from: number; to: number; width: number; middle: number }) {
  const { from, to, width, middle } = at;
  if (to < 0) return <path className={styles.arrow} d={`M9 ${middle - 5}l-6 5 6 5z`} />;
  if (from > width)
    return <path className={styles.arrow} d={`M${width - 9} ${middle - 5}l6 5-6 5z`} />;
  return null;
}

/** How long it took: behind the bar, or before one that goes on beyond what is seen. */
function Took({
  row,
  scale,
  width,
  middle,
}: {
  row: Row;
  scale: Scale;
  width: number;
  middle: number;
}) {
  const from = scale(row.fromUs);
  const to = Math.max(...row.parts.map((part) => scale(part.toUs)), from + THINNEST);
  const past = row.bad ? 11 : 6;
  const isBeyond = to > width + THINNEST;
  const x = isBeyond ? Math.max(TEXT, from - 6) : to + past;
  return (
    <text
      className={cx(styles.took, isBeyond && from < TEXT && styles.within)}
      x={x}
      y={middle + 4}
      textAnchor={isBeyond ? "end" : "start"}
    >
      {duration(row.toUs - row.fromUs)}
    </text>
  );
}

/** The patterns that tell parts apart without their colours; once in the page. */
export function Patterns() {
  return (
    <svg className="visually-hidden" width={0} height={0} aria-hidden="true">
      <defs>
        <pattern
          id="bar-failed"
          width={6}
          height={6}
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect className={styles.failedGround} width={6} height={6} />
          <rect className={styles.failedStripe} width={2.5} height={6} />
        </pattern>
        <pattern id="bar-gate" width={5} height={5} patternUnits="userSpaceOnUse">
          <rect className={styles.gateGround} width={5} height={5} />
          <circle className={styles.gateDot} cx={2.5} cy={2.5} r={1.2} />
        </pattern>
        <pattern id="bar-token" width={5} height={5} patternUnits="userSpaceOnUse">
          <rect className={styles.tokenGround} width={5} height={5} />
          <rect className={styles.tokenStripe} width={1.8} height={5} />
        </pattern>
      </defs>
    </svg>
  );
}
