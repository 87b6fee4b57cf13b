// Buttons, and links that look like them.

import type { AnchorHTMLAttributes, ButtonHTMLAttributes } from "react";
import styles from "./button.module.css";
import { cx } from "./class_names";
import { Icon } from "./icons";

export type Look = "primary" | "secondary" | "quiet" | "danger";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look;
  icon?: string;
  /** Work that it began is under way: it can be seen and not be pressed again. */
  busy?: boolean;
};

export function Button({
  look = "secondary",
  icon,
  busy = false,
  className,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
      className={cx(styles.button, styles[look], className)}
    >
      {busy ? <span className={styles.busy} /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that shows its icon alone; `label` is its name. */
export function IconButton({
  label,
  icon,
  look = "quiet",
  className,
  ...rest
}: Omit<ButtonProps, "busy" | "children"> & { label: string; icon: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={cx(styles.button, styles[look], styles.iconOnly, className)}
    >
      <Icon name={icon} />
    </button>
  );
}

export function LinkButton({
  look = "secondary",
  icon,
  className,
  children,
  ...rest
}: AnchorHTMLAttributes<HTMLAnchorElement> & { look?: Look; icon?: string }) {
  return (
    <a {...rest} className={cx(styles.button, styles[look], className)}>
      {icon && <Icon name={icon} />}
      {children}
    </a>
  );
}
