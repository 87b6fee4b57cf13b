// What is to become of an import: of each scenario in it, of the accounts that it names, of its routes and blocks.

import type { ImportPreview } from "../../api/types";

export type Fate = "take" | "skip" | "rename";

export type Choices = {
  /** By the scenario's name in the export; the new name where it gets another one. */
  scenarios: Record<string, { fate: Fate; name: string }>;
  /** By the account's name in the export; empty where it stays as it is. */
  accounts: Record<string, string>;
  publish: boolean;
  routes: boolean;
  /** What is granted to blocks that are installed. */
  grants: string[];
};

/** Nothing that is here gives way unless somebody says so. */
export function firstChoices(preview: ImportPreview): Choices {
  const scenarios = preview.scenarios.map(({ name, draft }) => [
    name,
    { fate: draft ? "skip" : "take", name: `${name}-imported` },
  ]);
  return {
    scenarios: Object.fromEntries(scenarios),
    accounts: Object.fromEntries(preview.missing.accounts.map((name) => [name, ""])),
    publish: false,
    routes: false,
    grants: [],
  };
}

/** The query of the request that does it. */
export function queryOf(choices: Choices, preview: ImportPreview): URLSearchParams {
  const query = new URLSearchParams();
  for (const [old, { fate, name }] of Object.entries(choices.scenarios)) {
    if (fate === "skip") query.append("skip", old);
    if (fate === "rename") query.append("rename", `${old}=${name.trim()}`);
  }
  for (const [old, name] of Object.entries(choices.accounts)) {
    if (name) query.append("account", `${old}=${name}`);
  }
  // Nobody has said so of a draft that was not here yet when the file was looked at.
  const givesWay = preview.scenarios.some(
    ({ name, draft }) => draft && choices.scenarios[name]?.fate === "take",
  );
  if (givesWay) query.set("overwrite", "true");
  if (choices.publish) query.set("publish", "true");
  if (choices.publish && choices.routes) query.set("routes", "true");
  for (const grant of choices.grants) query.append("grant", grant);
  return query;
}

/** Why the new name of a scenario cannot be taken; nothing where it can. */
export function faultOf(choices: Choices, old: string, taken: string[]): string | undefined {
  const { fate, name } = choices.scenarios[old] ?? {};
  if (fate !== "rename" || name === undefined) return undefined;
  const wanted = name.trim();
  if (!/^[a-z0-9-]+$/.test(wanted)) return "Write lower-case letters, digits and dashes.";
  if (taken.includes(wanted)) return "There is a scenario of this name.";
  const others = Object.entries(choices.scenarios).filter(([other]) => other !== old);
  const clash = others.some(
    ([other, choice]) =>
      choice.fate !== "skip" && (choice.fate === "take" ? other : choice.name.trim()) === wanted,
  );
  return clash ? "Another scenario of the import gets this name." : undefined;
}

export function isReady(choices: Choices, taken: string[]): boolean {
  const names = Object.keys(choices.scenarios);
  return (
    names.some((name) => choices.scenarios[name]?.fate !== "skip") &&
    names.every((name) => faultOf(choices, name, taken) === undefined)
  );
}
