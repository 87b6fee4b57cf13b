// What is told in colour, and always in words as well.

import type { ReactNode } from "react";
import { cx } from "./class_names";
import { Icon } from "./icons";
import styles from "./notice.module.css";

export type Tone = "good" | "warn" | "bad" | "info";

const ICONS: Record<Tone, string> = {
  good: "check",
  warn: "warning",
  bad: "warning",
  info: "info",
};

/** A message within a page. Faults are read out at once. */
export function Notice({
  tone,
  title,
  children,
}: {
  tone: Tone;
  title?: string;
  children?: ReactNode;
}) {
  return (
    <div className={cx(styles.notice, styles[tone])} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={ICONS[tone]} />
      <div>
        {title && <div className={styles.title}>{title}</div>}
        {children && <div className={styles.text}>{children}</div>}
      </div>
    </div>
  );
}

/** A word about the state of something. */
export function Badge({
  tone,
  icon,
  children,
}: {
  tone: Tone | "neutral";
  icon?: string;
  children: ReactNode;
}) {
  return (
    <span className={cx(styles.badge, styles[tone])}>
      {icon && <Icon name={icon} size={14} />}
      {children}
    </span>
  );
}
