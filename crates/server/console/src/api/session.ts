// Who is signed in. The session itself is a cookie that no script can read; what is kept here is what it tells.

import { root } from "./client";
import { csrfHeaders, keepCsrf } from "./csrf";
import { ApiError, type Problem, unreachable } from "./problem";

/** What a user may do: each role may also do what the one before may. */
export const ROLES = ["viewer", "designer", "administrator"] as const;
export type Role = (typeof ROLES)[number];

export type Session = {
  user: { name: string; role: Role };
  csrf: string;
  version: string;
};

/** Whether a role may do what `needed` may. */
export function may(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** A page that cannot go on before somebody has signed in, or before there is a user at all. */
export type SignedOut = { setUp: boolean };

/** The session that there is, or what has to be done first. */
export async function currentSession(): Promise<Session | SignedOut> {
  try {
    return kept(await send("GET", "v1/session"));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      return { setUp: error.problem.set_up === true };
    }
    throw error;
  }
}

export async function signIn(name: string, password: string): Promise<Session> {
  return kept(await send("POST", "v1/session", { name, password }));
}

/** Makes the first administrator with the code of the link that the server printed. */
export async function setUp(code: string, name: string, password: string): Promise<Session> {
  return kept(await send("POST", "v1/setup", { code, name, password }));
}

export async function signOut(): Promise<void> {
  await send("DELETE", "v1/session");
}

/** Other sessions of the user end with it. */
export async function changePassword(old: string, password: string): Promise<void> {
  await send("PUT", "v1/session/password", { old, password });
}

function kept(session: unknown): Session {
  const known = session as Session;
  keepCsrf(known.csrf);
  return known;
}

async function send(method: string, path: string, body?: unknown): Promise<unknown> {
  const sent = fetch(new URL(path, root), {
    method,
    credentials: "same-origin",
    headers: { Accept: "application/json", "Content-Type": "application/json", ...csrfHeaders() },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const response = await sent.catch(() => {
    throw unreachable();
  });
  if (response.ok) return response.status === 204 ? undefined : response.json();
  const problem: Partial<Problem> = await response.json().catch(() => ({}));
  throw new ApiError(
    response.status,
    problem,
    Number(response.headers.get("Retry-After")) || undefined,
  );
}
