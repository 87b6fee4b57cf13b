// How much of something there is, as a bar with its number.

import type { ReactNode } from "react";
import { cx } from "../../ui/class_names";
import { Icon } from "../../ui/icons";
import styles from "./dashboard.module.css";

export function Gauge({
  name,
  told,
  note,
  value,
  of,
  low = false,
  faded = false,
}: {
  name: string;
  /** The number in words, which is all that readers of screens need. */
  told: string;
  note: ReactNode;
  /** Absent where there is nothing to show. */
  value?: number;
  of?: number;
  /** Whether it is to be minded. */
  low?: boolean;
  /** Whether it is no longer worth much. */
  faded?: boolean;
}) {
  const part = value !== undefined && of ? Math.min(Math.max(value / of, 0), 1) : 0;
  return (
    <div className={styles.gauge}>
      <div className={styles.gaugeName}>{name}</div>
      <div className={cx(styles.told, low && styles.alarming)}>
        {told}
        {low && <Icon name="warning" size={14} />}
      </div>
      <svg
        className={cx(styles.track, low && styles.low, faded && styles.faded)}
        viewBox="0 0 100 6"
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <rect className={styles.ground} width="100" height="6" />
        <rect className={styles.fill} width={part * 100} height="6" />
      </svg>
      <div className={styles.why}>{note}</div>
    </div>
  );
}
