// What differs between two documents of a scenario, block by block: one that was added or removed, what of it was changed,
// where it stands, and which wires came and went.

import { type Blocks, humanized, titleOf } from "./blocks";
import { type Instance, instanceOf, type Position, type ScenarioDocument } from "./document";
import { type FieldKind, kindOf, labelOf, resolved, type Schema } from "./schema";

/** A document with the versions of blocks that its references mean, as far as they are known. */
export type Side = { document: ScenarioDocument; pins: Record<string, string> };

/** A value that differs. Without `old` it was added, without `new` removed. */
export type Value = {
  /** Where it stands: `properties/fields/telephone1`. */
  name: string;
  label: string;
  kind: FieldKind;
  old?: unknown;
  new?: unknown;
};

export type Wire = {
  from: string;
  exit: string;
  to: string;
  state: "added" | "removed" | "same";
};

export type BlockState = "added" | "removed" | "changed" | "rewired" | "moved" | "same";

export type ComparedBlock = {
  id: string;
  state: BlockState;
  old?: Instance;
  new?: Instance;
  /** What of it differs, wires and place aside. */
  values: Value[];
  /** The wires that came and went. */
  wires: Wire[];
  moved: boolean;
};

export type Comparison = {
  /** What differs of the scenario itself. */
  settings: Value[];
  /** Every block of both, in the order of the newer document; what was removed stands last. */
  blocks: ComparedBlock[];
  wires: Wire[];
};

export function compare(old: Side, now: Side, blocks: Blocks): Comparison {
  const wires = comparedWires(old.document, now.document);
  const gone = old.document.blocks.filter((one) => !instanceOf(now.document, one.id));
  const all = [...firstOfEach(now.document.blocks), ...firstOfEach(gone)];
  return {
    settings: settings(old.document, now.document, blocks),
    blocks: all.map(({ id }) => {
      const [before, after] = [instanceOf(old.document, id), instanceOf(now.document, id)];
      const mine = wires.filter((wire) => wire.from === id && wire.state !== "same");
      const values = before && after ? within(before, after, old, now, blocks) : [];
      const moved = isMoved(before?.position, after?.position);
      return {
        id,
        state: stateOf(before, after, values, mine, moved),
        ...(before ? { old: before } : {}),
        ...(after ? { new: after } : {}),
        values,
        wires: mine,
        moved,
      };
    }),
    wires,
  };
}

/** A draft may name a block twice. */
function firstOfEach(instances: Instance[]): Instance[] {
  return [...new Map([...instances].reverse().map((one) => [one.id, one])).values()].reverse();
}

function stateOf(
  before: Instance | undefined,
  after: Instance | undefined,
  values: Value[],
  wires: Wire[],
  moved: boolean,
): BlockState {
  if (!before) return "added";
  if (!after) return "removed";
  if (values.length > 0) return "changed";
  if (wires.length > 0) return "rewired";
  return moved ? "moved" : "same";
}

/** Where only one of them says where it stands, nobody has moved it. */
function isMoved(old: Position | null | undefined, now: Position | null | undefined): boolean {
  return Boolean(old && now) && (old?.x !== now?.x || old?.y !== now?.y);
}

function comparedWires(old: ScenarioDocument, now: ScenarioDocument): Wire[] {
  const [before, after] = [wiresOf(old), wiresOf(now)];
  const has = (wires: Omit<Wire, "state">[], wire: Omit<Wire, "state">) =>
    wires.some((one) => one.from === wire.from && one.exit === wire.exit && one.to === wire.to);
  return [
    ...after.map((wire): Wire => ({ ...wire, state: has(before, wire) ? "same" : "added" })),
    ...before
      .filter((wire) => !has(after, wire))
      .map((wire): Wire => ({ ...wire, state: "removed" })),
  ];
}

function wiresOf(document: ScenarioDocument): Omit<Wire, "state">[] {
  return firstOfEach(document.blocks).flatMap(({ id, exits }) =>
    Object.entries(exits ?? {}).map(([exit, to]) => ({ from: id, exit, to })),
  );
}

// ---- values

const FIELDS: Record<string, string> = {
  title: "Title",
  block: "Block",
  account: "Account",
  timeout_ms: "Time-out (ms)",
};

function within(before: Instance, after: Instance, old: Side, now: Side, blocks: Blocks): Value[] {
  const schema = blocks.find(after.block)?.properties as Schema | undefined;
  const fields = (of: Instance) => given(without(of, ["id", "position", "exits", "properties"]));
  return [
    ...differing(fields(before), fields(after), (name) => ({
      name,
      label: FIELDS[name] ?? humanized(name),
      kind: "text",
    })),
    ...pinned(before, after, old, now),
    ...propertiesWithin(before.properties ?? {}, after.properties ?? {}, schema),
  ];
}

