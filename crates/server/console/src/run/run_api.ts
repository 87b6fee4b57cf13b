// What pages ask the server about runs.

import { answer, api } from "../api/client";
import type { paths } from "../api/schema";
import type { RecordedCase, Run, RunUnderWay } from "../api/types";

type Query = NonNullable<paths["/v1/runs"]["get"]["parameters"]["query"]>;

/** Those that have ended; those under way come only where they are asked for. */
export async function fetchEnded(query: Omit<Query, "under_way">): Promise<Run[]> {
  const found = await answer(api.GET("/v1/runs", { params: { query } }));
  return found.filter((run): run is Run => !("under_way" in run));
}

export async function fetchUnderWay(limit: number): Promise<RunUnderWay[]> {
  const query = { under_way: true, limit };
  const found: (Run | RunUnderWay)[] = await answer(api.GET("/v1/runs", { params: { query } }));
  return found.filter((run) => "under_way" in run);
}

export function fetchRun(id: string): Promise<Run | RunUnderWay> {
  return answer(api.GET("/v1/runs/{id}", { params: { path: { id } } }));
}

/** Ends a run, or a trial, before its next step. */
export async function cancelRun(id: string): Promise<void> {
  await api.DELETE("/v1/runs/{id}", { params: { path: { id } } });
}

/** The test case that a run makes. */
export function caseOfRun(id: string): Promise<RecordedCase> {
  return answer(api.GET("/v1/runs/{id}/case", { params: { path: { id } } }));
}
