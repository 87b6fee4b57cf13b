import { describe, expect, it } from "vitest";
import type { HostCall, Run, RunUnderWay, StepTrace } from "../../../api/types";
import { aCall, aRequest, aStep } from "./made_up";
import { partsOf } from "./parts";
import { all, endOf, holdsFailure, rowsOf, shown, sumsOf } from "./rows";
import { joined, traceOf, withEvent } from "./trace";
import { moved, zoomed, zoomedTo } from "./view";

const RUN = "019d3a52-7f0c-7c43-9c5e-4a0f4d6b2a11";
const HEAD = {
  run: RUN,
  scenario: "identify-caller",
  version: 3,
  started_at: "2026-11-26T09:00:00Z",
};

function ended(steps: StepTrace[], elapsed_ms = 100): Run {
  return { ...HEAD, elapsed_ms, result: "known", failure: null, screen_pop: null, steps };
}

/** A row as a line: title, from, to, and its parts. */
function lines(steps: StepTrace[]): string[] {
  return all(rowsOf(traceOf(ended(steps)), 0)).map((row) => {
    const parts = row.parts.map(({ what, fromUs, toUs }) => `${what} ${fromUs}-${toUs}`);
    return `${"  ".repeat(row.level - 1)}${row.title} ${row.fromUs}-${row.toUs}: ${parts.join(", ")}`;
  });
}

describe("the parts of a host call", () => {
  const parts = (...of: Parameters<typeof aCall>) =>
    partsOf(aCall(...of))
      .filter(({ what }) => what !== "work")
      .map(({ what, fromUs, toUs }) => `${what} ${fromUs}-${toUs}`);

  it("are the gate, the token and the request, as they happen", () => {
    expect(parts(0, 100)).toEqual(["request 0-100"]);
    expect(parts(0, 100, { gate_us: 30, token_us: 20 })).toEqual([
      "gate 0-30",
      "token 30-50",
      "request 50-100",
    ]);
  });

  it("are each request and the pauses between, where there were several", () => {
    const attempts = [aRequest(5, 20, 503, 30), aRequest(55, 10, null, 15), aRequest(80, 20, 200)];
    expect(parts(0, 100, { attempts, requests: 3 })).toEqual([
      "failed 5-25",
      "pause 25-55",
      "failed 55-65",
      "pause 65-80",
      "request 80-100",
    ]);
  });

  it("have the wait at the gate that Dynamics 365 asked for after the request that was told so", () => {
    const attempts = [aRequest(20, 10, 429), aRequest(3030, 10, 200)];
    const call = { attempts, requests: 2, token_us: 15, gate_us: 3000 };
    expect(parts(0, 3040, call)).toEqual([
      "token 0-15",
      "failed 20-30",
      "gate 30-3030",
      "request 3030-3040",
    ]);
  });

  it("have the wait for another token after a 401", () => {
    const attempts = [aRequest(0, 10, 401), aRequest(60, 10, 200)];
    expect(parts(0, 70, { attempts, requests: 2, token_us: 50 })).toEqual([
      "failed 0-10",
      "token 10-60",
      "request 60-70",
    ]);
  });

  it("are a kept answer, or a wait that came to nothing", () => {
    expect(parts(0, 8, { requests: 0, age_ms: 5 })).toEqual(["cached 0-8"]);
    expect(parts(0, 90, { requests: 0, gate_us: 90, error: "timeout", status: null })).toEqual([
      "gate 0-90",
    ]);
  });

  it("never go beyond it, whatever a trace says", () => {
    expect(parts(0, 50, { gate_us: 400, token_us: 20 })).toEqual(["gate 0-50"]);
    const attempts = [aRequest(10, 500, 200), aRequest(20, 10, 200)];
    expect(parts(0, 50, { attempts, requests: 2 })).toEqual(["request 10-50", "request 20-30"]);
  });
});

