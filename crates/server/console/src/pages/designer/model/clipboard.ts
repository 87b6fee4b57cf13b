// Blocks as text, to be copied within a scenario, to another one, or into a message.

import { add, freeId, type Instance, type ScenarioDocument } from "./document";

const KEY = "patchcord-blocks";
const AWAY = 40;

export function copied(document: ScenarioDocument, ids: ReadonlySet<string>): string {
  const blocks = document.blocks.filter((instance) => ids.has(instance.id));
  return JSON.stringify({ [KEY]: blocks }, null, 2);
}

/** The instances in a text that was copied; none where it is any other text. */
export function instancesIn(text: string): Instance[] {
  try {
    const blocks = (JSON.parse(text) as Record<string, unknown> | null)?.[KEY];
    return Array.isArray(blocks) ? blocks.filter(isInstance) : [];
  } catch {
    return [];
  }
}

function isInstance(value: unknown): value is Instance {
  const instance = value as Partial<Instance> | null;
  return typeof instance?.id === "string" && typeof instance.block === "string";
}

/** Puts instances in beside what is there. Wires among them stay; those that lead elsewhere are cut. */
export function paste(
  document: ScenarioDocument,
  instances: Instance[],
): { document: ScenarioDocument; ids: Set<string> } {
  const names = new Map<string, string>();
  let next = document;
  for (const instance of instances) {
    const id = freeId(next, instance.id);
    names.set(instance.id, id);
    const position = instance.position && {
      x: instance.position.x + AWAY,
      y: instance.position.y + AWAY,
    };
    next = add(next, { ...instance, id, ...(position ? { position } : {}) });
  }
  const ids = new Set(names.values());
  const blocks = next.blocks.map((instance) => {
    if (!ids.has(instance.id) || !instance.exits) return instance;
    const wires = Object.entries(instance.exits).flatMap(([exit, target]) => {
      const name = names.get(target);
      return name ? [[exit, name]] : [];
    });
    return { ...instance, exits: Object.fromEntries(wires) };
  });
  return { document: { ...next, blocks }, ids };
}
