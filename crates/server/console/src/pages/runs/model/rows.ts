// A run as the rows of its waterfall: a step a row, under it what it did, in the order of time.

import type { Attempt, HostCall, StepTrace } from "../../../api/types";
import { callTitle, hasFailed, isCached } from "../../../run/host_call";
import { placeOf } from "../../../run/place";
import { type Part, partsOf } from "./parts";
import { keyOf, type OpenStep, stepKey, type Trace } from "./trace";

/** In place of a step that began before anybody listened: its name comes with its end. */
const UNKNOWN = "?";

type Of =
  | { kind: "step"; step: StepTrace }
  /** A step that is under way, or of which nothing is known but what happened within it. */
  | { kind: "open"; place: string; visit: number; block: string }
  | { kind: "call"; call: HostCall; step: StepTrace; index: number }
  | { kind: "request"; request: Attempt; call: HostCall; step: StepTrace; index: number };

export type Row = Of & {
  key: string;
  level: number;
  parent: Row | undefined;
  title: string;
  /** Microseconds from the beginning of the run. */
  fromUs: number;
  toUs: number;
  /** Within the row, in microseconds from the beginning of the run. */
  parts: Part[];
  /** What went wrong, in a word or two. */
  bad: string | undefined;
  /** When what stands before it on the same level ended: what is between the two is a gap. */
  afterUs: number | undefined;
  children: Row[];
};

/** The rows of the first level; `nowUs` is where what has not ended is cut. */
export function rowsOf(trace: Trace, nowUs: number): Row[] {
  const byKey = new Map<string, Row>();
  for (const step of trace.steps) byKey.set(stepKey(step), stepRow(step));
  for (const open of openSteps(trace))
    byKey.set(keyOf(open.place, open.visit), openRow(open, nowUs));
  const first: Row[] = [];
  for (const row of byKey.values()) {
    const place = row.kind === "step" ? placeOf(row.step) : row.kind === "open" ? row.place : "";
    const within = withinOf(place);
    const parent = within && byKey.get(within);
    if (parent) parent.children.push(row);
    else first.push(row);
  }
  arrange(first, undefined);
  return first;
}

/** `start/1/find` is within the first visit of `start`: the key of that step. */
function withinOf(place: string): string | undefined {
  const parts = place.split("/");
  if (parts.length < 3) return undefined;
  return keyOf(parts.slice(0, -2).join("/"), Number(parts.at(-2)));
}

/** Those that are known to have begun, and those within which something has happened. */
function openSteps(trace: Trace): OpenStep[] {
  const known = new Set(trace.steps.map(stepKey));
  const open = new Map<string, OpenStep>();
  const add = (step: OpenStep) => {
    const key = keyOf(step.place, step.visit);
    const before = open.get(key);
    if (known.has(key) || (before && before.startedUs <= step.startedUs)) return;
    open.set(key, { ...step, block: step.block || (before?.block ?? "") });
  };
  for (const step of trace.open) add(step);
  for (const { place, startedUs } of [
    ...trace.open,
    ...trace.steps.map((step) => ({ place: placeOf(step), startedUs: step.started_us })),
  ]) {
    for (let parts = place.split("/"); parts.length >= 3; ) {
      const visit = Number(parts.at(-2));
      parts = parts.slice(0, -2);
      add({ place: parts.join("/"), visit, block: "", startedUs });
    }
  }
  if (!trace.ended && trace.open.length === 0) {
    const ends = trace.steps.map((step) => step.started_us + step.elapsed_us);
    const deepest = [...open.values()].reduce((deepest, { place, visit }) => {
      const within = `${place}/${visit}/`;
      return within.length > deepest.length ? within : deepest;
    }, "");
    add({ place: deepest + UNKNOWN, visit: 1, block: "", startedUs: Math.max(0, ...ends) });
  }
  return [...open.values()];
}

function stepRow(step: StepTrace): Row {
  const [fromUs, toUs] = [step.started_us, step.started_us + step.elapsed_us];
  const calls = step.host_calls.map((call, index) => callRow(step, call, index));
  const busy = calls.map((call): Part => ({ what: "calls", fromUs: call.fromUs, toUs: call.toUs }));
  return {
    kind: "step",
    step,
    key: stepKey(step),
    title: step.visit > 1 ? `${step.title} (visit ${step.visit})` : step.title,
    fromUs,
    toUs,
    parts: [{ what: "work", fromUs, toUs }, ...busy],
    bad: step.failure ? step.failure.kind : undefined,
    children: calls,
    ...PLACED,
  };
}

