// The canvas: blocks are dragged, wired and taken out here. Whatever is done with the mouse can be done with the
// keyboard as well.

import "@xyflow/react/dist/base.css";
import {
  Background,
  type Connection,
  Controls,
  type Edge,
  type EdgeChange,
  MiniMap,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  useStoreApi,
} from "@xyflow/react";
import { type DragEvent, type KeyboardEvent, useEffect, useMemo, useState } from "react";
import { useDesigner } from "../context";
import { enterPane } from "../enter_pane";
import { connect, type Instance, type Position, place, remove } from "../model/document";
import { DRAGGED } from "../palette";
import styles from "./canvas.module.css";
import { type BlockNode, BlockNodeView } from "./node";
import { edgeId, edgesOf, nodesOf } from "./nodes";
import { useNodes } from "./use_nodes";

const NODE_TYPES = { block: BlockNodeView };
/** Numbers, as the map draws itself as large as it is told here. */
const MAP = { width: 150, height: 100 };
const FIT = { padding: 0.15, maxZoom: 1, minZoom: 0.4 };

type Props = {
  placeOf: (instance: Instance) => Position;
  /** Puts a block where it was dropped. */
  onDropBlock: (block: string, at: Position) => void;
  /** Changes when the whole of it is to be shown. */
  fitRound: number;
};

export function Canvas(props: Props) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

