// What stands beside the mouse: the row in short. All of it is in the details below.

import { type RefObject, useEffect, useState } from "react";
import { duration } from "../../../ui/duration";
import type { Row } from "../model/rows";
import styles from "./waterfall.module.css";
import { outcome, PARTS } from "./words";

export type Pointed = { row: Row; x: number; y: number };

const WIDTH = 300;

/** As if the mouse were over a row, at a part of its width; nothing where the row is not drawn. */
export function pointedAt(row: Row, part: number): Pointed | undefined {
  const drawn = document.getElementById(`row-${row.key}`)?.getBoundingClientRect();
  return drawn && { row, x: drawn.left + drawn.width * part, y: drawn.bottom - 12 };
}

/** Keeps to itself what is pointed at, so that the rows are not drawn anew with every move of the mouse. */
export function TipLayer({
  show,
}: {
  /** Gets what shows a row, or nothing. */
  show: RefObject<(pointed: Pointed | undefined) => void>;
}) {
  const [pointed, setPointed] = useState<Pointed>();
  useEffect(() => {
    show.current = setPointed;
  }, [show]);
  return pointed ? <Tip {...pointed} /> : null;
}

function Tip({ row, x, y }: Pointed) {
  const left = Math.min(x + 14, innerWidth - WIDTH - 8);
  const low = y > innerHeight - 180;
  const place = low ? { left, bottom: innerHeight - y + 14 } : { left, top: y + 18 };
  const parts = row.parts.filter(({ what }) => what !== "work" && what !== "calls");
  return (
    <div className={styles.tip} style={place} role="tooltip">
      <strong>{row.title}</strong>
      <div>{outcome(row)}</div>
      <div>
        {duration(row.toUs - row.fromUs)}, from {duration(row.fromUs)} on
      </div>
      {parts.length > 1 &&
        parts.map((part) => (
          <div key={`${part.what}${part.fromUs}`} className={styles.tipPart}>
            <span>{PARTS[part.what]}</span>
            <span>{duration(part.toUs - part.fromUs)}</span>
          </div>
        ))}
    </div>
  );
}
