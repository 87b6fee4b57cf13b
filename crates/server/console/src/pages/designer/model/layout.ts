// Places for blocks that have none: from top to bottom along the wires. Loaded when it is needed.

import { type Blocks, shownExits } from "./blocks";
import type { Position, ScenarioDocument } from "./document";

export type Size = { width: number; height: number };

const NARROWEST = 208;
/** The width of an exit's column. */
const EXIT = 80;
const HEIGHT = 84;
const BETWEEN = { ranks: 64, nodes: 32 };

/** How large an instance with so many exits is on the canvas. */
export function sizeOf(exits: number): Size {
  return { width: Math.max(NARROWEST, exits * EXIT), height: HEIGHT };
}

/** How large each instance is. */
export function sizesOf(document: ScenarioDocument, blocks: Blocks): (id: string) => Size {
  const byId = new Map(
    document.blocks.map((one) => [one.id, sizeOf(shownExits(one, blocks.find(one.block)).length)]),
  );
  return (id) => byId.get(id) ?? sizeOf(1);
}

export async function arrange(
  document: ScenarioDocument,
  size: (id: string) => Size,
): Promise<Map<string, Position>> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: BETWEEN.nodes, ranksep: BETWEEN.ranks });
  graph.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(document.blocks.map((instance) => instance.id));
  for (const id of ids) graph.setNode(id, { ...size(id) });
  for (const instance of document.blocks) {
    for (const [exit, target] of Object.entries(instance.exits ?? {})) {
      if (ids.has(target)) graph.setEdge(instance.id, target, {}, exit);
    }
  }
  layout(graph);
  const places = new Map<string, Position>();
  for (const id of ids) {
    const { x = 0, y = 0 } = graph.node(id) as Partial<Position>;
    const { width, height } = size(id);
    places.set(id, { x: x - width / 2, y: y - height / 2 });
  }
  return places;
}

/** A free place below an instance, or at the beginning. */
export function besides(document: ScenarioDocument, id: string | undefined): Position {
  const anchor = document.blocks.find((instance) => instance.id === id)?.position;
  return freeAt(
    document,
    anchor ? { x: anchor.x, y: anchor.y + HEIGHT + BETWEEN.ranks } : { x: 0, y: 0 },
  );
}

/** The first place from there to the right at which nothing stands. */
export function freeAt(document: ScenarioDocument, from: Position): Position {
  const at = { ...from };
  const taken = ({ position }: { position?: Position | null }) =>
    position &&
    Math.abs(position.x - at.x) < NARROWEST + BETWEEN.nodes &&
    Math.abs(position.y - at.y) < HEIGHT + BETWEEN.nodes;
  while (document.blocks.some(taken)) at.x += NARROWEST + BETWEEN.nodes;
  return at;
}
