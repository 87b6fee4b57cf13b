// Spans of time: those that can be chosen, and the points that they are made of.

import type { Point, Statistics } from "../../../api/types";

/** A choice of the page. Points are as long as leaves a hundred of them at most. */
export type Span = { id: string; title: string; minutes: number; interval: number };

const HOUR: Span = { id: "60", title: "hour", minutes: 60, interval: 1 };

export const SPANS: Span[] = [
  { id: "15", title: "15 minutes", minutes: 15, interval: 1 },
  HOUR,
  { id: "360", title: "6 hours", minutes: 360, interval: 5 },
  { id: "1440", title: "24 hours", minutes: 1440, interval: 15 },
];

/** The span of an address; an hour where it names none. */
export function spanOf(id: string | null): Span {
  return SPANS.find((span) => span.id === id) ?? HOUR;
}

/** `minute`, or `5 minutes`: of what a point tells. */
export function intervalName(statistics: Statistics): string {
  return statistics.interval === 1 ? "minute" : `${statistics.interval} minutes`;
}

/** When each point begins, and when the last one will have ended. */
export function bounds(statistics: Statistics): { starts: Date[]; end: Date } {
  const starts = statistics.points.map((point) => new Date(point.at));
  const last = starts.at(-1) ?? new Date(statistics.from);
  return { starts, end: new Date(last.getTime() + statistics.interval * 60_000) };
}

/** The last point that is over, if it began when there were statistics. The one after it goes on. */
export function lastWhole(statistics: Statistics): Point | undefined {
  const point = statistics.points.at(-2);
  const { interval, since } = statistics;
  // Statistics begin within a minute: what was before that in it is missing, and too little to matter.
  const begun = point && Date.parse(point.at) + interval * 60_000 > Date.parse(since);
  return begun ? point : undefined;
}

/** Whether there are no statistics of the beginning of the span. */
export function isShort(statistics: Statistics): boolean {
  return Date.parse(statistics.since) - Date.parse(statistics.from) > 60_000;
}
