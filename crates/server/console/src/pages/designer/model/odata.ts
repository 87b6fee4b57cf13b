// OData query options as rows that can be filled in, and back. A query is shown as rows only where these say exactly
// what the text says; any other stays the text that it is, and nothing of it is lost.

import { type Condition, readFilter, writeFilter } from "./odata_filter";

export type Query = {
  conditions: Condition[];
  /** Whether all of the conditions must hold, or one of them. */
  join: "and" | "or";
  select: string[];
  orderBy: { column: string; descending: boolean }[];
  top: string;
  /** The options in the order in which they stand; what has no rows keeps its text. */
  order: { name: string; raw?: string }[];
};

const SELECTED = /^[A-Za-z_][\w.]*$/;

export const EMPTY: Query = {
  conditions: [],
  join: "and",
  select: [],
  orderBy: [],
  top: "",
  order: [],
};

/** The rows of a query; null where rows cannot say what it says. */
export function readQuery(text: string): Query | null {
  const query: Query = { ...EMPTY, order: [] };
  if (text.trim() === "") return query;
  if (text.trimStart().startsWith("<")) return null;
  for (const option of split(text, "&")) {
    const [name, value] = cut(option.trim(), "=");
    if (value === null || !/^[$@]?[A-Za-z]\w*$/.test(name)) return null;
    query.order.push({ name });
    if (query.order.filter((other) => other.name === name).length > 1) return null;
    if (!readOption(query, name, value)) return null;
  }
  return same(writeQuery(query), text) ? query : null;
}

function readOption(query: Query, name: string, value: string): boolean {
  if (name === "$filter") {
    const filter = readFilter(value);
    if (!filter) return false;
    query.conditions = filter.conditions;
    query.join = filter.join;
  } else if (name === "$select") {
    query.select = value.split(",").map((column) => column.trim());
    return query.select.every((column) => SELECTED.test(column));
  } else if (name === "$orderby") {
    const columns = value.split(",").map((part) => /^\s*([\w/]+)(\s+(asc|desc))?\s*$/.exec(part));
    query.orderBy = columns.map((found) => ({
      column: found?.[1] ?? "",
      descending: found?.[3] === "desc",
    }));
    return columns.every((found) => found !== null && found[3] !== "asc");
  } else if (name === "$top") {
    query.top = value.trim();
  } else {
    const last = query.order.at(-1);
    if (last) last.raw = value;
  }
  return true;
}

/** The text of a query: options as they stood, new ones after them. */
export function writeQuery(query: Query): string {
  const known: Record<string, string> = {
    $filter: writeFilter(query.conditions, query.join),
    $select: query.select.filter((column) => SELECTED.test(column)).join(","),
    $orderby: query.orderBy
      .filter(({ column }) => /^[\w/]+$/.test(column))
      .map(({ column, descending }) => (descending ? `${column} desc` : column))
      .join(","),
    $top: query.top.replaceAll("&", "").trim(),
  };
  const names = query.order.map(({ name }) => name);
  const added = Object.keys(known).filter((name) => !names.includes(name));
  const all = [...query.order, ...added.map((name) => ({ name, raw: undefined }))];
  return all
    .map(({ name, raw }) => [name, raw ?? known[name] ?? ""])
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** Whether two texts say the same: blanks between words count as one. */
function same(one: string, other: string): boolean {
  return blanks(one) === blanks(other);
}

function blanks(text: string): string {
  const parts = text.split(/('(?:[^']|'')*')/);
  const outside = (part: string) => part.replace(/\s+/g, " ").replace(/\s*([,&=()])\s*/g, "$1");
  return parts
    .map((part, index) => (index % 2 === 1 ? part : outside(part)))
    .join("")
    .trim();
}

/** The parts between separators that stand outside of quotes. */
function split(text: string, separator: string): string[] {
  const parts = [""];
  let quoted = false;
  for (const character of text) {
    if (character === "'") quoted = !quoted;
    if (character === separator && !quoted) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function cut(text: string, separator: string): [before: string, after: string | null] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, null] : [text.slice(0, at).trim(), text.slice(at + 1)];
}
