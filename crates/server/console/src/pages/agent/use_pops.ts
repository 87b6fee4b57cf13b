// Listening to the screen pops of an agent.

import { useEffect, useRef, useState } from "react";
import { listen, type StreamState } from "../../api/events";
import type { AgentEvent } from "../../api/types";
import { keepPops, keptPops, type Pop, withPop } from "./pops";

export type Listening = {
  pops: Pop[];
  state: StreamState;
  /** Why the server does not tell the screen pops of this login. */
  error: unknown;
};

/** `onPop` is told each pop once, as it comes. */
export function usePops(login: string, onPop: (pop: Pop) => void): Listening {
  const [pops, setPops] = useState<Pop[]>([]);
  const [state, setState] = useState<StreamState>({ name: "connecting" });
  const [error, setError] = useState<unknown>();
  const tell = useRef(onPop);
  tell.current = onPop;
  useEffect(() => {
    let known = keptPops(login);
    setPops(known);
    setError(undefined);
    if (!login) return;
    return listen(`v1/agents/${encodeURIComponent(login)}/events`, {
      lastId: known[0]?.event,
      onState: setState,
      onRefused: setError,
      onEvent: (name, data, id) => {
        if (name !== "screen-pop" || !id) return;
        const arrivedAt = new Date().toISOString();
        const pop = { ...(data as AgentEvent), event: id, arrivedAt };
        const next = withPop(known, pop);
        if (next === known) return;
        known = next;
        keepPops(login, known);
        setPops(known);
        tell.current(pop);
      },
    });
  }, [login]);
  return { pops, state, error };
}
