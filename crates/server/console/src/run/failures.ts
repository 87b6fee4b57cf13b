// The kinds of failure, as people read them.

import type { Failure as RunFailure } from "../api/types";

export type Failure = Exclude<RunFailure["kind"], "cancelled">;

export const FAILURES: Record<string, string> = {
  timeout: "Time-out",
  throttled: "Throttled",
  consent_required: "Consent required",
  forbidden: "Forbidden",
  not_found: "Not found",
  conflict: "Conflict",
  invalid_request: "Invalid request",
  unavailable: "Unavailable",
  policy_denied: "Denied by policy",
  crashed: "Crashed",
  failed: "Failed",
} satisfies Record<Failure, string>;

/** A kind of failure, or the cause of a host call's error, as people read it. */
export function failureWord(kind: string): string {
  return kind === "cancelled" ? "Cancelled" : (FAILURES[kind] ?? kind);
}
