// Runs that nobody made, for tests.

import type { Attempt, HostCall, StepTrace } from "../../../api/types";

export function aStep(
  id: string,
  startedUs: number,
  elapsedUs: number,
  more: Partial<StepTrace> = {},
): StepTrace {
  return {
    id,
    block: "core.log@1.0.0",
    title: id,
    visit: 1,
    exit: "next",
    failure: null,
    started_us: startedUs,
    elapsed_us: elapsedUs,
    host_calls: [],
    log: [],
    ...more,
  };
}

export function aCall(
  startedUs: number,
  elapsedUs: number,
  more: Partial<HostCall> = {},
): HostCall {
  return {
    operation: "query",
    entity_set: "contacts",
    shape: "contacts?$select=fullname",
    status: 200,
    error: null,
    code: null,
    message: null,
    started_us: startedUs,
    elapsed_us: elapsedUs,
    requests: 1,
    bytes_out: 10,
    bytes_in: 100,
    stale: false,
    ...more,
  };
}

export function aRequest(
  startedUs: number,
  elapsedUs: number,
  status: number | null,
  pauseUs = 0,
): Attempt {
  const error = status === null ? "the connection was lost" : null;
  return { started_us: startedUs, elapsed_us: elapsedUs, status, error, pause_us: pauseUs };
}
