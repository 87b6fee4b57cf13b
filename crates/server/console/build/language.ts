// What the designer knows of the scenario language comes from where it is told to people: the tables of
// `docs/scenarios.md`, which tests of the server hold against the code.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";

const NAME = "virtual:language";
const DOCS = resolve(import.meta.dirname, "../../../../docs/scenarios.md");

/** The cells of each row of the table with this head. */
export function tableOf(markdown: string, ...head: string[]): string[][] {
  const lines = markdown.split("\n");
  const start = lines.findIndex((line) => cells(line).join("|") === head.join("|"));
  if (start < 0) throw new Error(`docs/scenarios.md has no table with the head ${head.join(", ")}`);
  const rows: string[][] = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith("|")) break;
    rows.push(cells(line));
  }
  return rows;
}

function cells(line: string): string[] {
  if (!line.startsWith("|")) return [];
  const parts = line.slice(1).split(/(?<!\\)\|/);
  return parts.slice(0, -1).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** `` `round(number, digits)` `` and the like in a cell. */
function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? "");
}

function language(): { functions: unknown[]; failures: unknown[] } {
  const markdown = readFileSync(DOCS, "utf8");
  const functions = tableOf(markdown, "function", "gives").flatMap(([calls = "", gives = ""]) =>
    quoted(calls).map((call) => ({ name: call.split("(")[0], call, gives })),
  );
  const failures = tableOf(markdown, "exit", "the step failed because").map(
    ([exit = "", because = ""]) => ({
      exit: quoted(exit)[0],
      because: because.replaceAll("*", ""),
    }),
  );
  return { functions, failures };
}

export function languagePlugin(): Plugin {
  const resolved = `\0${NAME}`;
  return {
    name: "language",
    resolveId: (id) => (id === NAME ? resolved : undefined),
    load(id) {
      if (id !== resolved) return;
      this.addWatchFile(DOCS);
      const { functions, failures } = language();
      return `export const functions = ${JSON.stringify(functions)};
export const failures = ${JSON.stringify(failures)};`;
    },
  };
}
