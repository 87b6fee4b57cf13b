// How forms are laid out.

import type { FormEvent, ReactNode } from "react";
import styles from "./form.module.css";

/** A form that is sent by its button or by Enter, and checked by the server alone: it knows more, and says it better. */
export function Form({
  id,
  onSubmit,
  children,
}: {
  /** By which a button outside of it sends it. */
  id?: string;
  onSubmit: () => void;
  children: ReactNode;
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form id={id} className={styles.form} noValidate onSubmit={submit}>
      {children}
    </form>
  );
}

/** Fields side by side where there is room. */
export function Columns({ children }: { children: ReactNode }) {
  return <div className={styles.columns}>{children}</div>;
}

export function Actions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}
