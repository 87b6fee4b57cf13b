// The scenario document as the designer edits it. Every change makes a new document; fields that are not known here
// stay as they are.

export type Position = { x: number; y: number };

export type Instance = {
  id: string;
  block: string;
  title?: string | null;
  account?: string | null;
  timeout_ms?: unknown;
  position?: Position | null;
  properties?: Record<string, unknown>;
  exits?: Record<string, string>;
};

export type ScenarioDocument = {
  $schema?: string;
  patchcord: string;
  name: string;
  start: string;
  blocks: Instance[];
  title?: string | null;
  description?: string | null;
  deadline_ms?: unknown;
  on_hang_up?: string;
  sensitive?: string[];
  inputs?: string[];
};

export function blank(name: string, title: string): ScenarioDocument {
  return { patchcord: "1.0", name, ...(title ? { title } : {}), start: "", blocks: [] };
}

export function instanceOf(document: ScenarioDocument, id: string): Instance | undefined {
  return document.blocks.find((instance) => instance.id === id);
}

/** An id that no instance has, made from the block's: `search-object`, `search-object-2`. */
export function freeId(document: ScenarioDocument, wanted: string): string {
  const taken = new Set(document.blocks.map((instance) => instance.id));
  const base = wanted.replace(/[^A-Za-z0-9_-]/g, "-") || "block";
  if (!taken.has(base)) return base;
  const stem = base.replace(/-\d+$/, "");
  for (let count = 2; ; count += 1) {
    if (!taken.has(`${stem}-${count}`)) return `${stem}-${count}`;
  }
}

/** The last part of a block's id: `search-object` of `microsoft-dynamics.search-object@1.0.0`. */
export function shortName(block: string): string {
  return block.split("@")[0]?.split(".").at(-1) ?? block;
}

export function add(document: ScenarioDocument, instance: Instance): ScenarioDocument {
  const start = document.blocks.length === 0 ? instance.id : document.start;
  return { ...document, start, blocks: [...document.blocks, instance] };
}

export function update(
  document: ScenarioDocument,
  id: string,
  change: (instance: Instance) => Instance,
): ScenarioDocument {
  const changed = (instance: Instance) => (instance.id === id ? change(instance) : instance);
  return { ...document, blocks: document.blocks.map(changed) };
}

/** Sets a field, or takes it out where there is nothing to be said. */
export function withField<T extends object>(of: T, name: string, value: unknown): T {
  const { [name]: _, ...rest } = of as Record<string, unknown>;
  if (value === undefined) return rest as T;
  // In its place where it stands already, so that a document keeps its order.
  return (name in of ? { ...of, [name]: value } : { ...rest, [name]: value }) as T;
}

export function setProperty(
  document: ScenarioDocument,
  id: string,
  name: string,
  value: unknown,
): ScenarioDocument {
  return update(document, id, (instance) => ({
    ...instance,
    properties: withField(instance.properties ?? {}, name, value),
  }));
}

/** Wires an exit to an instance, or takes its wire away. */
export function connect(
  document: ScenarioDocument,
  id: string,
  exit: string,
  target: string | undefined,
): ScenarioDocument {
  return update(document, id, (instance) => ({
    ...instance,
    exits: withField(instance.exits ?? {}, exit, target),
  }));
}

/** Takes instances out, and the wires that lead to them. */
export function remove(document: ScenarioDocument, ids: ReadonlySet<string>): ScenarioDocument {
  const blocks = document.blocks
    .filter((instance) => !ids.has(instance.id))
    .map((instance) => {
      const wires = Object.entries(instance.exits ?? {});
      if (!wires.some(([, target]) => ids.has(target))) return instance;
      return { ...instance, exits: Object.fromEntries(wires.filter(([, to]) => !ids.has(to))) };
    });
  const start = ids.has(document.start) ? (blocks[0]?.id ?? "") : document.start;
  return { ...document, start, blocks };
}

/** Gives an instance another id, wherever it is named. */
export function rename(document: ScenarioDocument, from: string, to: string): ScenarioDocument {
  if (from === to || instanceOf(document, to)) return document;
  const named = (id: string) => (id === from ? to : id);
  const blocks = document.blocks.map((instance) => {
    const renamed = { ...instance, id: named(instance.id) };
    if (!instance.exits) return renamed;
    const wires = Object.entries(instance.exits).map(([exit, target]) => [exit, named(target)]);
    return { ...renamed, exits: Object.fromEntries(wires) };
  });
  return { ...document, start: named(document.start), blocks };
}

/** Puts instances where they are said to be; places are whole pixels. */
export function place(
  document: ScenarioDocument,
  places: ReadonlyMap<string, Position>,
): ScenarioDocument {
  const blocks = document.blocks.map((instance) => {
    const at = places.get(instance.id);
    if (!at) return instance;
    const position = { x: Math.round(at.x), y: Math.round(at.y) };
    const { properties, exits, position: _, ...head } = instance;
    return {
      ...head,
      position,
      ...(properties ? { properties } : {}),
      ...(exits ? { exits } : {}),
    };
  });
  return { ...document, blocks };
}
