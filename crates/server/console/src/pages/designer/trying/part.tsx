// A part of the details, with its heading; of a long list the first rows.

import type { ReactNode } from "react";
import { Button } from "../../../ui/button";
import { useFirst } from "../../../ui/use_first";
import styles from "./details.module.css";

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <h4>{title}</h4>
      {children}
    </section>
  );
}

/** A step in a loop may ask as often as it likes. */
const FIRST = 50;

/** Boxes in their order. They never change places. */
export function Boxes<T>({ of, children }: { of: T[]; children: (one: T) => ReactNode }) {
  const [listed, showAll] = useFirst(of, FIRST);
  return (
    <>
      <ul className={styles.requests}>
        {listed.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they are in order, may be alike, and never change
          <li key={at} className={styles.request}>
            {children(one)}
          </li>
        ))}
      </ul>
      {showAll && (
        <div>
          <Button look="quiet" onClick={showAll}>
            Show all {of.length}
          </Button>
        </div>
      )}
    </>
  );
}
