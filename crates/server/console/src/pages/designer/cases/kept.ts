// The test cases that are kept with a scenario. What somebody else saves meanwhile is never overwritten: a change is made
// to what was read last, and made anew where that is not there any more.

import { answer, api } from "../../../api/client";
import { ApiError } from "../../../api/problem";
import type { TestCase } from "../../../api/types";
import { isConflict } from "../stored";

export type Kept = {
  cases: TestCase[];
  /** None where none were ever saved. */
  revision: number | undefined;
};

/** How often a change is made anew. */
const ATTEMPTS = 3;

/** Told of each change that was made here: its type is the scenario's name. */
const changes = new EventTarget();

/** Calls back after each change of a scenario's cases; answers what ends that. */
export function onCasesChanged(scenario: string, listener: () => void): () => void {
  changes.addEventListener(scenario, listener);
  return () => changes.removeEventListener(scenario, listener);
}

export async function fetchCases(scenario: string): Promise<Kept> {
  const params = { path: { name: scenario } };
  const { cases, revision } = await answer(api.GET("/v1/scenarios/{name}/cases", { params }));
  return { cases, revision };
}

/** Changes the cases that are kept. `change` may be asked more than once. */
export async function changeCases(
  scenario: string,
  change: (cases: TestCase[]) => TestCase[],
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { cases, revision } = await fetchCases(scenario);
    try {
      await save(scenario, change(cases), revision);
      changes.dispatchEvent(new Event(scenario));
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

function save(scenario: string, cases: TestCase[], revision: number | undefined): Promise<unknown> {
  const header =
    revision === undefined ? { "If-None-Match": "*" } : { "If-Match": `"${revision}"` };
  const params = { path: { name: scenario }, header };
  return answer(api.PUT("/v1/scenarios/{name}/cases", { params, body: { cases } }));
}

/** Adds a case. Each has a name of its own, by which people know it. */
export function addCase(scenario: string, added: TestCase): Promise<void> {
  return changeCases(scenario, (cases) => {
    refuseTaken(cases, added.name);
    return [...cases, added];
  });
}

/** Changes one of them, or takes it away. It is known by its name and its place among those of that name. */
export function changeCase(
  scenario: string,
  which: { name: string; nth: number },
  change: (known: TestCase) => TestCase | undefined,
): Promise<void> {
  return changeCases(scenario, (cases) => {
    const same = cases.filter(({ name }) => name === which.name);
    const known = same[which.nth];
    if (!known)
      throw new ApiError(0, { detail: "somebody else has taken this test away meanwhile" });
    const changed = change(known);
    const others = cases.filter((one) => one !== known);
    if (changed) refuseTaken(others, changed.name);
    return cases.flatMap((one) => (one === known ? (changed ?? []) : one));
  });
}

function refuseTaken(cases: TestCase[], name: string): void {
  if (!cases.some((known) => known.name === name)) return;
  throw new ApiError(0, { detail: "there is a test with this name already: choose another one" });
}
