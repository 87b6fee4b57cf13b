// The kinds of failure, as people read them.

import type { Run } from "../../api/types";

export type Failure = Exclude<NonNullable<Run["failure"]>["kind"], "cancelled">;

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
