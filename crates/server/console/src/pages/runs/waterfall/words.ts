// A row of the waterfall in words: for its label, its tooltip, and readers of screens.

import { failureWord } from "../../../run/failures";
import { attemptOutcome, isCached } from "../../../run/host_call";
import { duration } from "../../../ui/duration";
import type { What } from "../model/parts";
import type { Row } from "../model/rows";

/** The parts of bars, in the order of the legend. */
export const PARTS: Record<What, string> = {
  work: "Step or host call",
  calls: "Host call within a step",
  request: "Request",
  failed: "Request that failed",
  gate: "Wait until the account may send",
  token: "Wait for a token",
  pause: "Pause before the next request",
  cached: "Answer from the cache",
};

/** What became of it, in a word or two. */
export function outcome(row: Row): string {
  switch (row.kind) {
    case "open":
      return "under way";
    case "step":
      if (row.step.failure) return failureWord(row.step.failure.kind);
      if (row.step.exit !== null) return `exit ${row.step.exit}`;
      return row.step.within ? "ended the scenario" : "ended the run";
    case "call":
      if (row.bad) return failureWord(row.bad);
      if (isCached(row.call))
        return row.call.stale ? "from the cache, out of date" : "from the cache";
      return row.call.status === null ? "done" : `HTTP ${row.call.status}`;
    case "request":
      return attemptOutcome(row.request);
  }
}

/** What the picture says of a row besides, in words. */
export function further(row: Row): string {
  const repeated = row.kind === "call" && row.children.length > 0;
  return [
    row.bad ? "failed" : "",
    `took ${duration(row.toUs - row.fromUs)}`,
    `began at ${duration(row.fromUs)}`,
    repeated ? `${row.children.length} requests` : "",
  ]
    .filter(Boolean)
    .join(", ");
}
