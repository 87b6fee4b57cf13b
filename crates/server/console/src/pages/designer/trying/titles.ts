// What steps and their exits are called: as the blocks of the document on the canvas, where they are in it.

import { type Blocks, exitTitle, titleOf } from "../model/blocks";
import { type Instance, instanceOf, type ScenarioDocument } from "../model/document";
import { instanceAt, type Visit } from "../model/trial";

export function titleAt(visit: Visit, document: ScenarioDocument, blocks: Blocks): string {
  if (visit.trace) return visit.trace.title;
  const instance = instanceIn(document, visit);
  return instance ? titleOf(instance, blocks) : (visit.place.split("/").at(-1) ?? visit.place);
}

/** The exit taken, as the block calls it. */
export function exitAt(visit: Visit, document: ScenarioDocument, blocks: Blocks): string {
  const { exit } = visit.trace ?? {};
  if (!exit) return "";
  return exitTitle(instanceIn(document, visit), exit, blocks);
}

function instanceIn(document: ScenarioDocument, visit: Visit): Instance | undefined {
  const id = instanceAt(visit);
  return id === undefined ? undefined : instanceOf(document, id);
}
