// What pages are made of: head, cards, empty states, and what shows while something is fetched.

import { type ReactNode, useEffect } from "react";
import { messageOf } from "../api/problem";
import { Button } from "./button";
import { Icon } from "./icons";
import { Notice } from "./notice";
import styles from "./page.module.css";
import type { Loaded } from "./use_loaded";

/** A page with its title, what it is for, and what can be done on it. */
export function Page({
  title,
  lead,
  back,
  actions,
  children,
}: {
  title: string;
  lead?: ReactNode;
  /** The page above: its name and address, such as `#/accounts`. */
  back?: [name: string, address: string];
  actions?: ReactNode;
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Patchcord`;
  }, [title]);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <div className={styles.titles}>
          {back && (
            <a className={styles.back} href={back[1]}>
              ← {back[0]}
            </a>
          )}
          <h1>{title}</h1>
          {lead && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}

export function Card({
  title,
  lead,
  actions,
  children,
}: {
  title?: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={styles.card}>
      {title && (
        <div className={styles.cardHead}>
          <div>
            <h2>{title}</h2>
            {lead && <p className={styles.cardLead}>{lead}</p>}
          </div>
          {actions && <div className={styles.actions}>{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Nothing is here yet: says what would be, and what to do. */
export function Empty({
  icon,
  title,
  actions,
  children,
}: {
  icon: string;
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      <Icon name={icon} size={32} />
      <h2>{title}</h2>
      <p>{children}</p>
      {actions && <div className={styles.emptyActions}>{actions}</div>}
    </div>
  );
}

export function Loading() {
  return (
    <div className={styles.loading} role="status">
      Loading …
    </div>
  );
}

/** Shows what was fetched, or that it is on its way, or why it cannot be had. */
export function Shown<T>({
  loaded,
  children,
}: {
  loaded: Loaded<T>;
  children: (value: T) => ReactNode;
}) {
  if (loaded.value !== undefined) return children(loaded.value);
  if (loaded.error === undefined) return <Loading />;
  return (
    <Notice tone="bad" title="This cannot be shown">
      <p>{messageOf(loaded.error)}</p>
      <p>
        <Button onClick={loaded.reload}>Try again</Button>
      </p>
    </Notice>
  );
}
