// Files of test cases, as `patchcord scenario test` takes them.

import { readExact } from "../api/exact_json";
import { ApiError } from "../api/problem";
import type { TestCase } from "../api/types";
import { download } from "../ui/download";

/** The cases in the text of a file.
 * @throws what is read by people, where there are none in it. The server says what is wrong with a case. */
export function casesIn(text: string): TestCase[] {
  let file: unknown;
  try {
    file = readExact(text);
  } catch (error) {
    throw new ApiError(0, { detail: `the file is no JSON: ${String(error)}` });
  }
  const cases = (file as { cases?: unknown } | null)?.cases;
  if (Array.isArray(cases) && cases.length > 0) return cases;
  throw new ApiError(0, { detail: "there are no test cases in the file: it has no list `cases`" });
}

/** Gives the reader a file of cases of a scenario. */
export function downloadCases(scenario: string, cases: TestCase[]): void {
  download(`${scenario}.test.json`, fileOf(cases));
}

/** The text of a file of cases. */
function fileOf(cases: TestCase[]): string {
  return `${JSON.stringify({ cases }, undefined, 2)}\n`;
}

/** Takes in the cases of a file: in the place of those that have their names, the others behind all. */
export function takeIn(kept: TestCase[], file: TestCase[]): TestCase[] {
  const coming = [...file];
  const replaced = kept.map((known) => {
    const at = coming.findIndex(({ name }) => name === known.name);
    return at < 0 ? known : (coming.splice(at, 1)[0] ?? known);
  });
  return [...replaced, ...coming];
}
