// What the server answers where something went wrong: problem documents (RFC 9457), and what is made of them.

import type { components } from "./schema";

export type Problem = components["schemas"]["Problem"];
export type Place = components["schemas"]["Place"];

/** A request that did not succeed. Its message is a sentence for the person at the screen. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    /** The HTTP status; 0 where no answer came. */
    readonly status: number,
    readonly problem: Partial<Problem> & Record<string, unknown>,
    /** Seconds to wait before the next attempt, where the server says so. */
    readonly retryAfter?: number,
  ) {
    super(sentence(problem.detail ?? problem.title ?? `the server answered ${status}`));
  }

  /** The last word of the problem's type, such as `unauthorized`. */
  get kind(): string {
    return this.problem.type?.split(":").at(-1) ?? "";
  }

  /** Each wrong place of what was sent. */
  get places(): Place[] {
    return this.problem.problems ?? [];
  }
}

/** No answer came: the server is down, or the network is. */
export function unreachable(): ApiError {
  return new ApiError(0, {
    title: "The server cannot be reached",
    detail: "the server does not answer; check that it runs and try again",
  });
}

/** Messages of the API start in lower case and end without a full stop, so that they can be put into others. */
export function sentence(text: string): string {
  const whole = text.trim();
  const ended = /[.!?:…]$/.test(whole) ? whole : `${whole}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

/** A message for anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return sentence(error.message);
  return "Something went wrong in this page; reload it and try again.";
}

/** The messages of wrong places by their JSON pointer, such as `/client_id`. */
export function faultsByPointer(error: unknown): Map<string, string> {
  const faults = new Map<string, string>();
  if (!(error instanceof ApiError)) return faults;
  for (const { pointer, message } of error.places) {
    const known = faults.get(pointer);
    faults.set(pointer, known ? `${known} ${sentence(message)}` : sentence(message));
  }
  return faults;
}
