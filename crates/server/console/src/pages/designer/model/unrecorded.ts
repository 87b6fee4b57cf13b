// What a replay asked that had not been recorded, in sentences.

import type { Unrecorded } from "../../../api/types";

type Question = Unrecorded["asked"];

function about({ call, table }: Question): string {
  return table ? `${call} ${table}` : call;
}

/** What differs between two questions about the same. */
function changed(asked: Question, recorded: Question): [what: string, was: string, is: string][] {
  const parts: [string, string | undefined, string | undefined][] = [
    ["the record", recorded.key, asked.key],
    ["what is asked", recorded.asked, asked.asked],
    ["the options", recorded.options, asked.options],
  ];
  return parts.flatMap(([what, was = "", is = ""]) => (was === is ? [] : [[what, was, is]]));
}

export type Told = { sentence: string; changed: [what: string, was: string, is: string][] };

export function toldOf({ asked, recorded }: Unrecorded): Told {
  if (!recorded)
    return { sentence: `It asked ${about(asked)}, which the call did not ask here.`, changed: [] };
  if (about(asked) !== about(recorded)) {
    const sentence = `It asked ${about(asked)}; the call asked ${about(recorded)} here.`;
    return { sentence, changed: [] };
  }
  const sentence = `It asked ${about(asked)} otherwise than the call did.`;
  return { sentence, changed: changed(asked, recorded) };
}
