// The part of a run that is looked at, as a stretch of time.

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
