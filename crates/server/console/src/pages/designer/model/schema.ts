// What a property's JSON Schema asks its field to be.

import { humanized } from "./blocks";

export type Schema = {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  "x-patchcord-kind"?: string;
  "x-patchcord-suggestions"?: { title: string; value: string }[];
};

/** The kinds of fields that the Edit pane has. */
export type FieldKind =
  | "text"
  | "choice"
  | "boolean"
  | "number"
  | "rows"
  | "object"
  | "pairs"
  | "columns"
  | "value"
  | "table"
  | "query"
  | "recordset"
  | "name"
  | "account"
  | "json";

const BY_KEYWORD: Record<string, FieldKind> = {
  text: "text",
  "entity-set": "table",
  "odata-query": "query",
  "recordset-name": "recordset",
  "variable-name": "name",
  "exit-name": "name",
  "record-id": "text",
  url: "text",
  account: "account",
  "column-values": "columns",
  json: "json",
};

/** A schema with what it refers to taken in; of an optional value, that of the value. */
export function resolved(schema: Schema, root: Schema, depth = 0): Schema {
  if (depth > 20) return schema;
  const { $ref, ...rest } = schema;
  if ($ref) {
    const target = $ref.startsWith("#/$defs/")
      ? root.$defs?.[$ref.slice("#/$defs/".length)]
      : undefined;
    return target ? { ...resolved(target, root, depth + 1), ...rest } : rest;
  }
  const { anyOf, oneOf, allOf, ...own } = schema;
  const members = (anyOf ?? oneOf ?? allOf ?? []).map((one) => resolved(one, root, depth + 1));
  const values = members.filter((one) => one.type !== "null");
  if (values.length > 0 && values.every((one) => one.const !== undefined)) {
    return { ...own, enum: values.map((one) => one.const) };
  }
  return values.length === 1 ? { ...values[0], ...own } : schema;
}

export function kindOf(schema: Schema): FieldKind {
  const keyword = schema["x-patchcord-kind"];
  if (keyword && BY_KEYWORD[keyword]) return BY_KEYWORD[keyword];
  if (schema.enum) return "choice";
  const types = [schema.type ?? []].flat().filter((type) => type !== "null");
  if (types.length !== 1) return "value";
  switch (types[0]) {
    case "string":
      return "text";
    case "boolean":
      return "boolean";
    case "integer":
    case "number":
      return "number";
    case "array":
      return schema.items ? "rows" : "value";
    case "object":
      return schema.properties ? "object" : "pairs";
    default:
      return "value";
  }
}

export function labelOf(name: string, schema: Schema): string {
  return schema.title ?? humanized(name);
}

/** What is shown as an example where nothing has been entered. */
export function hintOf(schema: Schema): string {
  return (schema.description ?? "").replace(/\s+/g, " ");
}

/** What a new row of a list begins with. */
export function emptyOf(schema: Schema): unknown {
  const kind = kindOf(schema);
  if (kind === "object" || kind === "pairs" || kind === "columns") return {};
  if (kind === "rows") return [];
  return "";
}
