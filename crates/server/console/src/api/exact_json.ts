// JSON in which the numbers of test cases keep their digits: an amount comes from Dynamics 365 as `25000.00` or with more
// digits than a number of this language has, and has to go back into a case as it came.

type Raw = { rawJSON: string };

/** Of the language, in browsers since 2023 to 2025; without it numbers are what they are anywhere else. */
const { rawJSON, isRawJSON } = JSON as {
  rawJSON?: (text: string) => Raw;
  isRawJSON?: (value: unknown) => value is Raw;
};

/** Reads JSON. What is read within a case is written as it was; elsewhere a number is a number. */
export function readExact(text: string): unknown {
  if (!rawJSON || !/"cases?":/.test(text)) return JSON.parse(text);
  const keep = (_: string, value: unknown, { source }: { source?: string } = {}) =>
    typeof value === "number" && source !== undefined && String(value) !== source
      ? rawJSON(source)
      : value;
  return settled(JSON.parse(text, keep));
}

/** An answer, or a file: the cases in it stay exact. A variable may be called `case` as well, but is none. */
function settled(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return plain(value);
  const fields = Object.entries(value).map(([name, of]) => {
    if (name === "cases" || (name === "case" && has(of, "expect"))) return [name, of];
    // Of a trial the case comes with how it goes.
    return [name, name === "case" && has(of, "case") ? settled(of) : plain(of)];
  });
  return Object.fromEntries(fields);
}

function has(value: unknown, field: string): boolean {
  return typeof value === "object" && value !== null && field in value;
}

function plain(value: unknown): unknown {
  if (isRawJSON?.(value)) return Number(value.rawJSON);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, plain(of)]));
}
