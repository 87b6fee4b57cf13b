// How many calls ended, by point of time: those that failed on top of those that did not.

import { stack } from "d3-shape";
import type { Point, Statistics } from "../../../api/types";
import { count, time } from "../model/numbers";
import { bounds, intervalName } from "../model/spans";
import { Plot } from "./plot";
import { ANSWERED, Area, CANCELLED, FAILED, Legend, type Series } from "./series";

const STACKED: [Series, (point: Point) => number][] = [
  [ANSWERED, (point) => point.count - point.failed - point.cancelled],
  [CANCELLED, (point) => point.cancelled],
  [FAILED, (point) => point.failed],
];

export function CallsPlot({ statistics }: { statistics: Statistics }) {
  const { points } = statistics;
  const layers = stack<Point, Series>()
    .keys(STACKED.map(([series]) => series))
    .value((point, wanted) => STACKED.find(([series]) => series === wanted)?.[1](point) ?? 0)(
    points,
  );
  const name = `Calls per ${intervalName(statistics)}`;
  return (
    <>
      <Legend of={STACKED.map(([series]) => series)} />
      <Plot
        label={name}
        {...bounds(statistics)}
        top={Math.max(...points.map((point) => point.count), 4)}
        unit={name}
        tick={(value) => (Number.isInteger(value) ? count(value) : "")}
        read={(index) => {
          const point = points[index];
          return {
            title: point ? time(point.at) : "",
            values: STACKED.map(([series, of]) => [series, count(point ? of(point) : 0)]),
            note: index === points.length - 1 ? "so far" : undefined,
          };
        }}
      >
        {({ left, band, y }) =>
          layers.map((layer) => (
            <g key={layer.key.name} className={layer.key.colour}>
              {layer.map(([from, to], index) => (
                <Area
                  // biome-ignore lint/suspicious/noArrayIndexKey: a place on the axis is what a bar is
                  key={index}
                  series={layer.key}
                  x={left(index) + Math.min(band * 0.15, 3)}
                  width={band - 2 * Math.min(band * 0.15, 3)}
                  y={y(to)}
                  height={y(from) - y(to)}
                />
              ))}
            </g>
          ))
        }
      </Plot>
    </>
  );
}
