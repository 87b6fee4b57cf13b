// Whether calls would be heard of now.

import type { StreamState } from "../../api/events";
import { Badge } from "../../ui/notice";
import { useNow } from "../../ui/use_now";
import styles from "./agent.module.css";

export function Connection({ login, state }: { login: string; state: StreamState }) {
  return (
    <div className={styles.connection} role="status">
      {state.name === "listening" && (
        <>
          <Badge tone="good" icon="check">
            Listening
          </Badge>
          <span>
            for the calls of <strong>{login}</strong>
          </span>
        </>
      )}
      {state.name === "connecting" && (
        <Badge tone="info" icon="clock">
          Connecting …
        </Badge>
      )}
      {state.name === "lost" && (
        <>
          <Badge tone="bad" icon="warning">
            Connection lost
          </Badge>
          <Lost since={state.since} again={state.again} />
        </>
      )}
    </div>
  );
}

/** Not read out each second: only that it is lost. */
function Lost({ since, again }: { since: number; again: number }) {
  useNow(true);
  const now = Date.now();
  const left = Math.ceil((again - now) / 1000);
  return (
    <span aria-hidden="true">
      {`for ${lasting(now - since)}. ${left > 0 ? `Trying again in ${left} s.` : "Trying again …"}`}
    </span>
  );
}

function lasting(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
