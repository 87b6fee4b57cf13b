// What the manifests say of blocks: their titles, categories and ways out.

import { failures } from "virtual:language";
import { sentence } from "../../../api/problem";
import type { Block } from "../../../api/types";
import { failureWord } from "../../../run/failures";
import type { Instance, ScenarioDocument } from "./document";

/** A way out of an instance. */
export type Exit = {
  id: string;
  title: string;
  description: string;
  /** Whether it is for failures, which need not be wired. */
  failure: boolean;
};

export type Blocks = {
  all: Block[];
  /** The block that an instance's `block` means, whichever version it names. */
  find: (reference: string) => Block | undefined;
};

export function blocksOf(all: Block[]): Blocks {
  const byId = new Map(all.map((block) => [block.id, block]));
  return { all, find: (reference) => byId.get(reference.split("@")[0] ?? "") };
}

/** The blocks whose title, description or id has every word, by category. */
export function palette(all: Block[], search: string): [category: string, blocks: Block[]][] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (block: Block) => {
    const text = `${block.title} ${block.description} ${block.id}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const groups = new Map<string, Block[]>();
  for (const block of all.filter(fits)) {
    groups.set(block.category, [...(groups.get(block.category) ?? []), block]);
  }
  return [...groups];
}

/** A title without the words that its category says already. */
export function shortTitle(block: Block): string {
  const prefix = "Microsoft Dynamics ";
  return block.title.startsWith(prefix) ? block.title.slice(prefix.length) : block.title;
}

export function titleOf(instance: Instance, blocks: Blocks): string {
  const block = blocks.find(instance.block);
  return instance.title || (block ? shortTitle(block) : instance.block);
}

/** What stands below an instance's title: which block it is, or of one without a title what it is about. */
export function subtitleOf(instance: Instance, blocks: Blocks): string {
  const block = blocks.find(instance.block);
  if (!block) return `no block ${instance.block}`;
  if (instance.title) return shortTitle(block);
  const { required } = block.properties as { required?: string[] };
  const value = required?.map((name) => instance.properties?.[name]).find(isText);
  return value ?? block.category;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Every instance by its title, with the id beside it where another one has the same: the choices of a select. */
export function titles(document: ScenarioDocument, blocks: Blocks): [id: string, title: string][] {
  const all = document.blocks.map((one) => titleOf(one, blocks));
  return document.blocks.map(({ id }, index) => {
    const title = all[index] ?? id;
    return [id, all.filter((other) => other === title).length > 1 ? `${title} (${id})` : title];
  });
}

const NEXT: Exit = {
  id: "next",
  title: "Next",
  description: "The block has done its work.",
  failure: false,
};

/** Every exit that an instance may have wired, in the order in which people read them. */
export function exitsOf(instance: Instance, block: Block | undefined): Exit[] {
  const exits: Exit[] = [];
  if (!block || block.takes_next) exits.push(NEXT);
  exits.push(...named(instance, block));
  for (const exit of block?.exits ?? []) exits.push({ ...exit, failure: false });
  if (exits.length > 0) exits.push(...FAILURES);
  const known = new Set(exits.map((exit) => exit.id));
  for (const id of Object.keys(instance.exits ?? {})) {
    const description = "The block has no exit of this name.";
    if (!known.has(id)) exits.push({ id, title: id, description, failure: false });
  }
  return exits;
}

/** Those that are shown on the canvas: what must be wired, *Failed*, and what is wired. */
export function shownExits(instance: Instance, block: Block | undefined): Exit[] {
  const wired = instance.exits ?? {};
  return exitsOf(instance, block).filter(
    (exit) =>
      !exit.failure || exit.id in wired || (exit.id === "failed" && (block?.can_fail ?? true)),
  );
}

/** The exits that an instance names in its own properties, as the branches of a Switch do. */
function named(instance: Instance, block: Block | undefined): Exit[] {
  const properties = (block?.properties as Schema | undefined)?.properties ?? {};
  const exits = new Map<string, Exit>();
  for (const [name, schema] of Object.entries(properties)) {
    const key = exitKey(schema, block?.properties as Schema);
    const rows = instance.properties?.[name];
    if (!key || !Array.isArray(rows)) continue;
    for (const row of rows) {
      const id = row?.[key];
      const description = "The value of this branch is the same.";
      if (typeof id === "string" && id)
        exits.set(id, { id, title: id, description, failure: false });
    }
  }
  return [...exits.values()];
}

type Schema = {
  $ref?: string;
  $defs?: Record<string, Schema>;
  properties?: Record<string, Schema>;
  items?: Schema;
  "x-patchcord-kind"?: string;
};

/** The field of a list's items that names an exit. */
function exitKey(list: Schema, root: Schema): string | undefined {
  const item = list.items?.$ref
    ? root.$defs?.[list.items.$ref.split("/").at(-1) ?? ""]
    : list.items;
  const fields = Object.entries(item?.properties ?? {});
  return fields.find(([, field]) => field["x-patchcord-kind"] === "exit-name")?.[0];
}

const FAILURES: Exit[] = failures
  .map(({ exit, because }) => ({
    id: exit,
    title: failureWord(exit),
    description: sentence(because),
    failure: true,
  }))
  // *Failed* stands first: it takes whatever has no exit of its own.
  .sort((one, other) => Number(other.id === "failed") - Number(one.id === "failed"));

/** How an exit is called on a block, as far as that is known. */
export function exitTitle(instance: Instance | undefined, exit: string, blocks: Blocks): string {
  const exits = instance ? exitsOf(instance, blocks.find(instance.block)) : [];
  return exits.find((one) => one.id === exit)?.title ?? humanized(exit);
}

/** `consent_required` → `Consent required`. */
export function humanized(name: string): string {
  const words = name.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
