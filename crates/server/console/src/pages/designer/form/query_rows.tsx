// The query helper: conditions, columns, order and number of records as rows.

import { Button, IconButton } from "../../../ui/button";
import { Completed, wholeText } from "../../../ui/completed";
import { CheckField, SelectField, TextField } from "../../../ui/field";
import { type Query, readQuery, writeQuery } from "../model/odata";
import { type Condition, OPERATORS, takesNoValue } from "../model/odata_filter";
import { completeChoice } from "./completions";
import styles from "./form.module.css";
import { useForm } from "./form_context";
import { columnOptions } from "./schema_fields";
import { useRows } from "./use_rows";

const TEXT_TYPES = new Set(["String", "Memo", "EntityName"]);

type Props = {
  value: string;
  query: Query;
  onChange: (text: string) => void;
  table: string | undefined;
};

export function QueryRows({ value, query, onChange, table }: Props) {
  const form = useForm();
  const names = wholeText(columnOptions(form, table, "read"));
  const set = (part: Partial<Query>) => onChange(writeQuery({ ...query, ...part }));
  const columns = useRows<string, string>(
    value,
    (text) => readQuery(text)?.select ?? [],
    (select) => writeQuery({ ...query, select }),
    onChange,
  );
  const [order] = query.orderBy;
  return (
    <div className={styles.card}>
      <Conditions value={value} query={query} onChange={onChange} table={table} />
      <fieldset className={styles.group}>
        <legend>Columns to read</legend>
        <p className={styles.hint}>All of them where none is named, which is slow.</p>
        {columns.rows.map(({ key, row }, index) => (
          <div key={key} className={styles.line}>
            <Completed
              aria-label={`Column to read ${index + 1}`}
              value={row}
              onChange={(column) => columns.set(key, column)}
              complete={names}
              mono
            />
            <IconButton
              icon="delete"
              label={`Take out ${row || `column ${index + 1}`}`}
              onClick={() => columns.remove(key)}
            />
          </div>
        ))}
        <div>
          <Button icon="create" onClick={() => columns.add("")}>
            Add column to read
          </Button>
        </div>
      </fieldset>
      {query.orderBy.length < 2 && (
        <div className={styles.group}>
          <div className={styles.label}>Order by</div>
          <Completed
            aria-label="Order by column"
            value={order?.column ?? ""}
            onChange={(column) =>
              set({ orderBy: column ? [{ column, descending: order?.descending ?? false }] : [] })
            }
            complete={names}
            mono
          />
          {order && (
            <CheckField
              label="Greatest first"
              checked={order.descending}
              onChange={(descending) => set({ orderBy: [{ ...order, descending }] })}
            />
          )}
        </div>
      )}
      <TextField
        label="At most this many records"
        optional
        inputMode="numeric"
        value={query.top}
        onChange={(top) => set({ top })}
      />
    </div>
  );
}

function Conditions({ value, query, onChange, table }: Props) {
  const form = useForm();
  const columns = (table && form.columns.get(table)) || [];
  const options = columnOptions(form, table, "read");
  const { rows, set, add, remove } = useRows<string, Condition>(
    value,
    (text) => readQuery(text)?.conditions ?? [],
    (conditions) => writeQuery({ ...query, conditions }),
    onChange,
  );
  /** A column that is chosen says whether its values are text. */
  const choose = (condition: Condition, column: string): Condition => {
    const known = columns.find((one) => one.read_name === column);
    return { ...condition, column, text: known ? TEXT_TYPES.has(known.type) : condition.text };
  };
  const choicesOf = (column: string) => {
    const known = columns.find((one) => one.read_name === column)?.choices ?? [];
    return known.map((choice) => ({
      value: String(choice.value),
      shown: choice.label,
      hint: String(choice.value),
    }));
  };
  return (
    <fieldset className={styles.group}>
      <legend>Conditions</legend>
      {rows.length > 1 && (
        <SelectField
          label="A record fits where"
          value={query.join}
          options={[
            ["and", "all of them hold"],
            ["or", "one of them holds"],
          ]}
          onChange={(join) =>
            onChange(writeQuery({ ...query, join: join === "or" ? "or" : "and" }))
          }
        />
      )}
      {rows.map(({ key, row }, index) => (
        <div key={key} className={styles.condition}>
          <Completed
            aria-label={`Column of condition ${index + 1}`}
            value={row.column}
            onChange={(column) => set(key, choose(row, column))}
            complete={wholeText(options)}
            placeholder="Column"
            mono
          />
          <IconButton
            icon="delete"
            label={`Take out condition ${index + 1}`}
            onClick={() => remove(key)}
          />
          <select
            className={styles.select}
            aria-label={`Operator of condition ${index + 1}`}
            value={row.operator}
            onChange={(event) => set(key, { ...row, operator: event.target.value })}
          >
            {OPERATORS.map(([operator, shown]) => (
              <option key={operator} value={operator}>
                {shown}
              </option>
            ))}
          </select>
          {!takesNoValue(row.operator) && (
            <div className={styles.value}>
              <Completed
                aria-label={`Value of condition ${index + 1}`}
                value={row.value}
                onChange={(value) => set(key, { ...row, value })}
                complete={completeChoice(wholeText(choicesOf(row.column)), form.variables)}
                placeholder="Value, or $("
              />
              <select
                className={styles.mode}
                aria-label={`Type of condition ${index + 1}`}
                value={row.text ? "text" : "other"}
                onChange={(event) => set(key, { ...row, text: event.target.value === "text" })}
              >
                <option value="text">Text</option>
                <option value="other">Number, date, id …</option>
              </select>
            </div>
          )}
        </div>
      ))}
      <div>
        <Button
          icon="create"
          onClick={() => add({ column: "", operator: "eq", value: "", text: true })}
        >
          Add condition
        </Button>
      </div>
    </fieldset>
  );
}
