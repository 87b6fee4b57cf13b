// The order in which people read a scenario: as a run comes to the blocks, then those that none comes to.

import type { Instance, ScenarioDocument } from "./document";

export function inOrder(document: ScenarioDocument): Instance[] {
  const byId = new Map(document.blocks.map((instance) => [instance.id, instance]));
  const ordered = new Set<Instance>();
  const walk = (start: Instance | undefined) => {
    const open = start ? [start] : [];
    for (let at = open.shift(); at; at = open.shift()) {
      if (ordered.has(at)) continue;
      ordered.add(at);
      for (const target of Object.values(at.exits ?? {})) {
        const next = byId.get(target);
        if (next) open.push(next);
      }
    }
  };
  walk(byId.get(document.start));
  for (const instance of document.blocks) walk(instance);
  return [...ordered];
}
