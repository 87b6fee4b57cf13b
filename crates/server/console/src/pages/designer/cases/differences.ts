// In what a test did not come out as expected: what was expected beside what came, without what is alike.

import type { CaseReport } from "../../../api/types";
import { type Naming, outermostAt } from "./naming";
import { callText, failureText, fetchText, popText, valueText } from "./words";

type Difference = CaseReport["differences"][number];

/** One place where the two differ. */
export type Row = {
  /** Which one of several it is. */
  label?: string;
  expected: string;
  came: string;
};

export type Told = { what: string; rows: Row[] };

const WHAT: Record<string, string> = {
  result: "Result",
  failure: "Failure",
  variables: "Variables",
  answer: "Answer",
  screen_pop: "Shown to the agent",
  path: "Way",
  requests: "Asked of Dynamics 365",
  fetches: "Asked of web servers",
};

export function told(difference: Difference, naming: Naming): Told {
  return { what: WHAT[difference.what] ?? difference.what, rows: rows(difference, naming) };
}

function rows({ what, expected, came }: Difference, naming: Naming): Row[] {
  switch (what) {
    case "failure":
      return [both(expected, came, (one) => failureText(one as object | null, naming))];
    case "screen_pop":
      return [both(expected, came, (one) => popText(one as object | null))];
    case "variables":
    case "answer":
      return byName(fields(expected), fields(came));
    case "path":
      return way(list(expected), list(came), naming);
    case "requests":
      return oneByOne(list(expected), list(came), (one) => callText(one as object, naming));
    case "fetches":
      return oneByOne(list(expected), list(came), (one) => fetchText(one as object, naming));
    default:
      return [both(expected, came, valueText)];
  }
}

function both(expected: unknown, came: unknown, text: (one: unknown) => string): Row {
  return { expected: text(expected), came: text(came) };
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const fields = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
const alike = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

function byName(expected: Record<string, unknown>, came: Record<string, unknown>): Row[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(came)]);
  return [...names]
    .filter((name) => !alike(expected[name], came[name]))
    .map((name) => ({ label: name, ...both(expected[name], came[name], valueText) }));
}

/** Both without what they begin and end with alike; `at` is how much that is at the beginning. */
function middle(
  expected: unknown[],
  came: unknown[],
): { at: number; sides: [unknown[], unknown[]] } {
  let at = 0;
  while (at < Math.min(expected.length, came.length) && alike(expected[at], came[at])) at += 1;
  let end = 0;
  const most = Math.min(expected.length, came.length) - at;
  while (end < most && alike(expected.at(-1 - end), came.at(-1 - end))) end += 1;
  const of = (all: unknown[]) => all.slice(at, all.length - end);
  return { at, sides: [of(expected), of(came)] };
}

function way(expected: unknown[], came: unknown[], naming: Naming): Row[] {
  const { at, sides } = middle(expected, came);
  const before = expected[at - 1];
  const [wanted, taken] = sides.map((side) =>
    side.length > 0 ? side.map((entry) => naming.way(String(entry))).join(" → ") : "nothing more",
  );
  const label = typeof before === "string" ? { label: `after ${naming.way(before)}` } : {};
  return [{ ...label, expected: wanted ?? "", came: taken ?? "" }];
}

function oneByOne(expected: unknown[], came: unknown[], text: (one: unknown) => string): Row[] {
  const [wanted, made] = middle(expected, came).sides;
  const shown = (one: unknown) => (one === undefined ? "nothing" : text(one));
  return Array.from({ length: Math.max(wanted.length, made.length) }, (_, index) => ({
    expected: shown(wanted[index]),
    came: shown(made[index]),
  })).filter(({ expected, came }) => expected !== came);
}

/** The block to look at first where a test failed; none where it is not in the document. */
export function failedAt(report: CaseReport, known: (id: string) => boolean): string | undefined {
  const difference = (what: string) => report.differences.find((one) => one.what === what);
  const failure = fields(difference("failure")?.came).step;
  const asked = difference("requests") ?? difference("fetches");
  const [wanted, made] = middle(list(asked?.expected), list(asked?.came)).sides;
  const path = difference("path");
  const { at, sides } = middle(list(path?.expected), list(path?.came));
  const candidates = [
    report.unanswered[0]?.step,
    failure,
    fields(made[0]).step ?? fields(wanted[0]).step,
    sides[1][0] ?? sides[0][0] ?? list(path?.expected)[at - 1],
    report.done.steps.at(-1)?.step,
  ];
  const ids = candidates.filter((one) => typeof one === "string").map(outermostAt);
  return ids.find(known);
}
