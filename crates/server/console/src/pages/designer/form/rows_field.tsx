// Lists: of names, or of small forms such as the branches of a Switch.

import type { ReactNode } from "react";
import { Button, IconButton } from "../../../ui/button";
import { humanized } from "../model/blocks";
import { emptyOf, kindOf, resolved, type Schema } from "../model/schema";
import styles from "./form.module.css";
import { SchemaFields, SchemaInput } from "./schema_fields";
import { useRows } from "./use_rows";

type List = unknown[] | undefined;

const read = (value: List) => value ?? [];
const write = (rows: unknown[]): List => (rows.length > 0 ? rows : undefined);

export function RowsField({
  label,
  hint,
  error,
  required,
  schema,
  root,
  pointer,
  value,
  onChange,
  options,
}: {
  label: string;
  hint: ReactNode;
  error: string | undefined;
  required: boolean;
  schema: Schema;
  root: Schema;
  pointer: string;
  value: List;
  onChange: (value: List) => void;
  options: { table: string | undefined };
}) {
  const { rows, set, add, remove } = useRows<List, unknown>(value, read, write, onChange);
  const item = resolved(schema.items ?? {}, root);
  const isForm = kindOf(item) === "object";
  const one = singular(label);
  return (
    <fieldset className={styles.group}>
      <legend>
        {label}
        {!required && <span className={styles.optional}> (optional)</span>}
      </legend>
      {hint && <p className={styles.hint}>{hint}</p>}
      {rows.map(({ key, row }, index) => (
        <div key={key} className={isForm ? styles.card : styles.line}>
          {isForm ? (
            <SchemaFields
              schema={item}
              root={root}
              pointer={`${pointer}/${index}`}
              value={(row ?? {}) as Record<string, unknown>}
              onChange={(row) => set(key, row)}
            />
          ) : (
            <SchemaInput
              label={`${one} ${index + 1}`}
              schema={item}
              value={row}
              onChange={(row) => set(key, row)}
              table={options.table}
              column={/column|select/i.test(label)}
            />
          )}
          <IconButton
            icon="delete"
            label={`Take out ${one.toLowerCase()} ${index + 1}`}
            onClick={() => remove(key)}
          />
        </div>
      ))}
      {error && <p className={styles.error}>{error}</p>}
      <div>
        <Button icon="create" onClick={() => add(emptyOf(item))}>
          Add {one.toLowerCase()}
        </Button>
      </div>
    </fieldset>
  );
}

/** `Branches` → `Branch`; a label that is no plural stays. */
function singular(label: string): string {
  const words = humanized(label);
  if (/(ch|sh|x|ss)es$/.test(words)) return words.slice(0, -2);
  return words.endsWith("s") ? words.slice(0, -1) : "Row";
}
