// The head of the waterfall: the whole run in a strip, and the axis of what is seen of it.

import type { RefObject } from "react";
import type { Row } from "../model/rows";
import type { View } from "../model/view";
import type { Scale } from "./bars";
import { Overview } from "./overview";
import styles from "./waterfall.module.css";

/** Nearer to an edge than this, a text would stand out over it. */
const EDGE = 30;

export function Axis({
  track,
  rows,
  view,
  wholeUs,
  width,
  scale,
  ticks,
  onView,
}: {
  track: RefObject<HTMLDivElement | null>;
  rows: Row[];
  view: View;
  wholeUs: number;
  width: number;
  scale: Scale;
  ticks: number[];
  onView: (view: View) => void;
}) {
  const anchor = (x: number) => (x < EDGE ? "start" : x > width - EDGE ? "end" : "middle");
  return (
    <div className={styles.head} aria-hidden="true">
      <div className={styles.headLabel}>Step</div>
      <div className={styles.headTrack} ref={track}>
        <Overview rows={rows} wholeUs={wholeUs} view={view} width={width} onView={onView} />
        <svg className={styles.axis} width={width} height={22} aria-hidden="true">
          {ticks.map((tick) => (
            <text key={tick} x={scale(tick)} y={15} textAnchor={anchor(scale(tick))}>
              {(tick / 1000).toLocaleString("en")} ms
            </text>
          ))}
        </svg>
      </div>
    </div>
  );
}
