// How a host call and its requests are told.

import type { Attempt, HostCall } from "../api/types";
import { duration } from "../ui/duration";

/** `query contacts` */
export function callTitle(call: HostCall): string {
  return [call.operation, call.entity_set].filter(Boolean).join(" ");
}

/** Whether the answer came from the cache. Where only nothing was sent, a trial may not have been allowed to. */
export function isCached(call: HostCall): boolean {
  return call.requests === 0 && call.error === null && call.age_ms !== undefined;
}

/** Without a usable answer: it was none, or an error. */
export function hasFailed({ status }: Pick<Attempt, "status">): boolean {
  return status === null || status >= 400;
}

/** `HTTP 429`, or why there was no answer. */
export function attemptOutcome({ status, error }: Attempt): string {
  return status === null ? (error ?? "no answer") : `HTTP ${status}`;
}

/** `after 12.3 ms, then a pause of 2 s` */
export function attemptTook({ elapsed_us, pause_us }: Attempt): string {
  const pause = pause_us > 0 ? `, then a pause of ${duration(pause_us)}` : "";
  return `after ${duration(elapsed_us)}${pause}`;
}
