// How long something took, as people read it.

const NUMBER = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, useGrouping: false });

/** Three digits that count, in the unit in which they are easily read: `842 µs`, `41.3 ms`, `2.05 s`, `1 min 5 s`. */
export function duration(microseconds: number): string {
  const us = Math.max(0, microseconds);
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${NUMBER.format(us / 1000)} ms`;
  if (us < 59_950_000) return `${NUMBER.format(us / 1e6)} s`;
  const seconds = Math.round(us / 1e6);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The same of milliseconds, in which the API tells how long runs took. */
export function durationOfMs(milliseconds: number): string {
  return duration(milliseconds * 1000);
}
