import { expect, test } from "vitest";
import type { StepTrace, UnsentRequest } from "../../../api/types";
import { recordedBy, type Walked } from "./replays";
import {
  culprit,
  depthOf,
  followed,
  instanceAt,
  marksOf,
  stateOf,
  toldOf,
  unsentOf,
  type Visit,
  visitsOf,
} from "./trial";
import { toldOf as differing } from "./unrecorded";

function step(id: string, more: Partial<StepTrace> = {}): StepTrace {
  return {
    id,
    block: "core.if@1.0.0",
    title: id,
    visit: 1,
    exit: "next",
    failure: null,
    started_us: 0,
    elapsed_us: 10,
    host_calls: [],
    log: [],
    ...more,
  };
}

const failure = { step: "find", kind: "timeout", message: "the deadline passed" } as const;

test("events make the same as the steps of the answer", () => {
  const inner = step("look", { within: "start/1", scenario: "other@2" });
  const outer = step("start");
  const begins = { run: "r", scenario: "s" };
  const under = [
    begins,
    { ...begins, step: "start", visit: 1, block: outer.block },
    { ...begins, step: "start/1/look", visit: 1, block: inner.block },
  ].reduce(followed, [] as Visit[]);
  expect(under.map(stateOf)).toEqual(["running", "running"]);
  // Of the last one the beginning was not heard.
  const visits = [inner, outer, step("end", { exit: null })]
    .map((step) => ({ ...begins, step }))
    .reduce(followed, under);
  expect(visits).toEqual(visitsOf([outer, inner, step("end", { exit: null })]));
  expect(visits.map(depthOf)).toEqual([0, 1, 0]);
  expect(visits.map(instanceAt)).toEqual(["start", undefined, "end"]);
});

test("marks tell of the last visit, count visits and wires, and leave started scenarios out", () => {
  const visits = visitsOf([
    step("loop", { exit: "each" }),
    step("find", { failure, exit: "failed" }),
    step("loop", { visit: 2, exit: "each" }),
    step("find", { visit: 2 }),
    step("loop", { within: "start/1" }),
    step("gone", { failure, exit: null }),
  ]);
  const marks = marksOf(visits, true);
  expect([...marks.instances]).toEqual([
    ["loop", { state: "done", visits: 2 }],
    ["find", { state: "done", visits: 2 }],
    ["gone", { state: "failed", visits: 1 }],
  ]);
  expect([...marks.wires]).toEqual([
    ["loop:each", 2],
    ["find:failed", 1],
    ["find:next", 1],
  ]);
  expect(toldOf(marks, "loop")).toBe("Done, 2 times");
  expect(toldOf(marks, "elsewhere")).toBe("Not reached");
  expect(toldOf(marksOf(visits, false), "elsewhere")).toBe("");
  expect(toldOf(undefined, "loop")).toBe("");
});

test("what failed and went on is told apart from what ended it", () => {
  const [handled, caught, ended] = visitsOf([
    step("find", { failure, exit: "timeout" }),
    step("find", { failure, exit: null, caught_by: "handler", visit: 2 }),
    step("find", { failure, exit: null, visit: 3 }),
  ]);
  const all = [handled, caught, ended].filter((one) => one !== undefined);
  expect(all.map(stateOf)).toEqual(["handled", "handled", "failed"]);
  expect(culprit(all)).toBe(ended);
  expect(culprit(all.slice(0, 2))).toBe(caught);
  expect(culprit([])).toBeUndefined();
});

test("requests that were not sent belong to the visit that made them", () => {
  const request = (step: string, visit: number): UnsentRequest => ({
    step,
    visit,
    method: "POST",
    url: "",
    headers: {},
    body: null,
  });
  const requests = [request("start/1/make", 1), request("make", 1), request("make", 2)];
  const at = (place: string, visit: number) =>
    unsentOf(requests, { place, visit, block: "" }).map((one) => requests.indexOf(one));
  expect(at("make", 2)).toEqual([2]);
  expect(at("start/1/make", 1)).toEqual([0]);
  expect(at("find", 1)).toEqual([]);
});

test("what was rebuilt is recorded where it was first walked", () => {
  const visits = visitsOf([step("a"), step("b"), step("c")]);
  const call: Walked = { id: "call", visits, rebuilt: 0 };
  const second: Walked = { id: "second", visits, rebuilt: 1, origin: call };
  const third: Walked = { id: "third", visits, rebuilt: 2, origin: second };
  const ids = [0, 1, 2].map((at) => recordedBy(third, at).id);
  expect(ids).toEqual(["call", "second", "third"]);
});

test("differences are told in sentences", () => {
  const asked = { call: "query", table: "contacts", asked: "$top=2" };
  const at = { step: "find", visit: 1, asked };
  expect(differing({ ...at, recorded: null }).sentence).toBe(
    "It asked query contacts, which the call did not ask here.",
  );
  expect(differing({ ...at, recorded: { call: "count", table: "leads" } }).sentence).toBe(
    "It asked query contacts; the call asked count leads here.",
  );
  expect(differing({ ...at, recorded: { ...asked, asked: "$top=1" } })).toEqual({
    sentence: "It asked query contacts otherwise than the call did.",
    changed: [["what is asked", "$top=1", "$top=2"]],
  });
});