/** The same reference may mean another version of its block. */
function pinned(before: Instance, after: Instance, old: Side, now: Side): Value[] {
  const [was, is] = [old.pins[before.block], now.pins[after.block]];
  if (before.block !== after.block || !was || !is || was === is) return [];
  return [{ name: "version", label: "Version of the block", kind: "text", old: was, new: is }];
}

function propertiesWithin(
  old: Record<string, unknown>,
  now: Record<string, unknown>,
  schema: Schema | undefined,
): Value[] {
  return differing(old, now, (name) => {
    const known = schema?.properties?.[name];
    const field = known && resolved(known, schema);
    return {
      name: `properties/${name}`,
      label: field ? labelOf(name, field) : humanized(name),
      kind: field ? kindOf(field) : "value",
    };
  }).flatMap(parts);
}

/** Of an object each part that differs stands for itself. */
function parts(value: Value): Value[] {
  if (!isObject(value.old) || !isObject(value.new)) return [value];
  return differing(value.old, value.new, (name) => ({
    name: `${value.name}/${name}`,
    label: `${value.label} › ${name}`,
    kind: "value",
  })).flatMap(parts);
}

const SETTINGS: Record<string, string> = {
  title: "Title",
  description: "Description",
  start: "Begins with",
  deadline_ms: "Deadline (ms)",
  on_hang_up: "When the caller hangs up",
  inputs: "Inputs",
  sensitive: "Sensitive variables",
};

function settings(old: ScenarioDocument, now: ScenarioDocument, blocks: Blocks): Value[] {
  const shown = (document: ScenarioDocument) => {
    const { start } = document;
    const first = instanceOf(document, start);
    const hangUp = document.on_hang_up === "finish" ? "The run goes on to its end" : undefined;
    const joined = (names: string[] | undefined) => names?.join(", ") || undefined;
    return given({
      ...without(document, ["$schema", "patchcord", "name", "blocks"]),
      start: first ? titleOf(first, blocks) : start,
      on_hang_up: hangUp ?? "The run is cancelled",
      inputs: joined(document.inputs),
      sensitive: joined(document.sensitive),
    });
  };
  const values = differing(shown(old), shown(now), (name) => ({
    name,
    label: SETTINGS[name] ?? humanized(name),
    kind: "text",
  }));
  // Two blocks may have one title.
  if (old.start !== now.start && !values.some(({ name }) => name === "start")) {
    values.push({
      name: "start",
      label: "Begins with",
      kind: "text",
      old: old.start,
      new: now.start,
    });
  }
  return values;
}

function without(of: object, names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(of).filter(([name]) => !names.includes(name)));
}

/** Without what says nothing. */
function given(fields: Record<string, unknown>): Record<string, unknown> {
  const known = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return Object.fromEntries(known);
}

function differing(
  old: Record<string, unknown>,
  now: Record<string, unknown>,
  told: (name: string) => Pick<Value, "name" | "label" | "kind">,
): Value[] {
  const names = [...Object.keys(now), ...Object.keys(old).filter((name) => !(name in now))];
  return names
    .filter((name) => canonical(old[name]) !== canonical(now[name]))
    .map((name) => ({
      ...told(name),
      ...(name in old ? { old: old[name] } : {}),
      ...(name in now ? { new: now[name] } : {}),
    }));
}

/** JSON in which the order of names says nothing. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part) =>
      isObject(part)
        ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
        : part,
    ) ?? ""
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// ---- as one document

/** Both documents in one, for a picture of them: what was removed stands beside what is there, with its wires. */
export function together(
  old: ScenarioDocument,
  now: ScenarioDocument,
  comparison: Comparison,
): ScenarioDocument {
  const blocks = comparison.blocks.flatMap(({ old: before, new: after }) => {
    const instance = after ?? before;
    if (!instance) return [];
    return [{ ...instance, exits: { ...before?.exits, ...after?.exits } }];
  });
  const start = instanceOf(now, now.start) ? now.start : old.start;
  return { ...now, start, blocks };
}

export function counts(comparison: Comparison): Record<BlockState, number> {
  const all = { added: 0, removed: 0, changed: 0, rewired: 0, moved: 0, same: 0 };
  for (const { state } of comparison.blocks) all[state] += 1;
  return all;
}

/** All that a block says, as if it had come or gone as a whole. */
export function fieldsOf(instance: Instance, blocks: Blocks, removed: boolean): Value[] {
  const { id, block } = instance;
  const document = { patchcord: "", name: "", start: "", blocks: [] };
  const side = { document, pins: {} };
  const bare: Instance = { id, block };
  return removed
    ? within(instance, bare, side, side, blocks)
    : within(bare, instance, side, side, blocks);
}
