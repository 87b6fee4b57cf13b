// Stretches of time: as texts, and the part of a run that is looked at.

const NUMBER = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, useGrouping: false });

/** `842 µs`, `41.3 ms`, `2.05 s`, `1 min 5 s`. */
export function duration(microseconds: number): string {
  const us = Math.max(0, microseconds);
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${NUMBER.format(us / 1000)} ms`;
  if (us < 59_950_000) return `${NUMBER.format(us / 1e6)} s`;
  const seconds = Math.round(us / 1e6);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** From when to when a run is looked at, in microseconds. */
export type View = { fromUs: number; toUs: number };

/** Narrower than this nothing is told apart. */
const NARROWEST_US = 200;

function kept(view: View, wholeUs: number): View {
  const width = Math.min(wholeUs, Math.max(NARROWEST_US, view.toUs - view.fromUs));
  const fromUs = Math.min(Math.max(0, view.fromUs), wholeUs - width);
  return { fromUs, toUs: fromUs + width };
}

/** Closer by `factor` (or farther, below 1); what is at `aroundUs` stays where it is. */
export function zoomed(view: View, wholeUs: number, factor: number, aroundUs: number): View {
  const scaled = (at: number) => aroundUs + (at - aroundUs) / factor;
  return kept({ fromUs: scaled(view.fromUs), toUs: scaled(view.toUs) }, wholeUs);
}

/** Further along by a part of what is seen. */
export function moved(view: View, wholeUs: number, part: number): View {
  const by = (view.toUs - view.fromUs) * part;
  return kept({ fromUs: view.fromUs + by, toUs: view.toUs + by }, wholeUs);
}

/** So that a stretch fills most of what is seen. */
export function zoomedTo(fromUs: number, toUs: number, wholeUs: number): View {
  const margin = Math.max(NARROWEST_US, toUs - fromUs) * 0.15;
  return kept({ fromUs: fromUs - margin, toUs: toUs + margin }, wholeUs);
}
