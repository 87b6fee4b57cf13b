// Which integration accounts need somebody to do something, and what.

import { sentence } from "../../../api/problem";
import type { Account, AccountHeadRoom } from "../../../api/types";
import { second } from "./numbers";

export type Need = { account: Account; tone: "bad" | "warn"; title: string; sentences: string[] };

/** What Dynamics 365 has told of a limit is of five minutes. */
const LIMIT_WINDOW_MS = 300_000;

/** The worst first, then in the order in which they came. */
export function needs(accounts: Account[], headRoom: AccountHeadRoom[], now: string): Need[] {
  const found = accounts.flatMap((account) => {
    const known = headRoom.find(({ id }) => id === account.id);
    return need(account, known, now) ?? [];
  });
  return [
    ...found.filter(({ tone }) => tone === "bad"),
    ...found.filter(({ tone }) => tone === "warn"),
  ];
}

function need(account: Account, known: AccountHeadRoom | undefined, now: string): Need | undefined {
  const warnings = account.warnings.map(({ message }) => sentence(message));
  if (account.state === "consent_required") {
    const why = sentence(account.reason ?? "Press Request token and sign in");
    return { account, tone: "bad", title: "Consent required", sentences: [why, ...warnings] };
  }
  const until = known?.wait_until;
  if (until && Date.parse(until) > Date.parse(now)) {
    const waits = `Dynamics 365 asks it to wait until ${second(until)}.`;
    return { account, tone: "warn", title: "Throttled", sentences: [waits, ...warnings] };
  }
  const over = account.warnings.some(({ cause }) => cause.endsWith("_expired"));
  const title = over ? "Expired" : "Expires soon";
  return warnings.length > 0
    ? { account, tone: over ? "bad" : "warn", title, sentences: warnings }
    : undefined;
}

/** Whether a reading is older than what it is about. */
export function isOld(at: string, now: string): boolean {
  return Date.parse(now) - Date.parse(at) > LIMIT_WINDOW_MS;
}

/** `2 for requests, 1 for execution time`: the answers of 429, by the limit that was met; nothing where there was none. */
export function throttledWords(throttled: AccountHeadRoom["throttled"]): string {
  const limits: [number, string][] = [
    [throttled.requests, "for requests"],
    [throttled.execution_time, "for execution time"],
    [throttled.concurrency, "for requests at once"],
    [throttled.unknown, "without a reason"],
  ];
  return limits
    .filter(([times]) => times > 0)
    .map(([times, limit]) => `${times} ${limit}`)
    .join(", ");
}
