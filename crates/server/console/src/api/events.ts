// Server-sent events, as they come. The browser's own EventSource is not used: it gives up for good where a proxy answers in
// place of the server, forgets then which event was the last, and does not tell silence from a dead connection.

import { createParser, type EventSourceMessage } from "eventsource-parser";
import { errorOf, root, tellSignedOut } from "./client";
import type { ApiError } from "./problem";

export type StreamState =
  | { name: "connecting" }
  | { name: "listening" }
  /** `since` is when it was lost, `again` when the next attempt begins; both in milliseconds of the clock. */
  | { name: "lost"; since: number; again: number };

/** The server says something at least every 15 seconds. */
const SILENCE_MS = 40_000;
const LONGEST_PAUSE_MS = 15_000;
/** A stream that ends sooner has not ended as it should: something between here and the server cuts it. */
const LASTING_MS = 5_000;
/** Between a stream that has ended as it should and the next one. */
const SHORT_PAUSE_MS = 500;

export type Listener = {
  /** An event; its data is JSON. */
  onEvent: (name: string, data: unknown, id: string | undefined) => void;
  onState?: (state: StreamState) => void;
  /** The server will not tell it: there is no such thing, or one may not hear of it. It is not asked again. */
  onRefused?: (error: ApiError) => void;
  /** Id of the last event that is known from before. */
  lastId?: string | undefined;
};

/** Listens to `path`, such as `v1/runs/events`, and comes back whenever the connection is lost; what is answered ends it. */
export function listen(path: string, listener: Listener): () => void {
  const ended = new AbortController();
  follow(path, listener, ended.signal);
  return () => ended.abort();
}

async function follow(path: string, listener: Listener, ended: AbortSignal): Promise<void> {
  let lastId = listener.lastId;
  let lostAt: number | undefined;
  let failures = 0;
  const told = (event: EventSourceMessage) => {
    lastId = event.id ?? lastId;
    listener.onEvent(event.event ?? "message", JSON.parse(event.data), event.id);
  };
  listener.onState?.({ name: "connecting" });
  while (!ended.aborted) {
    let openedAt = Number.POSITIVE_INFINITY;
    const opened = () => {
      openedAt = performance.now();
      listener.onState?.({ name: "listening" });
    };
    const refused = await once(path, lastId, opened, told, ended);
    if (ended.aborted) return;
    if (refused?.status === 401) return tellSignedOut();
    if (refused) return listener.onRefused?.(refused);
    if (performance.now() - openedAt >= LASTING_MS) {
      [lostAt, failures] = [undefined, 0];
      await pause(SHORT_PAUSE_MS, ended);
      continue;
    }
    lostAt ??= Date.now();
    const wait = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** failures);
    failures += 1;
    listener.onState?.({ name: "lost", since: lostAt, again: Date.now() + wait });
    await pause(wait, ended);
  }
}

/** One connection from its beginning to its end, however it ends; answers why the server refuses. */
async function once(
  path: string,
  lastId: string | undefined,
  opened: () => void,
  told: (event: EventSourceMessage) => void,
  ended: AbortSignal,
): Promise<ApiError | undefined> {
  const dead = new AbortController();
  const signal = AbortSignal.any([ended, dead.signal]);
  let watchdog = setTimeout(() => dead.abort(), SILENCE_MS);
  try {
    const answer = await fetch(new URL(path, root), {
      headers: { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) },
      credentials: "same-origin",
      cache: "no-store",
      signal,
    });
    if (isRefusal(answer.status)) return await errorOf(answer);
    const isStream = answer.headers.get("Content-Type")?.startsWith("text/event-stream");
    if (!answer.ok || !isStream || !answer.body) return undefined;
    opened();
    const parser = createParser({ onEvent: (event) => ended.aborted || told(event) });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      clearTimeout(watchdog);
      watchdog = setTimeout(() => dead.abort(), SILENCE_MS);
      parser.feed(value);
    }
  } catch {
    return undefined;
  } finally {
    clearTimeout(watchdog);
  }
}

/** Who is told to wait, or was too slow, may ask again. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** Waits, but no longer than until the network is back. */
function pause(milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      removeEventListener("online", done);
      ended.removeEventListener("abort", done);
      resolve();
    }
    addEventListener("online", done);
    ended.addEventListener("abort", done);
  });
}