function openRow({ place, visit, block, startedUs }: OpenStep, nowUs: number): Row {
  const last = place.split("/").at(-1) ?? place;
  const id = last === UNKNOWN ? "The next step" : last;
  const toUs = Math.max(startedUs, nowUs);
  return {
    kind: "open",
    place,
    visit,
    block,
    key: keyOf(place, visit),
    title: visit > 1 ? `${id} (visit ${visit})` : id,
    fromUs: startedUs,
    toUs,
    parts: [{ what: "work", fromUs: startedUs, toUs }],
    bad: undefined,
    children: [],
    ...PLACED,
  };
}

function callRow(step: StepTrace, call: HostCall, index: number): Row {
  const key = `${stepKey(step)}:${index}`;
  const fromUs = step.started_us + call.started_us;
  const at = (us: number) => fromUs + us;
  const attempts = (call.attempts ?? []).toSorted((a, b) => a.started_us - b.started_us);
  const requests = attempts.length < 2 ? [] : attempts;
  return {
    kind: "call",
    call,
    step,
    index,
    key,
    title: callTitle(call),
    fromUs,
    toUs: at(call.elapsed_us),
    parts: partsOf(call).map((part) => ({ ...part, fromUs: at(part.fromUs), toUs: at(part.toUs) })),
    bad: call.error === null ? undefined : errorWord(call.error),
    children: requests.map((request, index) => requestRow(step, call, request, index, at)),
    ...PLACED,
  };
}

function requestRow(
  step: StepTrace,
  call: HostCall,
  request: Attempt,
  index: number,
  at: (us: number) => number,
): Row {
  const [fromUs, toUs] = [at(request.started_us), at(request.started_us + request.elapsed_us)];
  const failed = hasFailed(request);
  const paused = { what: "pause", fromUs: toUs, toUs: toUs + request.pause_us } as const;
  return {
    kind: "request",
    request,
    call,
    step,
    index,
    key: `${stepKey(step)}:${step.host_calls.indexOf(call)}:${index}`,
    title: `Request ${index + 1}`,
    fromUs,
    toUs,
    parts: [
      { what: failed ? "failed" : "request", fromUs, toUs },
      ...(request.pause_us > 0 ? [paused] : []),
    ],
    bad: failed ? String(request.status ?? request.error ?? "no answer") : undefined,
    children: [],
    ...PLACED,
  };
}

/** Until it is put in its place. */
const PLACED = { level: 1, parent: undefined, afterUs: undefined };

function arrange(rows: Row[], parent: Row | undefined): void {
  rows.sort((a, b) => a.fromUs - b.fromUs);
  let afterUs = parent?.fromUs ?? 0;
  for (const row of rows) {
    row.parent = parent;
    row.level = (parent?.level ?? 0) + 1;
    row.afterUs = row.kind === "request" ? undefined : afterUs;
    afterUs = Math.max(afterUs, row.toUs);
    arrange(row.children, row);
  }
}

/** The cause of an error as a word; `{"throttled": 3000}` is one too. */
function errorWord(error: NonNullable<HostCall["error"]>): string {
  const word = typeof error === "string" ? error : (Object.keys(error)[0] ?? "error");
  return word.replaceAll("-", "_");
}

/** Those that are seen: what is folded hides what is under it. */
export function shown(rows: Row[], isFolded: (row: Row) => boolean): Row[] {
  return rows.flatMap((row) => [row, ...(isFolded(row) ? [] : shown(row.children, isFolded))]);
}

/** All rows, whatever is folded; counted through once for each run. */
export function all(rows: Row[]): Row[] {
  const known = flat.get(rows);
  if (known) return known;
  const every = shown(rows, () => false);
  flat.set(rows, every);
  return every;
}

const flat = new WeakMap<Row[], Row[]>();

/** The last moment of which something is told. */
export function endOf(rows: Row[]): number {
  return all(rows).reduce((last, row) => Math.max(last, row.toUs), 0);
}

/** Whether it came to nothing. A request that was sent anew has not. */
export function isFailure(row: Row): boolean {
  return row.bad !== undefined && row.kind !== "request";
}

/** Whether something failed in the row or under it. */
export function holdsFailure(row: Row): boolean {
  return isFailure(row) || row.children.some(holdsFailure);
}

/** What a run came to, in numbers. */
type Sums = {
  calls: number;
  requests: number;
  repeated: number;
  cached: number;
  waitedUs: number;
};

export function sumsOf(steps: StepTrace[]): Sums {
  const sums = { calls: 0, requests: 0, repeated: 0, cached: 0, waitedUs: 0 };
  for (const call of steps.flatMap((step) => step.host_calls)) {
    sums.calls += 1;
    sums.requests += call.requests;
    sums.repeated += (call.attempts ?? []).slice(0, -1).filter(hasFailed).length;
    sums.cached += isCached(call) ? 1 : 0;
    sums.waitedUs += (call.gate_us ?? 0) + (call.token_us ?? 0);
  }
  return sums;
}
