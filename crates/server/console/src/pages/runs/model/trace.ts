// What is known of a run, whether it has ended or is under way: events are put into it as they come.

import type { Failure, Run, RunEvent, RunUnderWay, ScreenPop, StepTrace } from "../../../api/types";
import { placeOf } from "../../../run/place";

/** A step that has begun and not ended. */
export type OpenStep = { place: string; visit: number; block: string; startedUs: number };

export type Ended = {
  result: string;
  failure: Failure | null;
  screenPop: ScreenPop | null;
};

export type Trace = {
  run: string;
  scenario: string;
  version: number;
  startedAt: string;
  elapsedUs: number;
  steps: StepTrace[];
  open: OpenStep[];
  resumed: number;
  /** How it ended; undefined while it is under way. */
  ended: Ended | undefined;
};

export function keyOf(place: string, visit: number): string {
  return `${place}#${visit}`;
}

export function stepKey(step: StepTrace): string {
  return keyOf(placeOf(step), step.visit);
}

export function traceOf(run: Run | RunUnderWay): Trace {
  const underWay = "under_way" in run;
  return {
    run: run.run,
    scenario: run.scenario,
    version: run.version,
    startedAt: run.started_at,
    elapsedUs: run.elapsed_ms * 1000,
    steps: run.steps,
    open: [],
    resumed: run.resumed ?? 0,
    ended: underWay
      ? undefined
      : { result: run.result, failure: run.failure, screenPop: run.screen_pop },
  };
}

/** What was fetched, with what was told meanwhile. */
export function joined(told: Trace | undefined, fetched: Trace): Trace {
  if (!told || fetched.ended) return fetched;
  const known = new Set(fetched.steps.map(stepKey));
  const steps = [...fetched.steps, ...told.steps.filter((step) => !known.has(stepKey(step)))];
  return { ...fetched, steps, open: stillOpen(told.open, steps) };
}

/** The trace after an event that came `elapsedUs` after the run began. */
export function withEvent(trace: Trace, name: string, event: RunEvent, elapsedUs: number): Trace {
  const { step } = event;
  if (name === "step_began" && typeof step === "string") {
    const [visit, block] = [event.visit ?? 1, event.block ?? ""];
    const key = keyOf(step, visit);
    if (trace.steps.some((known) => stepKey(known) === key)) return trace;
    const open = trace.open.filter((other) => keyOf(other.place, other.visit) !== key);
    return { ...trace, open: [...open, { place: step, visit, block, startedUs: elapsedUs }] };
  }
  if (name === "step_ended" && typeof step === "object") {
    const key = stepKey(step);
    const steps = [...trace.steps.filter((known) => stepKey(known) !== key), step];
    return { ...trace, steps, open: stillOpen(trace.open, steps) };
  }
  if (name === "run_ended") {
    const ended = {
      result: event.result ?? "",
      failure: event.failure ?? null,
      screenPop: null,
    };
    return { ...trace, ended, open: [], elapsedUs: (event.elapsed_ms ?? 0) * 1000 };
  }
  return trace;
}

function stillOpen(open: OpenStep[], steps: StepTrace[]): OpenStep[] {
  const known = new Set(steps.map(stepKey));
  return open.filter(({ place, visit }) => !known.has(keyOf(place, visit)));
}
