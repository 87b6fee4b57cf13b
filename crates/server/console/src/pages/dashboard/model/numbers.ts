// Numbers as people read them.

const COUNT = new Intl.NumberFormat("en");
const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const SECOND = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** `12,345` */
export function count(value: number): string {
  return COUNT.format(value);
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
