// The documents of a scenario that can be compared: its versions, its draft, and what is on the canvas.

import { answer, api } from "../../../api/client";
import type { ScenarioVersion } from "../../../api/types";
import type { Blocks } from "../model/blocks";
import type { Side } from "../model/comparison";
import type { ScenarioDocument } from "../model/document";
import type { Editing } from "../use_editing";

/** A version by its number, or one of the others. */
export type Which = `${number}` | "draft" | "canvas";

/** The two that are compared. */
export type Pair = { from: Which; to: Which };

/** What is worked on: the newest there is. */
export function newest({ stored, unsaved }: Editing): Which {
  if (unsaved) return "canvas";
  return stored.revision === undefined ? `${stored.published ?? 0}` : "draft";
}

/** All that can be compared, the newest first. */
export function choices(editing: Editing, versions: ScenarioVersion[]): [Which, string][] {
  const { stored, unsaved } = editing;
  const version = (number: number) =>
    `Version ${number}${number === stored.published ? ", published" : ""}`;
  return [
    ...(unsaved ? [["canvas", "What is on the canvas"] as [Which, string]] : []),
    ...(stored.revision === undefined ? [] : [["draft", "The draft"] as [Which, string]]),
    ...versions.map((one): [Which, string] => [`${one.version}`, version(one.version)]),
  ];
}

export async function fetchSide(which: Which, editing: Editing, blocks: Blocks): Promise<Side> {
  if (which === "canvas") return now(editing.document, blocks);
  if (which === "draft") return now(editing.stored.document, blocks);
  const path = { name: editing.document.name, version: which };
  const found = await answer(
    api.GET("/v1/scenarios/{name}/versions/{version}", { params: { path } }),
  );
  const pins = Object.entries(found.pins).map(([block, pin]) => [block, pin.version]);
  return {
    document: found.document as unknown as ScenarioDocument,
    pins: Object.fromEntries(pins),
  };
}

/** What is not published yet would be pinned to the newest versions, but where it names a range of them. */
function now(document: ScenarioDocument, blocks: Blocks): Side {
  const references = document.blocks.map((one) => one.block).filter((one) => !one.includes("@"));
  const pins = references.flatMap((one) => {
    const version = blocks.find(one)?.version;
    return version ? [[one, version]] : [];
  });
  return { document, pins: Object.fromEntries(pins) };
}
