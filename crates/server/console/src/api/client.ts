// The typed client of the HTTP API. Its types are made from `openapi.json`, so that a call that the server does not
// know does not compile.

import createClient, { type Middleware } from "openapi-fetch";
import { csrfHeaders } from "./csrf";
import { readExact } from "./exact_json";
import { ApiError, type Problem, unreachable } from "./problem";
import type { paths } from "./schema";

/** The server's root, seen from the page: it may stand under another path behind a proxy. */
export const root = new URL("..", document.baseURI);

/** Called where the session has ended behind our back. */
let whenSignedOut: () => void = () => {};

export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener;
}

const guard: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(csrfHeaders())) request.headers.set(name, value);
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok) return readsExactly(response);
    const error = await errorOf(response);
    if (error.status === 401 && !tellsItself(request)) whenSignedOut();
    throw error;
  },
  onError({ error }) {
    return error instanceof ApiError || isAbort(error) ? (error as Error) : unreachable();
  },
};

/** The answer, whose body is read without a loss where test cases are in it. */
async function readsExactly(response: Response): Promise<Response> {
  if (!response.headers.get("Content-Type")?.includes("json")) return response;
  const text = await response.text();
  const headers = new Headers(response.headers);
  // Without a length, as behind a proxy that compresses, the client would read the text itself.
  headers.set("Content-Length", String(text.length));
  const read = new Response(text, { status: response.status, headers });
  return Object.defineProperty(read, "json", { value: async () => readExact(text) });
}

/** Where a refusal is about what was entered: the page says so in its place. */
function tellsItself(request: Request): boolean {
  return /\/v1\/session(\/password)?$/.test(new URL(request.url).pathname);
}

async function errorOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After")) || undefined;
  const problem: Partial<Problem> = await response.json().catch(() => ({}));
  return new ApiError(response.status, problem, retryAfter);
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** `await answer(api.GET("/v1/accounts"))` is the body, or throws an `ApiError`. */
export const api = createClient<paths>({
  baseUrl: root.href.replace(/\/$/, ""),
  credentials: "same-origin",
  headers: { Accept: "application/json" },
});
api.use(guard);

/** The body of an answer that went well; what did not was thrown before. */
export async function answer<T>(asked: Promise<{ data?: T; response: Response }>): Promise<T> {
  const { data } = await asked;
  return data as T;
}
