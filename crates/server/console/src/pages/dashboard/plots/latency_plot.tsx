// How long calls took, by point of time. Where none ended there is no time, and the lines have a gap.

import { line } from "d3-shape";
import type { Point, Statistics } from "../../../api/types";
import { durationOfMs } from "../../../ui/duration";
import { time } from "../model/numbers";
import { bounds } from "../model/spans";
import { Plot } from "./plot";
import styles from "./plot.module.css";
import { form, Legend, P50, P95, P99, type Series } from "./series";

const LINES: [Series, (point: Point) => number | undefined][] = [
  [P50, (point) => point.latency?.p50_ms],
  [P95, (point) => point.latency?.p95_ms],
  [P99, (point) => point.latency?.p99_ms],
];

export function LatencyPlot({ statistics }: { statistics: Statistics }) {
  const { points } = statistics;
  const top = Math.max(...points.map((point) => point.latency?.p99_ms ?? 0), 1);
  return (
    <>
      <Legend of={LINES.map(([series]) => series)} />
      <Plot
        label="Time from the call to the answer"
        {...bounds(statistics)}
        top={top}
        unit={top >= 1_000 ? "Seconds" : "Milliseconds"}
        tick={(value) => String(top >= 1_000 ? value / 1_000 : value)}
        read={(index) => {
          const point = points[index];
          const told = point?.latency ? LINES : [];
          return {
            title: point ? time(point.at) : "",
            values: told.map(([series, of]) => [series, durationOfMs((point && of(point)) ?? 0)]),
            note: point?.latency ? undefined : "No call ended.",
          };
        }}
      >
        {({ middle, y }) =>
          LINES.map(([series, of]) => (
            <g key={series.name} className={series.colour}>
              <path
                className={styles.line}
                strokeDasharray={series.dashes}
                d={
                  line<Point>()
                    .defined((point) => of(point) !== undefined)
                    .x((_, index) => middle(index))
                    .y((point) => y(of(point) ?? 0))(points) ?? ""
                }
              />
              {points.map((point, index) => {
                const value = of(point);
                if (value === undefined) return null;
                const place = `translate(${middle(index)} ${y(value)})`;
                return (
                  <path
                    key={point.at}
                    className={styles.point}
                    d={form(series)}
                    transform={place}
                  />
                );
              })}
            </g>
          ))
        }
      </Plot>
    </>
  );
}
