// Names and values: the columns of a record, headers, what an Exit answers.

import type { ReactNode } from "react";
import { Button, IconButton } from "../../../ui/button";
import { Completed, type Option, wholeText } from "../../../ui/completed";
import styles from "./form.module.css";
import { useRows } from "./use_rows";
import { ValueInput } from "./value_input";

type Pair = [name: string, value: unknown];
type Pairs = Record<string, unknown> | undefined;

function read(value: Pairs): Pair[] {
  return Object.entries(value ?? {});
}

function write(pairs: Pair[]): Pairs {
  const named = pairs.filter(([name]) => name !== "");
  return named.length > 0 ? Object.fromEntries(named) : undefined;
}

export function PairsField({
  label,
  hint,
  error,
  required,
  value,
  onChange,
  names,
  nameLabel = "Name",
}: {
  label: string;
  hint: ReactNode;
  error: string | undefined;
  required: boolean;
  value: Pairs;
  onChange: (value: Pairs) => void;
  /** The names that are offered. */
  names: Option[];
  nameLabel?: string;
}) {
  const { rows, set, add, remove } = useRows<Pairs, Pair>(value, read, write, onChange);
  return (
    <fieldset className={styles.group}>
      <legend>
        {label}
        {!required && <span className={styles.optional}> (optional)</span>}
      </legend>
      {hint && <p className={styles.hint}>{hint}</p>}
      {rows.map(({ key, row: [name, value] }, index) => (
        <div key={key} className={styles.pair}>
          <Completed
            aria-label={`${nameLabel} ${index + 1}`}
            value={name}
            onChange={(name) => set(key, [name, value])}
            complete={wholeText(names)}
            placeholder={nameLabel}
            mono
          />
          <IconButton
            icon="delete"
            label={`Take out ${name || `${nameLabel} ${index + 1}`}`}
            onClick={() => remove(key)}
          />
          <ValueInput
            label={`value of ${name || index + 1}`}
            value={value}
            onChange={(value) => set(key, [name, value])}
            placeholder="Value"
          />
        </div>
      ))}
      {error && <p className={styles.error}>{error}</p>}
      <div>
        <Button icon="create" onClick={() => add(["", ""])}>
          Add {nameLabel.toLowerCase()}
        </Button>
      </div>
    </fieldset>
  );
}
