// JSON in which the numbers of test cases keep their digits: an amount comes from Dynamics 365 as `25000.00` or with more
// digits than a number of this language has, and has to go back into a case as it came.

type Raw = { rawJSON: string };

/** Of the language, in browsers since 2023 to 2025; without it numbers are what they are anywhere else. */
const { rawJSON, isRawJSON } = JSON as {
  rawJSON?: (text: string) => Raw;
  isRawJSON?: (value: unknown) => value is Raw;
};

/** Fields whose values are test cases. */
const CASES = new Set(["case", "cases"]);

/** Reads JSON. What is read within a case is written as it was; elsewhere a number is a number. */
export function readExact(text: string): unknown {
  if (!rawJSON || !/"cases?":/.test(text)) return JSON.parse(text);
  const keep = (_: string, value: unknown, { source }: { source?: string } = {}) =>
    typeof value === "number" && source !== undefined && String(value) !== source
      ? rawJSON(source)
      : value;
  return plain(JSON.parse(text, keep));
}

function plain(value: unknown): unknown {
  if (isRawJSON?.(value)) return Number(value.rawJSON);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const settled = Object.entries(value).map(([name, of]) => [
    name,
    CASES.has(name) ? of : plain(of),
  ]);
  return Object.fromEntries(settled);
}
