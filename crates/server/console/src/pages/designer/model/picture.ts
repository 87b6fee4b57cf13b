// Where the blocks of two documents stand in one picture of them.

import type { Blocks } from "./blocks";
import type { Comparison } from "./comparison";
import { type Position, place, type ScenarioDocument } from "./document";
import { arrange, besides, freeAt, sizesOf } from "./layout";

/** Blocks stand where the newer document has them; what was removed where it stood, or beside what took its place. Where
 * blocks have no place, all of them are laid out. */
export async function places(
  whole: ScenarioDocument,
  comparison: Comparison,
  blocks: Blocks,
): Promise<ReadonlyMap<string, Position>> {
  const kept = comparison.blocks.filter((one) => one.new);
  if (kept.length === 0 || kept.some((one) => !one.new?.position)) {
    return arrange(whole, sizesOf(whole, blocks));
  }
  const known = new Map<string, Position>();
  for (const { id, new: now } of kept) if (now?.position) known.set(id, now.position);
  for (const { id, old } of comparison.blocks.filter((one) => !one.new)) {
    const others = whole.blocks.filter((one) => known.has(one.id));
    const standing = place({ ...whole, blocks: others }, known);
    const leading = whole.blocks.find((one) => Object.values(one.exits ?? {}).includes(id));
    const at = old?.position
      ? freeAt(standing, old.position)
      : besides(standing, leading?.id ?? others.at(-1)?.id);
    known.set(id, at);
  }
  return known;
}
