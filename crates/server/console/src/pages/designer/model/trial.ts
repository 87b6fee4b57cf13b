// A trial or a run as the canvas shows it: made of its events while it is under way, and of its steps afterwards.

import type { RunEvent, StepTrace, UnsentRequest } from "../../../api/types";
import { placeOf } from "../../../run/place";

/** A visit of a step. Its trace is there once it has ended. */
export type Visit = {
  /** The id of the instance, after those that started its scenario: `start/1/find`. */
  place: string;
  visit: number;
  /** The block, as `id@version`. */
  block: string;
  trace?: StepTrace | undefined;
};

export type State = "running" | "done" | "handled" | "failed";

/** How an instance stands: as after its last visit, and how often the run has come there. */
export type Mark = { state: State; visits: number };

/** What is marked on the canvas. */
export type Marks = {
  instances: ReadonlyMap<string, Mark>;
  /** How often each wire was taken, by `instance:exit`. */
  wires: ReadonlyMap<string, number>;
  /** Whether it is over: what has no mark was not reached. */
  over: boolean;
};

export function visitsOf(steps: StepTrace[]): Visit[] {
  return steps.map((trace) => ({
    place: placeOf(trace),
    visit: trace.visit,
    block: trace.block,
    trace,
  }));
}

export function isSame(one: Visit | undefined, other: Visit | undefined): boolean {
  return one?.place === other?.place && one?.visit === other?.visit;
}

/** A step has begun. */
function began(visits: Visit[], step: Omit<Visit, "trace">): Visit[] {
  return visits.some((one) => isSame(one, step)) ? visits : [...visits, step];
}

/** A step has ended; one whose beginning was not heard is added. */
function ended(visits: Visit[], trace: StepTrace): Visit[] {
  const [whole] = visitsOf([trace]);
  if (!whole) return visits;
  return visits.some((one) => isSame(one, whole))
    ? visits.map((one) => (isSame(one, whole) ? whole : one))
    : [...visits, whole];
}

/** What is known after an event. */
export function followed(visits: Visit[], { step, block = "", visit = 1 }: RunEvent): Visit[] {
  if (typeof step === "string") return began(visits, { place: step, visit, block });
  return step ? ended(visits, step) : visits;
}

export function stateOf({ trace }: Visit): State {
  if (!trace) return "running";
  if (!trace.failure) return "done";
  return trace.exit || trace.caught_by ? "handled" : "failed";
}

/** How deep a step is in scenarios that were started: 0 in the one that is tried. */
export function depthOf({ place }: Visit): number {
  return (place.split("/").length - 1) / 2;
}

/** The instance of the scenario that is tried; none for steps of scenarios that it started. */
export function instanceAt(visit: Visit): string | undefined {
  return depthOf(visit) === 0 ? visit.place : undefined;
}

export function marksOf(visits: Visit[], over: boolean): Marks {
  const instances = new Map<string, Mark>();
  const wires = new Map<string, number>();
  for (const visit of visits) {
    const id = instanceAt(visit);
    if (id === undefined) continue;
    const before = instances.get(id)?.visits ?? 0;
    instances.set(id, { state: stateOf(visit), visits: before + 1 });
    const exit = visit.trace?.exit;
    if (exit) wires.set(`${id}:${exit}`, (wires.get(`${id}:${exit}`) ?? 0) + 1);
  }
  return { instances, wires, over };
}

const WORDS: Record<State, string> = {
  running: "Running",
  done: "Done",
  handled: "Failed, went on",
  failed: "Failed",
};

export function worded(state: State): string {
  return WORDS[state];
}

/** How an instance stands, in words; nothing where nothing is shown of it. */
export function toldOf(marks: Marks | undefined, id: string): string {
  const mark = marks?.instances.get(id);
  if (!mark) return marks?.over ? "Not reached" : "";
  return mark.visits > 1 ? `${WORDS[mark.state]}, ${mark.visits} times` : WORDS[mark.state];
}

/** The step at which it went wrong: the one that ended it, or else the last that failed. */
export function culprit(visits: Visit[]): Visit | undefined {
  const ended = visits.findLast((visit) => stateOf(visit) === "failed");
  return ended ?? visits.findLast((visit) => stateOf(visit) === "handled");
}

/** The requests that a step would have sent. */
export function unsentOf(requests: UnsentRequest[], { place, visit }: Visit): UnsentRequest[] {
  return requests.filter((request) => request.step === place && request.visit === visit);
}
