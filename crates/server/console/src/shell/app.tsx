// The whole of it: first who is there, then the console for them.

import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { onSignedOut } from "../api/client";
import { messageOf } from "../api/problem";
import { currentSession, type Session, type SignedOut, signOut } from "../api/session";
import { Loading, Shown } from "../ui/page";
import { Toasts } from "../ui/toast";
import { useLoaded } from "../ui/use_loaded";
import { SessionContext } from "./session_context";
import { Shell } from "./shell";

const Entrance = lazy(() => import("../pages/sign_in/page"));

export function App() {
  const loaded = useLoaded<Session | SignedOut>(currentSession, []);
  const { set } = loaded;
  const [told, setTold] = useState<string>();
  const leave = useCallback(
    (why?: string) => {
      setTold(why);
      set({ setUp: false });
    },
    [set],
  );
  useEffect(() => onSignedOut(() => leave("Your session has ended. Sign in again.")), [leave]);
  const out = () =>
    signOut().then(
      () => leave(),
      (error) => leave(messageOf(error)),
    );
  return (
    <Toasts>
      <Shown loaded={loaded}>
        {(session) =>
          "user" in session ? (
            <SessionContext value={session}>
              <Shell session={session} onSignOut={out} />
            </SessionContext>
          ) : (
            <Suspense fallback={<Loading />}>
              <Entrance setUp={session.setUp} told={told} onEnter={set} />
            </Suspense>
          )
        }
      </Shown>
    </Toasts>
  );
}
