// Texts that need care: names that are too long, times, lists of facts, and what is copied.

import { Fragment, type ReactNode } from "react";
import { cx } from "./class_names";
import { CopyButton } from "./copy";
import { TextField } from "./field";
import styles from "./text.module.css";

/** A text on one line, cut where it is too long; the whole of it is its tooltip. */
export function Cut({ children, className }: { children: string; className?: string | undefined }) {
  return (
    <span className={cx(styles.cut, className)} title={children}>
      {children}
    </span>
  );
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A moment in the reader's time zone; to the millisecond in its tooltip. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={at}>
      {MOMENT.format(new Date(at))}
    </time>
  );
}

export function Day({ at }: { at: string }) {
  return (
    <time dateTime={at} title={at}>
      {DAY.format(new Date(at))}
    </time>
  );
}

/** Days from now until the end of a day or a moment; below zero where it has passed. */
export function daysUntil(at: string): number {
  const end = at.length === 10 ? new Date(`${at}T23:59:59`) : new Date(at);
  return Math.floor((end.getTime() - Date.now()) / 86_400_000);
}

/** Names and what is known of them. What is not known is left out. */
export function Facts({ of }: { of: [name: string, value: ReactNode][] }) {
  const known = of.filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (known.length === 0) return null;
  return (
    <dl className={styles.facts}>
      {known.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** A text that is there to be copied. */
export function CopyField({
  label,
  value,
  hint,
}: {
  label: string;
  value: string;
  hint?: ReactNode;
}) {
  return (
    <TextField
      label={label}
      hint={hint}
      value={value}
      onChange={() => {}}
      readOnly
      mono
      onFocus={(event) => event.target.select()}
      beside={<CopyButton text={value} name={label} />}
    />
  );
}
