// Where a step of a run is.

import type { StepTrace } from "../api/types";

/** The id of its block instance, after those that started its scenario: `start/1/find`. */
export function placeOf(step: Pick<StepTrace, "id" | "within">): string {
  return step.within ? `${step.within}/${step.id}` : step.id;
}
