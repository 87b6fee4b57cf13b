// Why there was no trial: a document that would not be published either, with its places, or anything else.

import { ApiError, messageOf, sentence } from "../../../api/problem";
import { Notice } from "../../../ui/notice";
import { type Found, placed } from "../model/problems";
import { ProblemList } from "../problem_list";
import type { Trying } from "./use_trying";

/** Places of the request that have a field of their own. */
const OWN = ["/locale", "/deadline_ms"];

export function faultAt({ error }: Trying, pointer: string): string | undefined {
  const places = error instanceof ApiError ? error.places : [];
  const place = places.find((one) => one.pointer === pointer);
  return place && sentence(place.message);
}

export function Refusal({ trying, onJump }: { trying: Trying; onJump: (found: Found) => void }) {
  const { error, refused } = trying;
  const places = error instanceof ApiError ? error.places : [];
  const others = places.filter(
    ({ pointer, severity }) => severity === "error" && !OWN.includes(pointer),
  );
  const asked = others.filter(({ pointer }) => /^\/(replay|variables|run)/.test(pointer));
  const found = refused
    ? placed(
        others.filter((one) => !asked.includes(one)),
        refused,
      )
    : [];
  if (places.length > 0 && others.length === 0) return null;
  if (found.length > 0) {
    return (
      <div>
        <Notice tone="bad" title="This cannot run yet">
          Mend what is wrong first. Each line leads to its place.
        </Notice>
        <ProblemList found={found} label="What keeps it from running" onJump={onJump} />
      </div>
    );
  }
  return (
    <Notice tone="bad" title="There was no trial">
      {asked.length > 0 ? asked.map((place) => sentence(place.message)).join(" ") : why(error)}
    </Notice>
  );
}

/** In words; what is not kept any more says so. */
export function why(error: unknown): string {
  const gone = error instanceof ApiError && error.status === 404;
  return gone
    ? "What was to go on is not there any more: trials are kept for half an hour, calls for as long as the server is set to keep recordings. Run it from its beginning."
    : messageOf(error);
}
