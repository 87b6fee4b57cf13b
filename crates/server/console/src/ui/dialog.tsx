// Windows over the page: the browser's own dialog keeps the focus within and closes on Escape.

import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { messageOf } from "../api/problem";
import { Button, IconButton, type Look } from "./button";
import { cx } from "./class_names";
import styles from "./dialog.module.css";
import { Notice } from "./notice";

/** A window that is open as long as it is rendered. */
export function Dialog({
  title,
  onClose,
  actions,
  size = "narrow",
  children,
}: {
  title: string;
  onClose: () => void;
  actions?: ReactNode;
  /** A wide one has room for a table; a full one takes the window, and what is in it its height. */
  size?: "narrow" | "wide" | "full";
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={cx(styles.dialog, styles[size])}
      aria-labelledby={titleId}
      onCancel={(event) => {
        // A window over this one, or a choice of files that was given up, is not about this one.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
    >
      <h2 className={styles.title} id={titleId}>
        {title}
      </h2>
      <div className={styles.body}>{children}</div>
      {actions && <div className={styles.actions}>{actions}</div>}
      {/* Last, so that the focus begins at what the window is for. */}
      <IconButton className={styles.close} label="Close" icon="close" onClick={onClose} />
    </dialog>
  );
}

/** Asks before something is done that cannot be undone. What goes wrong is told in the window. */
export function Confirm({
  title,
  action,
  keep = "Cancel",
  look = "danger",
  onConfirm,
  onClose,
  children,
}: {
  title: string;
  action: string;
  /** What leaves all as it is. */
  keep?: string;
  look?: Look;
  onConfirm: () => Promise<unknown> | unknown;
  onClose: () => void;
  children: ReactNode;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      setError(messageOf(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{keep}</Button>
          <Button look={look} busy={busy} onClick={confirm}>
            {action}
          </Button>
        </>
      }
    >
      <div>{children}</div>
      {error && <Notice tone="bad">{error}</Notice>}
    </Dialog>
  );
}
