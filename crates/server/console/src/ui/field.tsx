// Fields of forms: a label, the control, what it is for, and what is wrong with it.

import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from "react";
import { cx } from "./class_names";
import styles from "./field.module.css";
import { Icon } from "./icons";

type Told = {
  label: string;
  /** What belongs here, where the label does not say it. */
  hint?: ReactNode;
  /** What is wrong with what is here. */
  error?: string | undefined;
  /** Says beside the label that it may be left empty. */
  optional?: boolean;
};

type Wiring = { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean };

/** A label with a control of any kind, which is given what ties it to label, hint and error. */
export function Field({
  label,
  hint,
  error,
  optional,
  children,
}: Told & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const described = cx(hint ? `${id}-hint` : "", error ? `${id}-error` : "") || undefined;
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
        {optional && <span className={styles.optional}> (optional)</span>}
      </label>
      {children({ id, "aria-describedby": described, "aria-invalid": Boolean(error) })}
      {hint && (
        <div className={styles.hint} id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error && <FieldError id={`${id}-error`} message={error} />}
    </div>
  );
}

function FieldError({ id, message }: { id: string; message: string }) {
  return (
    <div className={styles.error} id={id}>
      <Icon name="warning" size={14} />
      <span>{message}</span>
    </div>
  );
}

type TextProps = Told &
  Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> & {
    value: string;
    onChange: (value: string) => void;
    mono?: boolean;
    /** Stands beside the control: a button, say. */
    beside?: ReactNode;
  };

export function TextField({
  label,
  hint,
  error,
  optional,
  value,
  onChange,
  mono,
  beside,
  ...rest
}: TextProps) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional ?? false}>
      {(wiring) => {
        const input = (
          <input
            autoComplete="off"
            spellCheck={false}
            {...rest}
            {...wiring}
            className={cx(styles.control, mono && styles.mono)}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        );
        return beside ? (
          <div className={styles.beside}>
            {input}
            {beside}
          </div>
        ) : (
          input
        );
      }}
    </Field>
  );
}

/** A file to be chosen. What is chosen is told once it has been read. */
export function FileField({
  label,
  hint,
  error,
  optional,
  accept,
  onChoose,
}: Told & { accept: string; onChoose: (file: File | undefined) => void }) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional ?? false}>
      {(wiring) => (
        <input
          {...wiring}
          className={styles.control}
          type="file"
          accept={accept}
          onChange={(event) => onChoose(event.target.files?.[0])}
        />
      )}
    </Field>
  );
}

export function TextArea({
  label,
  hint,
  error,
  optional,
  value,
  onChange,
  mono,
  rows = 4,
  placeholder,
}: Told & {
  value: string;
  onChange: (value: string) => void;
  mono?: boolean;
  rows?: number;
  placeholder?: string;
}) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional ?? false}>
      {(wiring) => (
        <textarea
          spellCheck={false}
          {...wiring}
          className={cx(styles.control, mono && styles.mono)}
          rows={rows}
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export function SelectField({
  label,
  hint,
  error,
  optional,
  options,
  onChange,
  ...rest
}: Told &
  Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange"> & {
    /** What is kept → what is shown. */
    options: [value: string, shown: string][];
    onChange: (value: string) => void;
  }) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional ?? false}>
      {(wiring) => (
        <select
          {...rest}
          {...wiring}
          className={styles.control}
          onChange={(event) => onChange(event.target.value)}
        >
          {options.map(([value, shown]) => (
            <option key={value} value={value}>
              {shown}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function CheckField({
  label,
  hint,
  error,
  checked,
  onChange,
  disabled,
}: Omit<Told, "optional"> & {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}) {
  const id = useId();
  const described = cx(hint ? `${id}-hint` : "", error ? `${id}-error` : "") || undefined;
  return (
    <div className={styles.check}>
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-describedby={described}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint && (
        <div className={styles.hint} id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error && <FieldError id={`${id}-error`} message={error} />}
    </div>
  );
}