function Flow({ placeOf, onDropBlock, fitRound }: Props) {
  const designer = useDesigner();
  const { readOnly, selection, select, reselect, edit, openConnect } = designer;
  const flow = useReactFlow<BlockNode>();
  const wanted = useMemo(() => nodesOf(designer, placeOf), [designer, placeOf]);
  const [nodes, apply] = useNodes(wanted);
  const [chosenEdges, setChosenEdges] = useState<ReadonlySet<string>>(new Set());
  const edges = useMemo(() => edgesOf(designer, chosenEdges), [designer, chosenEdges]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the round is what asks for it, not what is on the canvas
  useEffect(() => {
    if (wanted.length === 0) return;
    const timer = setTimeout(() => flow.fitView(FIT), 60);
    return () => clearTimeout(timer);
  }, [fitRound, flow]);

  useFitOnResize();
  useShownBlock(selection);

  const changeNodes = (changes: NodeChange<BlockNode>[]) => {
    apply(changes);
    const chosen = changes.filter((change) => change.type === "select");
    if (chosen.length > 0) reselect(chosen);
    const moved = changes.flatMap((change) =>
      change.type === "position" && !change.dragging && change.position
        ? [[change.id, change.position] as const]
        : [],
    );
    if (moved.length > 0 && !readOnly) {
      const all = designer.document.blocks.map((one) => [one.id, placeOf(one)] as const);
      edit((document) => place(document, new Map([...all, ...moved])), "move");
    }
  };
  const changeEdges = (changes: EdgeChange[]) => {
    setChosenEdges((before) => {
      const ids = new Set(before);
      for (const change of changes) {
        if (change.type === "select") change.selected ? ids.add(change.id) : ids.delete(change.id);
      }
      return ids;
    });
  };
  const wire = ({ source, sourceHandle, target }: Connection) => {
    if (sourceHandle) edit((document) => connect(document, source, sourceHandle, target));
  };
  /** A wire that is drawn to another block, or from another exit. */
  const rewire = (old: Edge, wire: Connection) => {
    const { source, sourceHandle, target } = wire;
    if (!sourceHandle) return;
    edit((document) => {
      const moved = edgeId(source, sourceHandle) !== old.id;
      const without = moved
        ? connect(document, old.source, old.sourceHandle ?? "", undefined)
        : document;
      return connect(without, source, sourceHandle, target);
    });
  };
  const takeOut = ({ nodes, edges }: { nodes: BlockNode[]; edges: Edge[] }) => {
    edit((document) => {
      const unwired = edges.reduce(
        (before, edge) => connect(before, edge.source, edge.sourceHandle ?? "", undefined),
        document,
      );
      return nodes.length > 0 ? remove(unwired, new Set(nodes.map((node) => node.id))) : unwired;
    });
    if (nodes.length > 0) select([]);
  };
  const drop = (event: DragEvent) => {
    const block = event.dataTransfer.getData(DRAGGED);
    if (!block || readOnly) return;
    event.preventDefault();
    onDropBlock(block, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
  };
  const keys = (event: KeyboardEvent) => {
    const id = (event.target as HTMLElement).closest(".react-flow__node")?.getAttribute("data-id");
    if (!id || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!readOnly && (event.key === "c" || event.key === "C")) {
      event.preventDefault();
      openConnect(id);
    }
    if (event.key === "e" || event.key === "E") {
      event.preventDefault();
      select([id]);
      enterPane();
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the nodes within are what has the focus
    <div className={styles.canvas} onKeyDown={keys}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        onNodesChange={changeNodes}
        onEdgesChange={changeEdges}
        onConnect={wire}
        onReconnect={rewire}
        onDelete={takeOut}
        onDrop={drop}
        onDragOver={(event) => {
          if (event.dataTransfer.types.includes(DRAGGED)) event.preventDefault();
        }}
        onPaneClick={() => select([])}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        edgesReconnectable={!readOnly}
        deleteKeyCode={readOnly ? null : ["Delete", "Backspace"]}
        multiSelectionKeyCode={["Shift", "Control", "Meta"]}
        selectionMode={SelectionMode.Partial}
        minZoom={0.2}
        maxZoom={1.75}
        nodeDragThreshold={3}
        attributionPosition="top-right"
        ariaLabelConfig={ARIA}
      >
        <Background gap={20} />
        <Controls showInteractive={false} fitViewOptions={FIT} />
        <MiniMap
          pannable
          zoomable
          ariaLabel="Overview of the scenario"
          className={styles.map ?? ""}
          style={MAP}
        />
      </ReactFlow>
      {wanted.length === 0 && (
        <p className={styles.empty}>
          {readOnly
            ? "This scenario has no block yet."
            : "Drag the first block here from the palette, or press it there. A run begins with it."}
        </p>
      )}
    </div>
  );
}

/** A window of another size shows the whole of it again. */
export function useFitOnResize(): void {
  const flow = useReactFlow<BlockNode>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const fit = () => {
      clearTimeout(timer);
      timer = setTimeout(() => flow.fitView(FIT), 150);
    };
    addEventListener("resize", fit);
    return () => {
      clearTimeout(timer);
      removeEventListener("resize", fit);
    };
  }, [flow]);
}

const MARGIN = 24;

/** Brings the block that is selected into sight, no further than needed: the Edit pane takes some of the canvas, and
 * problems lead anywhere. */
export function useShownBlock(selection: ReadonlySet<string>): void {
  const flow = useReactFlow<BlockNode>();
  const store = useStoreApi();
  const id = selection.size === 1 ? [...selection][0] : undefined;
  useEffect(() => {
    if (!id) return;
    const timer = setTimeout(() => {
      const { domNode } = store.getState();
      const shown = domNode?.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
      const around = domNode?.getBoundingClientRect();
      const at = shown?.getBoundingClientRect();
      if (!at || !around) return;
      const x = into(at.left, at.right, around.left, around.right);
      const y = into(at.top, at.bottom, around.top, around.bottom);
      if (x === 0 && y === 0) return;
      const before = flow.getViewport();
      flow.setViewport({ ...before, x: before.x + x, y: before.y + y });
    }, 120);
    return () => clearTimeout(timer);
  }, [id, flow, store]);
}

/** How far a span has to move to lie within another one. */
function into(from: number, to: number, least: number, most: number): number {
  if (from < least + MARGIN) return least + MARGIN - from;
  if (to > most - MARGIN) return Math.max(most - MARGIN - to, least + MARGIN - from);
  return 0;
}

const ARIA = {
  "node.a11yDescription.default":
    "Press E to edit the block, Enter or Space to select it. Then move it with the arrow keys, press C to connect one of its exits, Delete to take it out.",
  "node.a11yDescription.keyboardDisabled": "Press Enter or Space to select the block.",
  "edge.a11yDescription.default": "Press Enter or Space to select the wire, Delete to take it out.",
};
