// Failures by kind, of steps and of calls; and how a block is called where there is little room.

import type { Figures, Statistics } from "../../../api/types";

export type KindCount = { kind: string; steps: number; calls: number };

/** Those of which there were most first. */
export function failureKinds(statistics: Statistics): KindCount[] {
  const { blocks, calls, others } = statistics;
  const steps: (Figures | null)[] = [...blocks, others.blocks];
  const found = new Map<string, KindCount>();
  const add = (figures: Figures | null, of: "steps" | "calls") => {
    for (const [kind, times] of Object.entries(figures?.failures ?? {})) {
      const known = found.get(kind) ?? { kind, steps: 0, calls: 0 };
      found.set(kind, { ...known, [of]: known[of] + (times ?? 0) });
    }
  };
  for (const figures of steps) add(figures, "steps");
  add(calls, "calls");
  return [...found.values()].sort(
    (a, b) => b.steps - a.steps || b.calls - a.calls || a.kind.localeCompare(b.kind),
  );
}

/** `search-object`, and below it `microsoft-dynamics 1.1.0`. */
export function blockName(block: string): [name: string, below: string] {
  const [, by = "", name = block, version = ""] = /^(?:(.*)\.)?([^.@]+)@(.*)$/.exec(block) ?? [];
  return [name, `${by} ${version}`.trim()];
}
