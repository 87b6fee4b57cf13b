// Where p50, p95 and p99 of one row are on the scale of all rows. The scale is logarithmic: a block that only decides takes
// a thousandth of the time of one that asks Dynamics 365.

import { type ScaleLogarithmic, scaleLog } from "d3-scale";
import type { Figures } from "../../../api/types";
import styles from "./plot.module.css";
import { form, P50, P95, P99 } from "./series";

const WIDTH = 168;
const HEIGHT = 22;
const EDGE = 8;

export type RangeScale = ScaleLogarithmic<number, number>;

/** The scale of all these, from one power of ten to another. */
export function rangeScale(of: Figures[]): RangeScale {
  const times = of.flatMap(({ latency }) => (latency ? [latency.p50_ms, latency.p99_ms] : []));
  const powers = times.filter((time) => time > 0).map(Math.log10);
  const from = Math.floor(Math.min(...powers, 0));
  const to = Math.max(Math.ceil(Math.max(...powers, 0)), from + 1);
  return scaleLog()
    .domain([10 ** from, 10 ** to])
    .range([EDGE, WIDTH - EDGE])
    .clamp(true);
}

/** The powers of ten of a scale. */
export function powers(scale: RangeScale): number[] {
  const [from = 1, to = 10] = scale.domain();
  const first = Math.round(Math.log10(from));
  const many = Math.round(Math.log10(to)) - first;
  return Array.from({ length: many + 1 }, (_, index) => 10 ** (first + index));
}

export function RangePlot({ figures, scale }: { figures: Figures; scale: RangeScale }) {
  const { latency } = figures;
  const middle = HEIGHT / 2;
  return (
    <svg
      className={styles.range}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      aria-hidden="true"
    >
      {powers(scale).map((power) => (
        <line
          key={power}
          className={styles.grid}
          x1={scale(power)}
          x2={scale(power)}
          y1="0"
          y2={HEIGHT}
        />
      ))}
      {latency && (
        <>
          <line
            className={styles.span}
            x1={scale(latency.p50_ms)}
            x2={scale(latency.p99_ms)}
            y1={middle}
            y2={middle}
          />
          {(
            [
              [P99, latency.p99_ms],
              [P95, latency.p95_ms],
              [P50, latency.p50_ms],
            ] as const
          ).map(([series, ms]) => (
            <g key={series.name} className={series.colour}>
              <path
                className={styles.point}
                d={form(series, 44)}
                transform={`translate(${scale(ms)} ${middle})`}
              />
            </g>
          ))}
        </>
      )}
    </svg>
  );
}
