// What a trial brings in place of a call: values that the designer types, kept for the next time.

import { keep, kept } from "../../../ui/kept";
import type { Blocks } from "./blocks";
import { titleOf } from "./blocks";
import type { ScenarioDocument } from "./document";
import { mentioned } from "./variables";

/** A variable of the call. */
export type Sample = {
  name: string;
  text: string;
  /** Whether the text is JSON: a number, say, or a list. */
  json: boolean;
};

export type Samples = { rows: Sample[]; locale: string; deadline: string };

const NO_SAMPLES: Samples = { rows: [], locale: "", deadline: "" };

/** A row for each variable that the scenario reads, then those that were typed besides. */
export function rowsFor(document: ScenarioDocument, kept: Sample[]): Sample[] {
  const names = [...new Set([...mentioned(document), ...(document.inputs ?? [])])];
  const read = names.map(
    (name) => kept.find((row) => row.name === name) ?? { name, text: "", json: false },
  );
  return [...read, ...kept.filter((row) => !names.includes(row.name))];
}

/** The variables of the call, and what is wrong with rows, by their place. What is left empty is not brought. */
export function broughtBy(rows: Sample[]): {
  variables: Record<string, unknown>;
  faults: Map<number, string>;
} {
  const variables: Record<string, unknown> = {};
  const faults = new Map<number, string>();
  for (const [at, { name, text, json }] of rows.entries()) {
    if (text === "") continue;
    const trimmed = name.trim();
    if (!trimmed) faults.set(at, "Give it a name, such as item.from.");
    else if (trimmed in variables) faults.set(at, "There is another value of this name.");
    else if (!json) variables[trimmed] = text;
    else {
      try {
        variables[trimmed] = JSON.parse(text);
      } catch {
        faults.set(at, "This is no JSON: a number, true, a list, or a text in quotation marks.");
      }
    }
  }
  return { variables, faults };
}

const WRITES = new Set(["create", "update", "delete", "execute"]);

/** What a trial would write that is asked to: the title of each block, and its table where that is certain. */
export function writesOf(document: ScenarioDocument, blocks: Blocks): string[] {
  return document.blocks.flatMap((instance) => {
    const block = blocks.find(instance.block);
    const { object_type: table, method } = instance.properties ?? {};
    const title = titleOf(instance, blocks);
    if (block?.id === "core.fetch-url") {
      return method && method !== "GET" ? [`${title} (${String(method)} to a web server)`] : [];
    }
    if (!block?.operations.some((operation) => WRITES.has(operation))) return [];
    return [typeof table === "string" && table ? `${title} (${table})` : title];
  });
}

const KEY = "patchcord.designer.try.";

export function keptSamples(scenario: string): Samples {
  return { ...NO_SAMPLES, ...(kept(KEY + scenario) as Partial<Samples> | undefined) };
}

export function keepSamples(scenario: string, samples: Samples): void {
  const rows = samples.rows.filter((row) => row.text !== "");
  keep(KEY + scenario, { ...samples, rows });
}
