// What plots show, each told apart by colour and by pattern, dashes or form: nobody has to see colours.

import { type SymbolType, symbol, symbolCircle, symbolSquare, symbolTriangle } from "d3-shape";
import styles from "./plot.module.css";

export type Series = {
  name: string;
  /** The class of its colour. */
  colour: string | undefined;
  /** Of areas: hatched, rather than filled. */
  hatched?: boolean;
  /** Of lines: how it is dashed, and the form of its points. */
  dashes?: string;
  form?: SymbolType;
};

export const ANSWERED: Series = { name: "Answered", colour: styles.one };
export const CANCELLED: Series = { name: "Cancelled", colour: styles.rest };
export const FAILED: Series = { name: "Failed", colour: styles.two, hatched: true };

export const P50: Series = { name: "p50", colour: styles.one, dashes: "none", form: symbolCircle };
export const P95: Series = { name: "p95", colour: styles.three, dashes: "7 3", form: symbolSquare };
export const P99: Series = { name: "p99", colour: styles.two, dashes: "2 3", form: symbolTriangle };

/** The form of a point of a series, to be drawn around 0, 0. */
export function form(series: Series, size = 22): string {
  return symbol(series.form ?? symbolCircle, size)() ?? "";
}

/** What a legend shows of a series: what stands in the plot. */
export function Sample({ series }: { series: Series }) {
  return (
    <svg width="22" height="12" aria-hidden="true" className={series.colour}>
      {series.form ? (
        <>
          <line
            className={styles.line}
            x1="0"
            x2="22"
            y1="6"
            y2="6"
            strokeDasharray={series.dashes}
          />
          <path className={styles.point} d={form(series, 30)} transform="translate(11 6)" />
        </>
      ) : (
        <Area series={series} x={3} y={1} width={16} height={10} />
      )}
    </svg>
  );
}

/** A filled or hatched rectangle. It takes its colour from what it is in. */
export function Area({
  series,
  x,
  y,
  width,
  height,
}: {
  series: Series;
  x: number;
  y: number;
  width: number;
  height: number;
}) {
  if (width <= 0 || height <= 0) return null;
  const size = { x, y, width, height };
  if (!series.hatched) return <rect {...size} className={styles.area} />;
  return (
    <>
      <rect {...size} className={styles.hatchGround} />
      <path className={styles.hatch} d={hatches(x, y, width, height)} />
      <rect {...size} className={styles.outline} />
    </>
  );
}

/** Lines from the lower left to the upper right within a rectangle, 5 apart wherever it stands. */
function hatches(x: number, y: number, width: number, height: number): string {
  const lines: string[] = [];
  // On each line x + y is the same.
  for (let sum = Math.ceil((x + y) / 5) * 5; sum < x + width + y + height; sum += 5) {
    const [fromX, toX] = [Math.max(x, sum - y - height), Math.min(x + width, sum - y)];
    if (fromX < toX) lines.push(`M${fromX} ${sum - fromX}L${toX} ${sum - toX}`);
  }
  return lines.join("");
}

export function Legend({ of }: { of: Series[] }) {
  return (
    <ul className={styles.legend}>
      {of.map((series) => (
        <li key={series.name}>
          <Sample series={series} />
          {series.name}
        </li>
      ))}
    </ul>
  );
}