describe("the rows of a run", () => {
  it("are its steps, under them their calls, under them their requests", () => {
    const attempts = [aRequest(0, 10, 503, 5), aRequest(15, 10, 200)];
    const find = aStep("find", 100, 60, { host_calls: [aCall(20, 30, { attempts, requests: 2 })] });
    expect(lines([aStep("account", 10, 50), find])).toEqual([
      "account 10-60: work 10-60",
      "find 100-160: work 100-160, calls 120-150",
      "  query contacts 120-150: work 120-150, failed 120-130, pause 130-135, request 135-145",
      "    Request 1 120-130: failed 120-130, pause 130-135",
      "    Request 2 135-145: request 135-145",
    ]);
  });

  it("have the steps of a scenario within the step that started it", () => {
    const steps = [
      aStep("start", 10, 100, { visit: 2 }),
      aStep("find", 20, 30, { within: "start/2", scenario: "find-caller@1" }),
      aStep("deep", 25, 10, { within: "start/2/find/1" }),
      aStep("exit", 60, 5, { within: "start/2" }),
    ];
    const rows = rowsOf(traceOf(ended(steps)), 0);
    expect(all(rows).map(({ key, level }) => `${level} ${key}`)).toEqual([
      "1 start#2",
      "2 start/2/find#1",
      "3 start/2/find/1/deep#1",
      "2 start/2/exit#1",
    ]);
    expect(all(rows).at(-1)?.afterUs).toBe(50);
    expect(shown(rows, ({ level }) => level === 2)).toHaveLength(3);
  });

  it("know what is under way from what happened within it", () => {
    const steps = [aStep("find", 20, 30, { within: "start/1" })];
    const underWay: RunUnderWay = { ...HEAD, elapsed_ms: 0.2, under_way: true, steps };
    const trace = withEvent(
      traceOf(underWay),
      "step_began",
      { step: "start/1/wait", visit: 1, block: "core.wait@1.0.0" },
      70,
    );
    const rows = all(rowsOf(trace, 500));
    expect(rows.map(({ kind, key, fromUs, toUs }) => `${kind} ${key} ${fromUs}-${toUs}`)).toEqual([
      "open start#1 20-500",
      "step start/1/find#1 20-50",
      "open start/1/wait#1 70-500",
    ]);
  });

  it("tell what failed, and what holds a failure", () => {
    const failure = { step: "find", kind: "timeout", message: "the deadline passed" } as const;
    const error = { throttled: 3000 } as unknown as HostCall["error"];
    const call = aCall(0, 10, { error, status: 429 });
    const [good, bad] = rowsOf(
      traceOf(ended([aStep("a", 0, 5), aStep("find", 10, 20, { failure, host_calls: [call] })])),
      0,
    );
    expect([good?.bad, bad?.bad, bad?.children[0]?.bad]).toEqual([
      undefined,
      "timeout",
      "throttled",
    ]);
    expect(good && holdsFailure(good)).toBe(false);
    expect(bad && holdsFailure(bad)).toBe(true);
  });

  it("of a thousand steps are made at once", () => {
    const steps = Array.from({ length: 1000 }, (_, index) =>
      aStep("find", index * 40, 35, { visit: index + 1, host_calls: [aCall(5, 20), aCall(26, 5)] }),
    );
    const began = performance.now();
    const rows = rowsOf(traceOf(ended(steps)), 0);
    const count = all(rows).length;
    const took = performance.now() - began;
    expect(count).toBe(3000);
    expect(endOf(rows)).toBe(39_995);
    // A tenth of it on a machine with nothing else to do.
    expect(took).toBeLessThan(500);
  });
});

describe("a run under way", () => {
  const began: RunUnderWay = { ...HEAD, elapsed_ms: 1, under_way: true, steps: [] };

  it("grows with its events, and turns into the run that has ended", () => {
    let trace = traceOf(began);
    trace = withEvent(trace, "step_began", { step: "find", visit: 1, block: "b@1" }, 1500);
    expect(trace.open).toEqual([{ place: "find", visit: 1, block: "b@1", startedUs: 1500 }]);
    trace = withEvent(trace, "step_ended", { step: aStep("find", 1400, 200) }, 1700);
    expect([trace.open.length, trace.steps.length]).toEqual([0, 1]);
    trace = withEvent(trace, "step_ended", { step: aStep("find", 1400, 200) }, 1700);
    expect(trace.steps).toHaveLength(1);
    trace = withEvent(trace, "run_ended", { result: "known", failure: null, elapsed_ms: 2 }, 2000);
    expect(trace.ended?.result).toBe("known");
    expect(trace.elapsedUs).toBe(2000);
  });

  it("shows that something goes on where nobody knows what", () => {
    const trace = traceOf({ ...began, steps: [aStep("a", 0, 10)] });
    const open = rowsOf(trace, 700).find(({ kind }) => kind === "open");
    expect([open?.fromUs, open?.toUs]).toEqual([10, 700]);
    const inner = [aStep("find", 20, 30, { within: "start/1" })];
    expect(all(rowsOf(traceOf({ ...began, steps: inner }), 700)).map(({ key }) => key)).toEqual([
      "start#1",
      "start/1/find#1",
      "start/1/?#1",
    ]);
    const told = withEvent(trace, "step_began", { step: "b", visit: 1, block: "b@1" }, 20);
    expect(rowsOf(told, 700).map(({ title }) => title)).toEqual(["a", "b"]);
  });

  it("keeps what it was told while it was fetched", () => {
    const told = withEvent(traceOf(began), "step_ended", { step: aStep("b", 20, 5) }, 30);
    const fetched = traceOf({ ...began, steps: [aStep("a", 0, 10)] });
    expect(joined(told, fetched).steps.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(joined(told, traceOf(ended([]))).steps).toEqual([]);
  });
});

describe("the part that is looked at", () => {
  it("comes closer, and never beyond the run", () => {
    const whole = { fromUs: 0, toUs: 1000 };
    expect(zoomed(whole, 1000, 2, 500)).toEqual({ fromUs: 250, toUs: 750 });
    expect(zoomed(whole, 1000, 2, 1000)).toEqual({ fromUs: 500, toUs: 1000 });
    expect(zoomed({ fromUs: 900, toUs: 1000 }, 1000, 0.001, 950)).toEqual(whole);
    expect(moved({ fromUs: 500, toUs: 900 }, 1000, 0.5)).toEqual({ fromUs: 600, toUs: 1000 });
    expect(zoomedTo(2000, 4000, 40_000)).toEqual({ fromUs: 1700, toUs: 4300 });
  });
});

it("a run is summed up", () => {
  const attempts = [aRequest(0, 10, 503, 5), aRequest(15, 10, 200)];
  const step = aStep("find", 0, 60, {
    host_calls: [
      aCall(0, 30, { attempts, requests: 2, gate_us: 4 }),
      aCall(30, 2, { requests: 0, age_ms: 3 }),
    ],
  });
  expect(sumsOf([step])).toEqual({ calls: 2, requests: 2, repeated: 1, cached: 1, waitedUs: 4 });
});
