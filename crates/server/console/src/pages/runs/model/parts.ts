// Where the time of a host call went. What a trace says of waits are sums; its requests have a beginning and an end. So each
// wait is put into the gaps that requests leave.

import type { Attempt, HostCall } from "../../../api/types";
import { hasFailed, isCached } from "../../../run/host_call";

export type What = "work" | "calls" | "gate" | "token" | "request" | "failed" | "pause" | "cached";
/** A stretch of time, in microseconds from the beginning of the call. */
export type Part = { what: What; fromUs: number; toUs: number };

export function partsOf(call: HostCall): Part[] {
  const { elapsed_us: end } = call;
  if (isCached(call)) return [{ what: "cached", fromUs: 0, toUs: end }];
  const sent = requestsOf(call);
  const parts: Part[] = sent.map((request) => ({
    what: hasFailed(request) ? "failed" : "request",
    fromUs: request.started_us,
    toUs: Math.min(end, request.started_us + request.elapsed_us),
  }));
  const gaps = gapsOf(sent, end);
  // Who was told to wait has waited at the gate after it, who was refused for a new token: there most of a wait is.
  const waits: [What, number, (status: number | null | undefined) => boolean][] = [
    ["pause", Number.POSITIVE_INFINITY, () => true],
    ["gate", call.gate_us ?? 0, (status) => status === 429 || status === 503],
    ["token", call.token_us ?? 0, (status) => status === 401],
  ];
  for (const [what, sum, isLikely] of waits) {
    let left = sum;
    const likely = (gap: Gap) => gap.after !== undefined && isLikely(gap.after.status);
    for (const gap of [...gaps.filter(likely), ...gaps.filter((gap) => !likely(gap))]) {
      const most = what === "pause" ? (gap.after?.pause_us ?? 0) : left;
      const toUs = Math.min(gap.toUs, gap.fromUs + most);
      parts.push({ what, fromUs: gap.fromUs, toUs });
      left -= toUs - gap.fromUs;
      gap.fromUs = toUs;
    }
  }
  return [
    { what: "work" as const, fromUs: 0, toUs: end },
    ...parts.filter(({ fromUs, toUs }) => toUs > fromUs).sort((a, b) => a.fromUs - b.fromUs),
  ];
}

/** The requests by their beginnings. A trace names them where there are several; a single one takes what no wait took. */
function requestsOf(call: HostCall): Attempt[] {
  const { attempts } = call;
  if (attempts && attempts.length > 0) {
    return attempts.toSorted((a, b) => a.started_us - b.started_us);
  }
  if (call.requests === 0) return [];
  const waited = (call.gate_us ?? 0) + (call.token_us ?? 0);
  const started_us = Math.min(call.elapsed_us, waited);
  const elapsed_us = call.elapsed_us - started_us;
  const status = call.error === null ? 200 : call.status;
  return [{ started_us, elapsed_us, status, error: call.message, pause_us: 0 }];
}

type Gap = { fromUs: number; toUs: number; after: Attempt | undefined };

/** When no request was under way, and after which one. What was given up while it waited has one at its end. */
function gapsOf(sent: Attempt[], end: number): Gap[] {
  const gaps: Gap[] = [];
  let at = 0;
  let after: Attempt | undefined;
  for (const request of sent) {
    if (request.started_us > at) {
      gaps.push({ fromUs: at, toUs: Math.min(end, request.started_us), after });
    }
    const ended = request.started_us + request.elapsed_us;
    if (ended >= at) [at, after] = [ended, request];
  }
  if (end > at) gaps.push({ fromUs: at, toUs: end, after });
  return gaps;
}
