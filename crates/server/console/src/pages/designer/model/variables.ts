// The variables that may be known where a block runs: what the call flow brings, and what blocks on a way to it leave
// behind.

import type { Blocks } from "./blocks";
import { type Instance, instanceOf, type ScenarioDocument } from "./document";
import { readQuery } from "./odata";

export type Variable = {
  /** As it stands between `$(` and `)`. */
  name: string;
  /** Where it comes from. */
  from: string;
};

/** A recordset and where its records come from. */
export type Recordset = { name: string; table: string | undefined; columns: string[] };

/** What the routes and the agent page know of a call (docs/scenarios.md, docs/call-flows.md). */
const BROUGHT = ["item.from", "item.to", "item.queue", "item.channel", "user.login"];
const INTEGRATION = ["Code", "Body", "Kind", "Age", "Stale"].map(
  (end) => `integrationResult${end}`,
);
const FETCHED = ["fetchURLResultCode", "fetchURLResultBody"];
const CAUGHT = ["errorStep", "errorKind", "errorMessage"];

/** The instances that a run may have come through before this one. */
export function before(document: ScenarioDocument, id: string): Instance[] {
  const seen = new Set<string>();
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const instance of document.blocks) {
      const leads = Object.values(instance.exits ?? {}).includes(at);
      if (!leads || seen.has(instance.id)) continue;
      seen.add(instance.id);
      open.push(instance.id);
    }
  }
  return document.blocks.filter((instance) => seen.has(instance.id));
}

export function variablesAt(
  document: ScenarioDocument,
  blocks: Blocks,
  id: string,
  /** Columns of tables that have been looked up, by entity set name. */
  columns: ReadonlyMap<string, string[]>,
): Variable[] {
  const known = new Map<string, string>();
  const tell = (name: string, from: string) => known.has(name) || known.set(name, from);
  for (const name of document.inputs ?? []) tell(name, "input of the scenario");
  const earlier = before(document, id);
  for (const { name, table, columns: read } of recordsetsOf(earlier, blocks)) {
    const from = table ? `recordset of ${table}` : "recordset";
    for (const column of read) tell(`${name}.${column}`, from);
    tell(`${name}.__count__`, "number of its records");
    for (const column of (table && columns.get(table)) || []) tell(`${name}.${column}`, from);
  }
  for (const instance of earlier) {
    const block = blocks.find(instance.block);
    for (const output of block?.outputs ?? []) {
      const name = instance.properties?.[output.property];
      if (output.kind === "variable" && isName(name)) tell(name, instance.title || instance.id);
    }
    if (block?.operations.length)
      for (const name of INTEGRATION) tell(name, "last integration step");
    if (block?.id === "core.fetch-url") for (const name of FETCHED) tell(name, "last Fetch URL");
    if (block?.id === "core.exception-handler") for (const name of CAUGHT) tell(name, "failure");
  }
  for (const name of [...BROUGHT, ...mentioned(document)]) tell(name, "brought by the call flow");
  return [...known].map(([name, from]) => ({ name, from }));
}

/** The recordsets that may be there before an instance runs. */
export function recordsetsAt(document: ScenarioDocument, blocks: Blocks, id: string): Recordset[] {
  return recordsetsOf(before(document, id), blocks);
}

function recordsetsOf(instances: Instance[], blocks: Blocks): Recordset[] {
  return instances.flatMap((instance) => {
    const block = blocks.find(instance.block);
    const outputs = block?.outputs.filter((output) => output.kind === "recordset") ?? [];
    return outputs.flatMap(({ property }) => {
      const name = instance.properties?.[property];
      return isName(name) ? [{ name, ...whence(instance) }] : [];
    });
  });
}

function whence({ properties }: Instance): Omit<Recordset, "name"> {
  const { object_type: table, query } = properties ?? {};
  const read = typeof query === "string" ? readQuery(query) : null;
  return {
    table: typeof table === "string" && !table.includes("$") ? table : undefined,
    columns: read?.select ?? [],
  };
}

/** `item.*` and `user.*` that some block of the scenario reads already. */
export function mentioned(document: ScenarioDocument): string[] {
  const text = JSON.stringify(document.blocks.map((instance) => instance.properties ?? {}));
  const read = [...text.matchAll(/\$\(\s*((?:item|user)\.[A-Za-z0-9_.]+)/g)];
  const expressions = [...text.matchAll(/"=((?:[^"\\]|\\.)*)"/g)].flatMap(([expression]) => [
    ...expression.matchAll(/\b((?:item|user)\.[A-Za-z0-9_.]+)/g),
  ]);
  return [...new Set([...read, ...expressions].map((match) => match[1] ?? ""))];
}

function isName(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z_]\w*$/.test(value);
}

/** The table whose columns an instance's fields are of: its own, where it names one. */
export function tableOf(document: ScenarioDocument, id: string): string | undefined {
  const instance = instanceOf(document, id);
  return instance && whence(instance).table;
}
