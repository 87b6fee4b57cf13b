// The form of a block, made from the JSON Schema in its manifest.

import { Completed, type Option, wholeText } from "../../../ui/completed";
import { CheckField, Field, SelectField, TextField } from "../../../ui/field";
import { humanized } from "../model/blocks";
import { withField } from "../model/document";
import { hintOf, kindOf, labelOf, resolved, type Schema } from "../model/schema";
import { completeChoice, completeVariables } from "./completions";
import { type FormData, useForm } from "./form_context";
import { PairsField } from "./pairs_field";
import { QueryField } from "./query_field";
import { RowsField } from "./rows_field";
import { ValueInput } from "./value_input";
import { words } from "./words";

type Values = Record<string, unknown>;

/** Every property of an object, in the order of its schema; then what stands there and is none of it. */
export function SchemaFields({
  schema,
  root,
  pointer,
  value,
  onChange,
}: {
  schema: Schema;
  root: Schema;
  pointer: string;
  value: Values;
  onChange: (value: Values, name: string) => void;
}) {
  const properties = Object.entries(schema.properties ?? {});
  const known = new Set(properties.map(([name]) => name));
  const set = (name: string, next: unknown) => onChange(withField(value, name, next), name);
  const table = properties.find(([, one]) => kindOf(resolved(one, root)) === "table")?.[0];
  return (
    <>
      {properties.map(([name, one]) => (
        <SchemaField
          key={name}
          name={name}
          schema={resolved(one, root)}
          root={root}
          pointer={`${pointer}/${name}`}
          required={schema.required?.includes(name) ?? false}
          value={value[name]}
          onChange={(next) => set(name, next)}
          table={table && typeof value[table] === "string" ? (value[table] as string) : undefined}
        />
      ))}
      {Object.keys(value)
        .filter((name) => !known.has(name))
        .map((name) => (
          <TextField
            key={name}
            label={humanized(name)}
            value={typeof value[name] === "string" ? value[name] : JSON.stringify(value[name])}
            onChange={(text) => set(name, text === "" ? undefined : text)}
            error="The block has no property of this name; empty the field to take it out."
            mono
          />
        ))}
    </>
  );
}

type FieldProps = {
  name: string;
  schema: Schema;
  root: Schema;
  pointer: string;
  required: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
  table: string | undefined;
};

function SchemaField(props: FieldProps) {
  const { name, schema, root, pointer, required, value, onChange, table } = props;
  const form = useForm();
  const told = {
    label: labelOf(name, schema),
    hint: words(hintOf(schema)),
    error: form.fault(pointer),
  };
  switch (kindOf(schema)) {
    case "boolean":
      return (
        <CheckField
          {...told}
          checked={value === undefined ? schema.default === true : value === true}
          onChange={(checked) =>
            onChange(checked === (schema.default === true) ? undefined : checked)
          }
        />
      );
    case "choice":
      return (
        <SelectField
          {...told}
          optional={!required}
          value={typeof value === "string" ? value : ""}
          onChange={(chosen) => onChange(chosen === "" ? undefined : chosen)}
          options={choices(schema, value)}
        />
      );
    case "columns":
    case "pairs":
      return (
        <PairsField
          {...told}
          required={required}
          value={isObject(value) ? value : undefined}
          onChange={onChange}
          names={kindOf(schema) === "columns" ? columnOptions(form, table, "write") : []}
          nameLabel={table !== undefined ? "Column" : "Name"}
        />
      );
    case "rows":
      return (
        <RowsField
          {...told}
          required={required}
          schema={schema}
          root={root}
          pointer={pointer}
          value={Array.isArray(value) ? value : undefined}
          onChange={onChange}
          options={{ table }}
        />
      );
    case "query":
      return (
        <QueryField
          {...told}
          value={typeof value === "string" ? value : ""}
          onChange={(text) => onChange(text === "" ? undefined : text)}
          table={table}
        />
      );
    case "value":
      return (
        <Field {...told} optional={!required}>
          {({ id, "aria-invalid": invalid }) => (
            <ValueInput
              id={id}
              label={told.label}
              invalid={invalid}
              value={value}
              onChange={(next) => onChange(next === "" && !required ? undefined : next)}
            />
          )}
        </Field>
      );
    default:
      return (
        <Field {...told} optional={!required}>
          {(wiring) => (
            <SchemaInput
              label={told.label}
              wiring={wiring}
              name={name}
              schema={schema}
              value={value}
              onChange={(next) => onChange(next === "" ? undefined : next)}
              table={table}
            />
          )}
        </Field>
      );
  }
}

