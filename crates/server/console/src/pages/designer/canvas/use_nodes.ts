// The nodes that a canvas shows: as they are wanted, with what it has measured of each.

import { applyNodeChanges, type Node, type NodeChange } from "@xyflow/react";
import { useCallback, useEffect, useState } from "react";

export function useNodes<Shown extends Node>(
  wanted: Shown[],
): [Shown[], (changes: NodeChange<Shown>[]) => void] {
  const [nodes, setNodes] = useState(wanted);
  useEffect(() => {
    setNodes((before) => {
      const known = new Map(before.map((node) => [node.id, node]));
      return wanted.map((node) => {
        const { measured } = known.get(node.id) ?? {};
        return measured ? { ...node, measured } : node;
      });
    });
  }, [wanted]);
  const apply = useCallback((changes: NodeChange<Shown>[]) => {
    setNodes((before) => applyNodeChanges(changes, before));
  }, []);
  return [nodes, apply];
}
