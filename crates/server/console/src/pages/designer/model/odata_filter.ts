// Conditions of `$filter` that rows can hold: `column operator value` and the text functions, all joined by one word.

export type Condition = {
  column: string;
  operator: string;
  value: string;
  /** Whether the value is text, which stands between quotes; otherwise it is a number, a date, a GUID or the like. */
  text: boolean;
};

export const OPERATORS: [operator: string, shown: string][] = [
  ["eq", "is"],
  ["ne", "is not"],
  ["contains", "contains"],
  ["not contains", "does not contain"],
  ["startswith", "begins with"],
  ["endswith", "ends with"],
  ["gt", "is greater than"],
  ["ge", "is at least"],
  ["lt", "is less than"],
  ["le", "is at most"],
  ["empty", "is empty"],
  ["not empty", "is not empty"],
];

/** Whether an operator stands for itself. */
export function takesNoValue(operator: string): boolean {
  return operator === "empty" || operator === "not empty";
}

type Filter = { conditions: Condition[]; join: "and" | "or" };

const COMPARING = ["eq", "ne", "gt", "ge", "lt", "le"];
const FUNCTIONS = ["contains", "startswith", "endswith"];

export function readFilter(text: string): Filter | null {
  const words = tokens(text);
  if (!words) return null;
  const conditions: Condition[] = [];
  let join: string | undefined;
  for (let at = 0; at < words.length; ) {
    if (conditions.length > 0) {
      const word = words[at++];
      if ((word !== "and" && word !== "or") || (join && join !== word)) return null;
      join = word;
    }
    const read = condition(words, at);
    if (!read) return null;
    conditions.push(read.condition);
    at = read.next;
  }
  return conditions.length > 0 ? { conditions, join: join === "or" ? "or" : "and" } : null;
}

/** Words, literals and parentheses; null where there is anything else. */
function tokens(text: string): string[] | null {
  const found: string[] = [];
  const form = /\s*('(?:[^']|'')*'|\$\([^()']*\)|[(),]|[^\s'(),$]+)/y;
  let end = 0;
  for (let match = form.exec(text); match; match = form.exec(text)) {
    found.push(match[1] ?? "");
    end = form.lastIndex;
  }
  return text.slice(end).trim() === "" ? found : null;
}

function condition(words: string[], at: number): { condition: Condition; next: number } | null {
  const negated = words[at] === "not";
  const first = words[at + (negated ? 1 : 0)] ?? "";
  if (FUNCTIONS.includes(first)) {
    const [open, column, comma, value, close] = words.slice(at + (negated ? 2 : 1));
    const whole = open === "(" && comma === "," && close === ")";
    const literal = value === undefined ? null : readLiteral(value);
    if (!whole || !isColumn(column) || !literal?.text) return null;
    if (negated && first !== "contains") return null;
    const operator = negated ? `not ${first}` : first;
    return { condition: { column, operator, ...literal }, next: at + (negated ? 7 : 6) };
  }
  const [column, operator = "", value] = words.slice(at);
  if (negated || !isColumn(column) || !COMPARING.includes(operator)) return null;
  if (value === "null" && (operator === "eq" || operator === "ne")) {
    const empty = operator === "eq" ? "empty" : "not empty";
    return { condition: { column, operator: empty, value: "", text: false }, next: at + 3 };
  }
  const literal = value === undefined ? null : readLiteral(value);
  return literal && { condition: { column, operator, ...literal }, next: at + 3 };
}

function isColumn(word: string | undefined): word is string {
  return word !== undefined && /^[A-Za-z_][\w/.]*$/.test(word);
}

function readLiteral(word: string): { value: string; text: boolean } | null {
  if (word.startsWith("'")) return { value: word.slice(1, -1).replaceAll("''", "'"), text: true };
  return /^[(),]$/.test(word) ? null : { value: word, text: false };
}

/** What a value that is no text looks like. */
const PLAIN = /^(\$\([^()']*\)|[^\s'(),$&]+)$/;

/** Conditions without a column are not written: they are not filled in yet. */
export function writeFilter(conditions: Condition[], join: "and" | "or"): string {
  return conditions
    .filter(({ column }) => isColumn(column))
    .map(writeCondition)
    .join(` ${join} `);
}

function writeCondition({ column, operator, value, text }: Condition): string {
  if (takesNoValue(operator)) return `${column} ${operator === "empty" ? "eq" : "ne"} null`;
  const name = operator.split(" ").at(-1) ?? operator;
  if (FUNCTIONS.includes(name)) {
    const call = `${name}(${column},${quoted(value)})`;
    return operator.startsWith("not ") ? `not ${call}` : call;
  }
  return `${column} ${operator} ${text || !PLAIN.test(value) ? quoted(value) : value}`;
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
