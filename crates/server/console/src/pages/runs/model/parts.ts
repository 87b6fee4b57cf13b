// Where the time of a host call went. What a trace says of waits are sums; its requests have a beginning and an end. So each
// wait is put into the gaps that requests leave.

import type { Attempt, HostCall } from "../../../api/types";

export type What = "work" | "calls" | "gate" | "token" | "request" | "failed" | "pause" | "cached";
/** A stretch of time, in microseconds from the beginning of the call. */
export type Part = { what: What; fromUs: number; toUs: number };

/** Without a usable answer: it was none, or an error. */
export function hasFailed({ status }: Pick<Attempt, "status">): boolean {
  return status === null || status >= 400;
}

export function isCached(call: HostCall): boolean {
  return call.requests === 0 && call.error === null && call.age_ms !== undefined;
}

export function partsOf(call: HostCall): Part[] {
  const { elapsed_us: end } = call;
  if (isCached(call)) return [{ what: "cached", fromUs: 0, toUs: end }];
  const waits = { gate: call.gate_us ?? 0, token: call.token_us ?? 0 };
  const sent = requestsOf(call, waits);
  const parts: Part[] = [];
  let at = 0;
  for (const [index, request] of sent.entries()) {
    const before = sent[index - 1];
    if (request.started_us > at) parts.push(...gap(at, request.started_us, before, waits));
    const what = hasFailed(request) ? "failed" : "request";
    const toUs = Math.min(end, request.started_us + request.elapsed_us);
    parts.push({ what, fromUs: request.started_us, toUs });
    at = Math.max(at, toUs);
  }
  // What was given up while it waited sent nothing any more.
  if (end > at) parts.push(...gap(at, end, sent.at(-1), waits));
  return parts.filter(({ fromUs, toUs }) => toUs > fromUs);
}

/** The requests by their beginnings. A trace names them where there are several; a single one takes what no wait took. */
function requestsOf(call: HostCall, waits: { gate: number; token: number }): Attempt[] {
  const { attempts } = call;
  if (attempts && attempts.length > 0)
    return attempts.toSorted((a, b) => a.started_us - b.started_us);
  if (call.requests === 0) return [];
  const started_us = Math.min(call.elapsed_us, waits.gate + waits.token);
  const elapsed_us = call.elapsed_us - started_us;
  const status = call.error === null ? 200 : call.status;
  return [{ started_us, elapsed_us, status, error: call.message, pause_us: 0 }];
}

/** What passed between two requests: first the pause after the one before, then a wait. Who was told to wait waits at the gate,
 * who was refused for a new token; at first it is the gate, then the token. */
function gap(
  fromUs: number,
  toUs: number,
  before: Attempt | undefined,
  waits: { gate: number; token: number },
): Part[] {
  const parts: Part[] = [];
  let at = fromUs;
  const put = (what: What, microseconds: number) => {
    const end = Math.min(toUs, at + microseconds);
    if (end > at) parts.push({ what, fromUs: at, toUs: end });
    const taken = Math.max(0, end - at);
    at = Math.max(at, end);
    return taken;
  };
  put("pause", before?.pause_us ?? 0);
  const order =
    before?.status === 401 ? (["token", "gate"] as const) : (["gate", "token"] as const);
  for (const wait of order) waits[wait] -= put(wait, waits[wait]);
  return parts;
}
