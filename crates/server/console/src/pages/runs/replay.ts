// Where the designer walks a run once more.

import type { Trace } from "./model/trace";

export function replayAddress(
  { run, scenario }: Pick<Trace, "run" | "scenario">,
  from?: { step: string; visit: number },
): string {
  const query = new URLSearchParams({ replay: run });
  if (from) {
    query.set("step", from.step);
    query.set("visit", String(from.visit));
  }
  return `#/scenarios/${encodeURIComponent(scenario)}?${query}`;
}
