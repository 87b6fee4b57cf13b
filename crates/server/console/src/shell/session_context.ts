// The session, for every page.

import { createContext, useContext } from "react";
import { may, type Role, type Session } from "../api/session";

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("this page is shown to nobody who is not signed in");
  return session;
}

/** Whether who is signed in may do what a role may. */
export function useMay(needed: Role): boolean {
  return may(useSession().user.role, needed);
}
