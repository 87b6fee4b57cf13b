// The frame of a plot over time: axes, gridlines, and what is read at a point, by mouse, by finger and by keyboard.
//
// For the keyboard and for readers of screens a plot is a slider over its points, whose value is what stands at the point
// (WAI-ARIA Authoring Practices, "Slider"). Its picture is hidden from readers: a table beside it has the same numbers.

import { type ScaleLinear, scaleLinear, scaleTime } from "d3-scale";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import { useSize } from "../../../ui/use_size";
import { time } from "../model/numbers";
import styles from "./plot.module.css";
import { Sample, type Series } from "./series";

const HEIGHT = 220;
const EDGE = { left: 56, right: 12, top: 14, bottom: 26 };
/** Of a label under the axis of time. */
const LABEL_WIDTH = 84;

export type Scales = {
  /** Where a point begins, and how wide it is. */
  left: (index: number) => number;
  band: number;
  middle: (index: number) => number;
  y: ScaleLinear<number, number>;
};

/** What is told at a point: each series with its value. */
export type Reading = { title: string; values: [Series, string][]; note?: string | undefined };

export function Plot({
  label,
  starts,
  end,
  top,
  unit,
  tick,
  read,
  children,
}: {
  label: string;
  starts: Date[];
  end: Date;
  /** The largest value. */
  top: number;
  /** What the axis is of, such as `Calls`. */
  unit: string;
  tick: (value: number) => string;
  read: (index: number) => Reading;
  children: (scales: Scales) => ReactNode;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  const [at, setAt] = useState<number>();
  const last = starts.length - 1;
  const inner = Math.max(width - EDGE.left - EDGE.right, 1);
  const band = inner / Math.max(starts.length, 1);
  const left = (index: number) => EDGE.left + index * band;
  const y = scaleLinear()
    .domain([0, top > 0 ? top : 1])
    .nice(4)
    .range([HEIGHT - EDGE.bottom, EDGE.top]);
  const scales = { left, band, middle: (index: number) => left(index) + band / 2, y };
  const shown = at === undefined ? undefined : Math.min(at, last);
  const reading = shown === undefined ? undefined : read(shown);
  const point = (event: PointerEvent<HTMLElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setAt(Math.min(Math.max(Math.floor((x - EDGE.left) / band), 0), last));
  };
  const move = (event: KeyboardEvent) => {
    if (event.key === "Escape") return setAt(undefined);
    const from = shown ?? last;
    const to = {
      ArrowLeft: from - 1,
      ArrowDown: from - 1,
      ArrowRight: from + 1,
      ArrowUp: from + 1,
      PageDown: from - 10,
      PageUp: from + 10,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setAt(Math.min(Math.max(to, 0), last));
  };
  const value = read(shown ?? last);
  return (
    <div
      ref={frame}
      className={styles.plot}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={shown ?? last}
      aria-valuetext={`${value.title}: ${words(value)}`}
      onPointerMove={point}
      onPointerLeave={() => setAt(undefined)}
      onKeyDown={move}
      onFocus={(event) => event.currentTarget.matches(":focus-visible") && setAt(shown ?? last)}
      onBlur={() => setAt(undefined)}
    >
      {width > 0 && (
        <svg width={width} height={HEIGHT} aria-hidden="true" className={styles.picture}>
          {shown !== undefined && (
            <rect
              className={styles.shown}
              x={left(shown)}
              y={EDGE.top}
              width={band}
              height={HEIGHT - EDGE.bottom - EDGE.top}
            />
          )}
          <Gridlines y={y} tick={tick} width={width} unit={unit} />
          <TimeAxis starts={starts} end={end} inner={inner} />
          {children(scales)}
        </svg>
      )}
      {reading && shown !== undefined && (
        <Tooltip reading={reading} x={scales.middle(shown)} width={width} />
      )}
    </div>
  );
}

function words(reading: Reading): string {
  const values = reading.values.map(([series, value]) => `${series.name} ${value}`);
  return [...values, ...(reading.note ? [reading.note] : [])].join(", ");
}

function Gridlines({
  y,
  tick,
  width,
  unit,
}: {
  y: ScaleLinear<number, number>;
  tick: (value: number) => string;
  width: number;
  unit: string;
}) {
  return (
    <g>
      {y.ticks(4).map((value) => (
        <g key={value}>
          <line
            className={value === 0 ? styles.base : styles.grid}
            x1={EDGE.left}
            x2={width - EDGE.right}
            y1={y(value)}
            y2={y(value)}
          />
          <text
            className={styles.label}
            x={EDGE.left - 8}
            y={y(value)}
            dy="0.32em"
            textAnchor="end"
          >
            {tick(value)}
          </text>
        </g>
      ))}
      <text className={styles.unit} x={EDGE.left + 4} y={EDGE.top - 3}>
        {unit}
      </text>
    </g>
  );
}

function TimeAxis({ starts, end, inner }: { starts: Date[]; end: Date; inner: number }) {
  const from = starts[0] ?? end;
  const x = scaleTime()
    .domain([from, end])
    .range([EDGE.left, EDGE.left + inner]);
  const room = Math.max(Math.floor(inner / LABEL_WIDTH), 2);
  const ticks = x.ticks(room);
  // The scale takes a number of ticks as a hint.
  const each = Math.ceil(ticks.length / room);
  const shown = ticks.filter((_, index) => index % each === 0);
  return (
    <g>
      {shown.map((at) => (
        <g key={at.getTime()}>
          <line
            className={styles.base}
            x1={x(at)}
            x2={x(at)}
            y1={HEIGHT - EDGE.bottom}
            y2={HEIGHT - EDGE.bottom + 5}
          />
          <text className={styles.label} x={x(at)} y={HEIGHT - 6} textAnchor="middle">
            {time(at)}
          </text>
        </g>
      ))}
    </g>
  );
}

function Tooltip({ reading, x, width }: { reading: Reading; x: number; width: number }) {
  // On the side where there is room.
  const style = x < width / 2 ? { left: x + 12 } : { right: width - x + 12 };
  return (
    <div className={styles.tooltip} style={style} aria-hidden="true">
      <div className={styles.tooltipTitle}>{reading.title}</div>
      {reading.values.map(([series, value]) => (
        <div key={series.name} className={styles.tooltipRow}>
          <Sample series={series} />
          <span>{series.name}</span>
          <span className={styles.value}>{value}</span>
        </div>
      ))}
      {reading.note && <div className={styles.note}>{reading.note}</div>}
    </div>
  );
}
