// Where the pages of a run, of its scenario and of its replay are.

export function scenarioAddress(scenario: string): string {
  return `#/scenarios/${encodeURIComponent(scenario)}`;
}

export function runAddress(run: string): string {
  return `#/runs/${encodeURIComponent(run)}`;
}

/** Where the designer walks a run once more. */
export function replayAddress(
  { run, scenario }: { run: string; scenario: string },
  from?: { step: string; visit: number },
): string {
  const query = new URLSearchParams({ replay: run });
  if (from) {
    query.set("step", from.step);
    query.set("visit", String(from.visit));
  }
  return `${scenarioAddress(scenario)}?${query}`;
}
