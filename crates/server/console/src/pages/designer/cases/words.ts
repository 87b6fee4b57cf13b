// What cases speak of, in words for who writes no code.

import type { TestCase } from "../../../api/types";
import { failureWord } from "../../../run/failures";
import type { Naming } from "./naming";

type Expected = TestCase["expect"];
export type ExpectedCall = NonNullable<Expected["requests"]>[number];
export type ExpectedFetch = NonNullable<Expected["fetches"]>[number];
type End = NonNullable<Expected["failure"]>;
type Pop = NonNullable<Expected["screen_pop"]>;

const CALLS: Record<string, (table: string) => string> = {
  query: (table) => `search ${table}`,
  "fetch-xml": (table) => `search ${table} with FetchXML`,
  count: (table) => `count ${table}`,
  "find-by-phone": (table) => `look for the number in ${table}`,
  retrieve: (table) => `read a record of ${table}`,
  create: (table) => `create a record of ${table}`,
  upsert: (table) => `create or update a record of ${table}`,
  update: (table) => `update a record of ${table}`,
  delete: (table) => `delete a record of ${table}`,
  associate: (table) => `link a record of ${table}`,
  disassociate: (table) => `unlink a record of ${table}`,
  execute: () => "run an action",
};

/** A value as it is read. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (value === "") return "an empty text";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `name: value`, a line each. */
export function pairs(values: Record<string, unknown> | null | undefined): string[] {
  return Object.entries(values ?? {}).map(([name, value]) => `${name}: ${valueText(value)}`);
}

export function callText(call: Partial<ExpectedCall>, naming: Naming): string {
  const what = CALLS[call.call ?? ""]?.(call.table || "any table") ?? call.call ?? "anything";
  const details = call.columns ? pairs(call.columns).join(", ") : call.asked;
  const parts = [what, call.key && `key ${call.key}`, details].filter(Boolean).join("; ");
  return inStep(call.step, parts, naming);
}

export function fetchText(fetch: Partial<ExpectedFetch>, naming: Naming): string {
  const body = fetch.body === undefined || fetch.body === null ? "" : `; ${valueText(fetch.body)}`;
  return inStep(fetch.step, `${fetch.method ?? "any request"} ${fetch.url ?? ""}${body}`, naming);
}

function inStep(step: string | null | undefined, what: string, naming: Naming): string {
  return step ? `${naming.step(step)}: ${what}` : what;
}

export function failureText(failure: Partial<End> | null | undefined, naming: Naming): string {
  if (!failure) return "no failure";
  const kind = failureWord(failure.kind ?? "failed");
  const message = failure.message ? `: ${failure.message}` : "";
  return failure.step ? `${kind} at ${naming.step(failure.step)}${message}` : `${kind}${message}`;
}

export function popText(pop: Partial<Pop> | null | undefined): string {
  return pop ? `${pop.entity_set} ${pop.id}` : "no record";
}

/** All that a case expects: what it is of, and a line for each. */
export function expectations(
  { expect }: TestCase,
  naming: Naming,
): [what: string, told: string[]][] {
  const all: [string, string[] | undefined][] = [
    ["Result", [expect.result]],
    ["Failure", expect.failure ? [failureText(expect.failure, naming)] : undefined],
    ["Way", expect.path?.map(naming.way)],
    ["Answer", expect.answer ? pairs(expect.answer) : undefined],
    ["Variables", expect.variables ? pairs(expect.variables) : undefined],
    [
      "Shown to the agent",
      expect.screen_pop === undefined ? undefined : [popText(expect.screen_pop)],
    ],
    ["Asked of Dynamics 365", expect.requests?.map((one) => callText(one, naming))],
    ["Asked of web servers", expect.fetches?.map((one) => fetchText(one, naming))],
  ];
  return all.flatMap(([what, told]) =>
    told === undefined ? [] : [[what, told.length > 0 ? told : ["nothing"]]],
  );
}
