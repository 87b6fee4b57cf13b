// Nodes and wires of the canvas, made from the document.

import { type Edge, MarkerType } from "@xyflow/react";
import type { Designer } from "../context";
import { type Blocks, shownExits, subtitleOf, titleOf } from "../model/blocks";
import type { Instance, Position, ScenarioDocument } from "../model/document";
import { counted, ofInstance } from "../model/problems";
import { toldOf } from "../model/trial";
import { type BlockNode, IN } from "./node";

/** What of the designer is drawn. */
type Drawn = Pick<Designer, "document" | "blocks" | "readOnly"> & Partial<Pick<Designer, "marks">>;

export function nodesOf(
  designer: Drawn & Pick<Designer, "found" | "selection">,
  placeOf: (instance: Instance) => Position,
): BlockNode[] {
  const { document, blocks, found, marks, readOnly, selection } = designer;
  return document.blocks.map((instance) => {
    const block = blocks.find(instance.block);
    const mine = ofInstance(found, instance.id);
    const wired = instance.exits ?? {};
    const title = titleOf(instance, blocks);
    const trial = toldOf(marks, instance.id);
    return {
      id: instance.id,
      type: "block",
      position: placeOf(instance),
      selected: selection.has(instance.id),
      draggable: !readOnly,
      deletable: !readOnly,
      connectable: !readOnly,
      ariaLabel: spoken(document, instance, blocks, mine.length, trial),
      data: {
        title,
        kind: subtitleOf(instance, blocks),
        icon: block?.icon ?? "warning",
        exits: shownExits(instance, block).map((exit) => ({ ...exit, wired: exit.id in wired })),
        ...counted(mine),
        problems: mine.map((one) => one.message).join("\n"),
        start: document.start === instance.id,
        unknown: !block,
        mark: marks?.instances.get(instance.id),
        trial,
      },
    };
  });
}

/** What a reader of screens says of a node. */
function spoken(
  document: ScenarioDocument,
  instance: Instance,
  blocks: Blocks,
  problems: number,
  trial: string,
): string {
  const target = (id: string) => {
    const to = document.blocks.find((other) => other.id === id);
    return to ? titleOf(to, blocks) : id;
  };
  const wires = Object.entries(instance.exits ?? {}).map(
    ([exit, to]) => `${exit} to ${target(to)}`,
  );
  const parts = [
    titleOf(instance, blocks),
    blocks.find(instance.block)?.title ?? instance.block,
    document.start === instance.id ? "start of the scenario" : "",
    wires.join(", "),
    problems ? `${problems} problems` : "",
    trial ? `in the trial: ${trial}` : "",
  ];
  return parts.filter(Boolean).join("; ");
}

export function edgesOf(designer: Drawn, selected: ReadonlySet<string>): Edge[] {
  const { document, blocks, marks, readOnly } = designer;
  const ids = new Set(document.blocks.map((instance) => instance.id));
  return document.blocks.flatMap((instance) => {
    const exits = shownExits(instance, blocks.find(instance.block));
    const wires = Object.entries(instance.exits ?? {}).filter(([, target]) => ids.has(target));
    return wires.map(([exit, target]) => {
      const known = exits.find((one) => one.id === exit);
      const id = edgeId(instance.id, exit);
      const taken = marks?.wires.get(id) ?? 0;
      const label = [exit !== "next" && (known?.title ?? exit), taken > 1 && `×${taken}`];
      return {
        id,
        source: instance.id,
        sourceHandle: exit,
        target,
        targetHandle: IN,
        type: "default",
        ...(label.some(Boolean) ? { label: label.filter(Boolean).join(" ") } : {}),
        className: [known?.failure && "failure", taken > 0 && "taken"].filter(Boolean).join(" "),
        selected: selected.has(id),
        deletable: !readOnly,
        markerEnd: {
          type: MarkerType.ArrowClosed,
          markerUnits: "userSpaceOnUse",
          width: 24,
          height: 24,
          ...(taken > 0 ? { color: "var(--good)" } : {}),
        },
        ariaLabel: `${known?.title ?? exit} leads from ${titleOf(instance, blocks)} to ${target}${
          taken ? `; taken in the trial${taken > 1 ? `, ${taken} times` : ""}` : ""
        }`,
      };
    });
  });
}

export function edgeId(source: string, exit: string): string {
  return `${source}:${exit}`;
}