/** The control of a property that is one line, or a text. */
export function SchemaInput({
  label,
  wiring,
  name = "",
  schema,
  value,
  onChange,
  table,
  column,
}: {
  label: string;
  wiring?: object;
  name?: string;
  schema: Schema;
  value: unknown;
  onChange: (value: unknown) => void;
  table: string | undefined;
  /** Whether it names a column of the table. */
  column?: boolean;
}) {
  const form = useForm();
  const kind = kindOf(schema);
  const isNumber = kind === "number";
  const enter = (text: string) => {
    const number = Number(text);
    onChange(isNumber && text.trim() && Number.isFinite(number) ? number : text);
  };
  const options = column ? columnOptions(form, table, "read") : offered(form, kind, name, schema);
  const choice = completeChoice(wholeText(options), form.variables);
  const isLong = kind === "json" || /^(message|body|text|description)$/.test(name);
  const plain = kind === "name" || kind === "recordset";
  const shown = value === undefined || value === null ? "" : String(value);
  return (
    <Completed
      {...(wiring ?? { "aria-label": label })}
      value={shown}
      onChange={enter}
      complete={
        options.length > 0
          ? choice
          : plain
            ? () => null
            : kind === "json"
              ? completeVariables(form.variables)
              : form.complete
      }
      multiline={isLong}
      mono={kind === "json" || plain || kind === "table"}
      placeholder={typeof schema.default === "number" ? String(schema.default) : ""}
    />
  );
}

function offered(form: FormData, kind: string, name: string, schema: Schema): Option[] {
  if (kind === "table") return tableOptions(form, schema);
  if (kind === "account") return form.accounts.map((value) => ({ value }));
  if (kind === "recordset") {
    return form.recordsets.map(({ name, table }) => ({ value: name, hint: table ?? "" }));
  }
  if (name === "scenario") return form.scenarios.map((value) => ({ value }));
  return [];
}

/** The tables of the organisation, those that the block suggests first. */
function tableOptions(form: FormData, schema: Schema): Option[] {
  const suggested = schema["x-patchcord-suggestions"] ?? [];
  const first = suggested.map(({ title, value }) => ({ value, shown: title, hint: value }));
  const there = new Set(suggested.map(({ value }) => value));
  const others = form.tables
    .filter((table) => !there.has(table.entity_set))
    .map((table) => ({ value: table.entity_set, shown: table.label, hint: table.entity_set }));
  return [...first, ...others];
}

export function columnOptions(
  form: FormData,
  table: string | undefined,
  use: "read" | "write",
): Option[] {
  const columns = (table && form.columns.get(table)) || [];
  return columns
    .filter((column) => (use === "read" ? column.readable : column.creatable || column.updatable))
    .map((column) => ({
      value: use === "read" ? column.read_name : column.name,
      shown: column.label || column.name,
      hint: `${use === "read" ? column.read_name : column.name} · ${column.type}`,
    }));
}

function choices(schema: Schema, value: unknown): [string, string][] {
  const known = (schema.enum ?? []).map(String);
  const extra = typeof value === "string" && !known.includes(value) ? [value] : [];
  return [["", "–"], ...[...known, ...extra].map((one): [string, string] => [one, worded(one)])];
}

/** `GET` stays as it is; `not_equals` becomes words. */
function worded(choice: string): string {
  return choice === choice.toUpperCase() ? choice : humanized(choice);
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
