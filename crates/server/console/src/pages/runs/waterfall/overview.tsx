// The whole run in a strip, and in it the part that is looked at: drawn anew with the mouse.

import { memo, type PointerEvent, useRef, useState } from "react";
import { cx } from "../../../ui/class_names";
import { all, isFailure, type Row } from "../model/rows";
import type { View } from "../model/view";
import styles from "./waterfall.module.css";

const HEIGHT = 34;
const LANES = 4;
/** Below the first level, thinner marks than this only make a long run slow. */
const THINNEST = 0.5;
/** Less is a press, not a stretch that was drawn. */
const SHORTEST = 4;

export function Overview({
  rows,
  wholeUs,
  view,
  width,
  onView,
}: {
  rows: Row[];
  wholeUs: number;
  view: View;
  width: number;
  onView: (view: View) => void;
}) {
  const strip = useRef<SVGSVGElement>(null);
  const [drawn, setDrawn] = useState<[from: number, to: number]>();
  const at = (event: PointerEvent) => {
    const x = event.clientX - (strip.current?.getBoundingClientRect().left ?? 0);
    return Math.min(width, Math.max(0, x));
  };
  const us = (x: number) => (x / width) * wholeUs;
  const x = (us: number) => (us / wholeUs) * width;
  const end = () => {
    if (!drawn) return;
    const [from, to] = [Math.min(...drawn), Math.max(...drawn)];
    setDrawn(undefined);
    if (to - from >= SHORTEST) return onView({ fromUs: us(from), toUs: us(to) });
    const half = (view.toUs - view.fromUs) / 2;
    onView({ fromUs: us(from) - half, toUs: us(from) + half });
  };
  const [from, to] = drawn
    ? [Math.min(...drawn), Math.max(...drawn)]
    : [x(view.fromUs), x(view.toUs)];
  const isWhole = !drawn && view.toUs - view.fromUs >= wholeUs;
  return (
    <svg
      ref={strip}
      className={styles.overview}
      width={width}
      height={HEIGHT}
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrawn([at(event), at(event)]);
      }}
      onPointerMove={(event) => drawn && setDrawn([drawn[0], at(event)])}
      onPointerUp={end}
      onPointerCancel={() => setDrawn(undefined)}
    >
      <Whole rows={rows} wholeUs={wholeUs} width={width} />
      {!isWhole && (
        <>
          <rect className={styles.unseen} width={Math.max(0, from)} height={HEIGHT} />
          <rect className={styles.unseen} x={to} width={Math.max(0, width - to)} height={HEIGHT} />
          <rect
            className={styles.seen}
            x={from}
            y={0.5}
            width={Math.max(2, to - from)}
            height={HEIGHT - 1}
          />
        </>
      )}
    </svg>
  );
}

/** Drawn once: where one looks changes nothing of it. */
const Whole = memo(function Whole({
  rows,
  wholeUs,
  width,
}: {
  rows: Row[];
  wholeUs: number;
  width: number;
}) {
  const isSeen = (row: Row) =>
    row.level === 1 || isFailure(row) || ((row.toUs - row.fromUs) / wholeUs) * width > THINNEST;
  return all(rows)
    .filter(isSeen)
    .map((row) => {
      const lane = Math.min(row.level, LANES) - 1;
      const x = (row.fromUs / wholeUs) * width;
      return (
        <rect
          key={row.key}
          className={cx(row.bad ? styles.markBad : lane % 2 ? styles.markCall : styles.markStep)}
          x={x}
          y={3 + lane * 7.5}
          width={Math.max(1.5, ((row.toUs - row.fromUs) / wholeUs) * width)}
          height={5}
          rx={1}
        />
      );
    });
});
