// Texts that differ, line by line, with the part of a line marked that was changed. What stays the same is left out but for
// the lines around a change.

import { diffArrays, diffWordsWithSpace } from "diff";
import type { FieldKind } from "./schema";

export type Piece = { text: string; changed: boolean };
export type Line =
  | { state: "same" | "added" | "removed"; pieces: Piece[] }
  /** So many lines that are the same in both. */
  | { state: "left-out"; count: number };

/** Lines around a change that are shown though they are the same. */
const AROUND = 2;
/** Longer lines are not compared word by word: nobody would see it, and it takes long. */
const LONGEST = 4000;

export function marked(old: unknown, now: unknown, kind: FieldKind): Line[] {
  const lines: Line[] = [];
  const parts = diffArrays(linesOf(old, kind), linesOf(now, kind));
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at];
    const next = parts[at + 1];
    if (!part) continue;
    if (part.removed && next?.added) {
      lines.push(...replaced(part.value, next.value));
      at += 1;
    } else {
      const state = part.added ? "added" : part.removed ? "removed" : "same";
      lines.push(...part.value.map((text) => whole(text, state, false)));
    }
  }
  return folded(lines);
}

function whole(text: string, state: "same" | "added" | "removed", changed: boolean): Line {
  return { state, pieces: [{ text, changed }] };
}

/** Lines in the place of others: what is like its counterpart has the rest marked. */
function replaced(old: string[], now: string[]): Line[] {
  if (old.length !== now.length) {
    return [
      ...old.map((text) => whole(text, "removed", false)),
      ...now.map((text) => whole(text, "added", false)),
    ];
  }
  return old.flatMap((before, index) => words(before, now[index] ?? ""));
}

function words(old: string, now: string): Line[] {
  if (Math.max(old.length, now.length) > LONGEST) {
    return [whole(old, "removed", false), whole(now, "added", false)];
  }
  const parts = diffWordsWithSpace(old, now);
  const kept = parts.filter((part) => !part.added && !part.removed);
  // Nothing but blanks in common: all of it is another text, and marks on all of it would say nothing.
  const alike = kept.some((part) => part.value.trim() !== "");
  const side = (state: "added" | "removed"): Line => ({
    state,
    pieces: parts
      .filter((part) => (state === "added" ? !part.removed : !part.added))
      .map((part) => ({ text: part.value, changed: alike && (part.added || part.removed) })),
  });
  return [side("removed"), side("added")];
}

function folded(lines: Line[]): Line[] {
  const near = lines.map((_, index) =>
    lines
      .slice(Math.max(0, index - AROUND), index + AROUND + 1)
      .some((line) => line.state !== "same"),
  );
  const shown: Line[] = [];
  for (const [index, line] of lines.entries()) {
    const last = shown.at(-1);
    // Of one line more is said by itself than by its count.
    const alone = (near[index - 1] ?? true) && (near[index + 1] ?? true);
    if (near[index] || alone) shown.push(line);
    else if (last?.state === "left-out") last.count += 1;
    else shown.push({ state: "left-out", count: 1 });
  }
  return shown;
}

/** A query has a line for each of its options, other values those of their JSON. Nothing has no line. */
export function linesOf(value: unknown, kind: FieldKind): string[] {
  if (value === undefined) return [];
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  if (kind === "query") return queryLines(text);
  return text.split(/\r?\n/);
}

function queryLines(text: string): string[] {
  const isXml = text.trimStart().startsWith("<");
  if (text.includes("\n")) return text.split(/\r?\n/);
  return isXml ? text.split(/(?<=>)(?=<)/) : text.split(/(?=&\$)/);
}
