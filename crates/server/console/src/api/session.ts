// Who is signed in. The session itself is a cookie that no script can read; what is kept here is what it tells.

import { answer, api } from "./client";
import { keepCsrf } from "./csrf";
import { ApiError } from "./problem";
import type { Role, Session } from "./types";

export type { Role, Session } from "./types";

/** What a user may do: each role may also do what the one before may. */
export const ROLES: Role[] = ["viewer", "designer", "administrator"];

/** Whether a role may do what `needed` may. */
export function may(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** A page that cannot go on before somebody has signed in, or before there is a user at all. */
export type SignedOut = { setUp: boolean };

/** The session that there is, or what has to be done first. */
export async function currentSession(): Promise<Session | SignedOut> {
  try {
    return kept(await answer(api.GET("/v1/session")));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      return { setUp: error.problem.set_up === true };
    }
    throw error;
  }
}

export async function signIn(name: string, password: string): Promise<Session> {
  return kept(await answer(api.POST("/v1/session", { body: { name, password } })));
}

/** Makes the first administrator with the code of the link that the server printed. */
export async function setUp(code: string, name: string, password: string): Promise<Session> {
  return kept(await answer(api.POST("/v1/setup", { body: { code, name, password } })));
}

export async function signOut(): Promise<void> {
  await api.DELETE("/v1/session");
}

/** All other sessions of the user end with it. */
export async function changePassword(old: string, chosen: string): Promise<Session> {
  const body = { old, password: chosen };
  return kept(await answer(api.PUT("/v1/session/password", { body })));
}

function kept(session: Session): Session {
  keepCsrf(session.csrf);
  return session;
}
