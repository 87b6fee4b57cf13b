// What the parts of the bars mean; only those that the run has.

import type { What } from "../model/parts";
import { all, type Row } from "../model/rows";
import bars from "./bars.module.css";
import styles from "./waterfall.module.css";
import { PARTS } from "./words";

export function Legend({ rows }: { rows: Row[] }) {
  const there = new Set(all(rows).flatMap((row) => row.parts.map((part) => part.what)));
  const entries = (Object.entries(PARTS) as [What, string][]).filter(([what]) => there.has(what));
  const failed = all(rows).some((row) => row.bad);
  return (
    <ul className={styles.legend} aria-label="Legend">
      {entries.map(([what, text]) => (
        <li key={what}>
          <svg width={22} height={14} aria-hidden="true">
            <rect
              className={bars[what]}
              y={what === "pause" ? 6 : what === "calls" ? 4 : 1}
              width={22}
              height={what === "pause" ? 2 : what === "calls" ? 6 : 12}
              rx={what === "pause" ? 1 : 3}
            />
          </svg>
          {text}
        </li>
      ))}
      <li>
        <svg width={22} height={14} aria-hidden="true">
          <line className={bars.gap} x2={22} y1={7} y2={7} />
        </svg>
        Time between steps
      </li>
      {failed && (
        <li>
          <svg width={16} height={16} aria-hidden="true">
            <g className={bars.cross} transform="translate(8 8)">
              <circle r={7} />
              <path d="m-3 -3 6 6m0 -6 -6 6" />
            </g>
          </svg>
          Failed
        </li>
      )}
    </ul>
  );
}
