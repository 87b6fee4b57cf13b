// The scenarios that come with Patchcord, as something to begin with.

import findCaller from "../../../../../../examples/scenarios/find-caller.json";
import identifyCaller from "../../../../../../examples/scenarios/identify-caller.json";
import logCall from "../../../../../../examples/scenarios/log-call.json";
import openCase from "../../../../../../examples/scenarios/open-case.json";
import type { ScenarioDocument } from "../designer/model/document";

export const EXAMPLES = [
  identifyCaller,
  findCaller,
  openCase,
  logCall,
] as unknown as ScenarioDocument[];

/** An example under another name, with an account that is there in place of the demo's. */
export function madeFrom(
  example: ScenarioDocument,
  name: string,
  title: string,
  account: string | undefined,
): ScenarioDocument {
  const { $schema: _, ...rest } = example;
  const blocks = rest.blocks.map((instance) => {
    if (!account || instance.properties?.account === undefined) return instance;
    return { ...instance, properties: { ...instance.properties, account } };
  });
  return { ...rest, name, ...(title ? { title } : {}), blocks };
}
