import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listen, type StreamState } from "./events";

vi.mock("./client", () => ({
  root: new URL("http://server/"),
  tellSignedOut: () => told.push("signed out"),
  errorOf: async (answer: Response) => ({ status: answer.status }),
}));

const told: string[] = [];
const asked: (string | null)[] = [];
type Answer = (signal: AbortSignal) => Response;
let answers: Answer[] = [];

/** A stream of events that stays open until it is closed. */
function stream(): { answer: Answer; say: (text: string) => void; close: () => void } {
  let control: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      control = given;
    },
  });
  return {
    answer: (signal) => {
      signal.addEventListener("abort", () => control?.error(signal.reason));
      return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
    },
    say: (text) => control?.enqueue(new TextEncoder().encode(text)),
    close: () => control?.close(),
  };
}

function page(status = 200): Answer {
  return () => new Response("no server here", { status, headers: { "Content-Type": "text/html" } });
}

function start(lastId?: string): () => void {
  return listen("v1/agents/ann/events", {
    lastId,
    onEvent: (name, data, id) => told.push(`${name} ${JSON.stringify(data)} ${id}`),
    onState: (state: StreamState) => told.push(state.name),
    onRefused: ({ status }) => told.push(`refused ${status}`),
  });
}

const passed = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("removeEventListener", () => {});
  vi.stubGlobal("fetch", async (_: URL, request: { headers: object; signal: AbortSignal }) => {
    asked.push(new Headers({ ...request.headers }).get("Last-Event-ID"));
    const next = answers.shift();
    if (!next) throw new TypeError("nobody answers");
    return next(request.signal);
  });
  told.length = 0;
  asked.length = 0;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("tells events, and goes on after the last one when a stream has ended", async () => {
  const [first, second] = [stream(), stream()];
  answers = [first.answer, second.answer];
  const stop = start("4");
  await passed(1);
  first.say('event: screen-pop\nid: 5\ndata: {"a":1}\n\n: still here\n\n');
  await passed(20_000);
  first.close();
  await passed(600);
  second.say('event: screen-pop\nid: 6\ndata: {"a":2}\n\n');
  await passed(1);
  expect(told).toEqual([
    "connecting",
    "listening",
    'screen-pop {"a":1} 5',
    "listening",
    'screen-pop {"a":2} 6',
  ]);
  expect(asked).toEqual(["4", "5"]);
  stop();
  await passed(60_000);
  expect(asked).toHaveLength(2);
});

it("says that the connection is lost, also where something else answers, and tries again", async () => {
  const back = stream();
  answers = [page(), page(502), back.answer];
  const stop = start();
  await passed(1);
  expect(told).toEqual(["connecting", "lost"]);
  await passed(1000);
  expect(told).toEqual(["connecting", "lost", "lost"]);
  await passed(2000);
  expect(told.at(-1)).toBe("listening");
  stop();
});

it("takes silence for a dead connection", async () => {
  answers = [stream().answer];
  const stop = start();
  await passed(30_000);
  expect(told.at(-1)).toBe("listening");
  await passed(15_000);
  expect(asked.length).toBeGreaterThan(1);
  expect(told.at(-1)).toBe("lost");
  stop();
});

it("asks no more where it is refused, and says where the session has ended", async () => {
  answers = [page(404)];
  start();
  await passed(60_000);
  answers = [page(401)];
  start();
  await passed(60_000);
  expect(told).toEqual(["connecting", "refused 404", "connecting", "signed out"]);
  expect(asked).toHaveLength(2);
});

it("asks again where it is told to wait", async () => {
  const { answer } = stream();
  answers = [page(429), answer];
  const stop = start();
  await passed(2000);
  expect(told).toEqual(["connecting", "lost", "listening"]);
  stop();
});
