// Numbers as people read them.

const COUNT = new Intl.NumberFormat("en");
const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const SECOND = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** `12,345` */
export function count(value: number): string {
  return COUNT.format(value);
}

/** Three digits that count, in the unit in which they are easily read: `0.12 ms`, `12.3 ms`, `1.23 s`. */
export function duration(ms: number): string {
  // What would be rounded up to a second is one.
  if (ms >= 999.5) return `${digits(ms / 1_000)} s`;
  return `${digits(ms)} ms`;
}

function digits(value: number): string {
  if (value >= 99.95) return count(Math.round(value));
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Of all, how many in a hundred; a dash where there are none. What is not nothing is never told as `0 %`. */
export function share(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.1) return "< 0.1 %";
  if (part < whole && percent > 99.9) return "> 99.9 %";
  return `${Number(percent.toFixed(percent < 10 ? 1 : 0))} %`;
}

/** The hour and the minute, in the reader's time zone. */
export function time(at: Date | string): string {
  return TIME.format(new Date(at));
}

/** To the second. */
export function second(at: Date | string): string {
  return SECOND.format(new Date(at));
}
