// The order in which people read a scenario: as a run that goes well comes to the blocks, then what becomes of failures,
// then what no run comes to.

import { type Blocks, exitsOf } from "./blocks";
import type { Instance, ScenarioDocument } from "./document";

export function inOrder(document: ScenarioDocument, blocks: Blocks): Instance[] {
  const byId = new Map(document.blocks.map((instance) => [instance.id, instance]));
  const ordered = new Set<Instance>();
  const late: string[] = [];
  const walk = (id: string) => {
    const open = [id];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const instance = byId.get(at);
      if (!instance || ordered.has(instance)) continue;
      ordered.add(instance);
      const wired = exitsOf(instance, blocks.find(instance.block)).flatMap((exit) => {
        const to = instance.exits?.[exit.id];
        return to ? [{ to, failure: exit.failure }] : [];
      });
      late.push(...wired.filter((wire) => wire.failure).map((wire) => wire.to));
      open.push(
        ...wired
          .filter((wire) => !wire.failure)
          .map((wire) => wire.to)
          .reverse(),
      );
    }
  };
  walk(document.start);
  for (let at = late.shift(); at !== undefined; at = late.shift()) walk(at);
  for (const { id } of document.blocks) walk(id);
  return [...ordered];
}
