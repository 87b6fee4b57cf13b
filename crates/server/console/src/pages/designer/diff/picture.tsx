// Both documents in one picture, to be looked at: what came, what went and what was changed told apart by signs, words and
// colours.

import "@xyflow/react/dist/base.css";
import {
  Background,
  Controls,
  type Edge,
  MarkerType,
  type Node,
  type NodeChange,
  type NodeProps,
  ReactFlow,
  ReactFlowProvider,
  useNodesInitialized,
  useReactFlow,
} from "@xyflow/react";
import { useEffect, useMemo, useState } from "react";
import { useFitOnResize, useShownBlock } from "../canvas/canvas";
import canvasStyles from "../canvas/canvas.module.css";
import { type BlockNode, BlockNodeView } from "../canvas/node";
import { edgesOf, nodesOf } from "../canvas/nodes";
import { useNodes } from "../canvas/use_nodes";
import type { Blocks } from "../model/blocks";
import { type BlockState, type Comparison, type Side, together } from "../model/comparison";
import type { Position, ScenarioDocument } from "../model/document";
import { places } from "../model/picture";
import styles from "./diff.module.css";
import { STATES, StateBadge } from "./states";

type ComparedNode = Node<BlockNode["data"] & { state: BlockState }, "block">;

const NODE_TYPES = { block: ComparedView };
const FIT = { padding: 0.12, maxZoom: 1, minZoom: 0.3 };

type Props = {
  old: Side;
  now: Side;
  comparison: Comparison;
  blocks: Blocks;
  chosen: string | undefined;
  onChoose: (block: string | undefined) => void;
};

export function Picture(props: Props) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

function Flow({ old, now, comparison, blocks, chosen, onChoose }: Props) {
  const whole = useMemo(
    () => together(old.document, now.document, comparison),
    [old, now, comparison],
  );
  const standing = usePlaces(whole, comparison, blocks);
  const flow = useReactFlow();
  const wanted = useMemo(
    () => nodesIn(whole, comparison, blocks, standing, chosen),
    [whole, comparison, blocks, standing, chosen],
  );
  const edges = useMemo(
    () => edgesIn(old, whole, comparison, blocks),
    [old, whole, comparison, blocks],
  );
  const [nodes, apply] = useNodes(wanted);
  const measured = useNodesInitialized();
  const choose = (changes: NodeChange<ComparedNode>[]) => {
    // What is chosen is known above: it comes back with the nodes.
    apply(changes.filter((change) => change.type !== "select"));
    for (const change of changes) {
      if (change.type === "select" && change.selected) onChoose(change.id);
    }
  };
  useEffect(() => {
    if (measured) flow.fitView(FIT);
  }, [measured, flow]);
  useFitOnResize();
  useShownBlock(useMemo(() => new Set(chosen ? [chosen] : []), [chosen]));
  if (!standing) return null;
  return (
    <div className={canvasStyles.canvas}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        onNodesChange={choose}
        onPaneClick={() => onChoose(undefined)}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        minZoom={0.15}
        maxZoom={1.75}
        attributionPosition="top-right"
        ariaLabelConfig={ARIA}
      >
        <Background gap={20} />
        <Controls showInteractive={false} fitViewOptions={FIT} />
      </ReactFlow>
    </div>
  );
}

const ARIA = {
  "node.a11yDescription.default": "Press Enter or Space to see what differs.",
  "node.a11yDescription.keyboardDisabled": "Press Enter or Space to see what differs.",
};

function usePlaces(
  whole: ScenarioDocument,
  comparison: Comparison,
  blocks: Blocks,
): ReadonlyMap<string, Position> | undefined {
  const [found, setFound] = useState<{ of: ScenarioDocument; at: ReadonlyMap<string, Position> }>();
  useEffect(() => {
    let current = true;
    places(whole, comparison, blocks).then((at) => current && setFound({ of: whole, at }));
    return () => {
      current = false;
    };
  }, [whole, comparison, blocks]);
  return found?.of === whole ? found.at : undefined;
}

function ComparedView({ data, ...rest }: NodeProps<ComparedNode>) {
  return (
    <>
      <BlockNodeView {...rest} data={data} />
      {data.state !== "same" && (
        <span className={styles.onNode}>
          <StateBadge state={data.state} />
        </span>
      )}
    </>
  );
}

function nodesIn(
  whole: ScenarioDocument,
  comparison: Comparison,
  blocks: Blocks,
  standing: ReadonlyMap<string, Position> | undefined,
  chosen: string | undefined,
): ComparedNode[] {
  const states = new Map(comparison.blocks.map((one) => [one.id, one.state]));
  const selection = new Set(chosen ? [chosen] : []);
  const shown = { document: whole, blocks, found: [], readOnly: true, selection };
  const nodes = nodesOf(shown, (one) => standing?.get(one.id) ?? { x: 0, y: 0 });
  return nodes.map((node) => {
    const state = states.get(node.id) ?? "same";
    const word = state === "same" ? "" : `; ${STATES[state].word}`;
    return {
      ...node,
      className: styles[`${state}Node`] ?? "",
      ariaLabel: `${node.ariaLabel}${word}`,
      data: { ...node.data, state },
    };
  });
}

function edgesIn(
  old: Side,
  whole: ScenarioDocument,
  comparison: Comparison,
  blocks: Blocks,
): Edge[] {
  const wires = (states: string[]) => {
    const those = comparison.wires.filter((wire) => states.includes(wire.state));
    const document = {
      ...whole,
      blocks: whole.blocks.map((one) => {
        const mine = those.filter((wire) => wire.from === one.id);
        return { ...one, exits: Object.fromEntries(mine.map(({ exit, to }) => [exit, to])) };
      }),
    };
    return edgesOf({ document, blocks, readOnly: true }, new Set());
  };
  const before = new Set(old.document.blocks.map((one) => one.id));
  const sign = (edge: Edge, mark: "+" | "−", look: string | undefined): Edge => ({
    ...edge,
    className: `${edge.className ?? ""} ${look ?? ""}`,
    label: `${mark} ${edge.label ?? ""}`.trim(),
    markerEnd: { type: MarkerType.ArrowClosed, width: 10, height: 10 },
  });
  return [
    ...wires(["same"]),
    ...wires(["added"]).map((edge) => sign(edge, "+", styles.addedWire)),
    ...wires(["removed"])
      .filter((edge) => before.has(edge.source))
      .map((edge) => sign({ ...edge, id: `removed ${edge.id}` }, "−", styles.removedWire)),
  ];
}
