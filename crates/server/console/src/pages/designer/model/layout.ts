// Places for blocks that have none: from left to right along the wires. Loaded when it is needed.

import type { Position, ScenarioDocument } from "./document";

export type Size = { width: number; height: number };

export const NODE_WIDTH = 224;
const HEAD = 58;
const EXIT = 24;

/** How large an instance with so many exits is on the canvas. */
export function sizeOf(exits: number): Size {
  return { width: NODE_WIDTH, height: HEAD + Math.max(exits, 1) * EXIT + 10 };
}

export async function arrange(
  document: ScenarioDocument,
  size: (id: string) => Size,
): Promise<Map<string, Position>> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 36, ranksep: 90 });
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

/** A free place to the right of an instance, or at the beginning. */
export function besides(document: ScenarioDocument, id: string | undefined): Position {
  const anchor = document.blocks.find((instance) => instance.id === id)?.position;
  const at = anchor ? { x: anchor.x + NODE_WIDTH + 90, y: anchor.y } : { x: 0, y: 0 };
  const taken = (place: Position) =>
    document.blocks.some(
      ({ position }) =>
        position &&
        Math.abs(position.x - place.x) < NODE_WIDTH &&
        Math.abs(position.y - place.y) < 130,
    );
  while (taken(at)) at.y += 150;
  return at;
}
