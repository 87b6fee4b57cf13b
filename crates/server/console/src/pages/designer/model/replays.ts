// From where something that is shown can go on once more. What was rebuilt of another run is that run's: only from there
// on a trial is a recording of its own.

import type { Visit } from "./trial";

/** Something that has been walked: a call's run, or a trial. */
export type Walked = {
  id: string;
  /** Its visits, in order. */
  visits: Visit[];
  /** How many of them are those of `origin`. */
  rebuilt: number;
  origin?: Walked | undefined;
};

/** What has recorded this visit. */
export function recordedBy(walked: Walked, at: number): Walked {
  return at < walked.rebuilt && walked.origin ? recordedBy(walked.origin, at) : walked;
}
