// What a step asked Dynamics 365, and the requests that it would have sent.

import type { HostCall, UnsentRequest } from "../../../api/types";
import { attemptOutcome, attemptTook, callTitle, isCached } from "../../../run/host_call";
import { CopyButton } from "../../../ui/copy";
import { duration } from "../../../ui/duration";
import { Badge } from "../../../ui/notice";
import text from "../../../ui/text.module.css";
import { Code, Literal } from "../../../ui/value";
import styles from "./details.module.css";

/** A request as it would have been sent. */
export function Unsent({
  request,
  of,
  named,
}: {
  request: UnsentRequest;
  /** The title of its step. */
  of: string;
  named?: boolean;
}) {
  const { method, url, headers, body } = request;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const whole = [`${method} ${url}`, ...lines, "", body ?? ""].join("\n").trimEnd();
  return (
    <>
      <div className={styles.requestHead}>
        <Badge tone="info">{method}</Badge>
        {named && <b>{of}</b>}
        <CopyButton look="quiet" text={whole} name={`the request of ${of}`} />
      </div>
      <Literal>{url}</Literal>
      {body && <Code text={pretty(body)} name="Body of the request" />}
      <details>
        <summary className={styles.summary}>Headers</summary>
        <Code text={lines.join("\n")} name="Headers of the request" />
      </details>
    </>
  );
}

/** A call of a host function, as the trace has it: its form holds no values. */
export function Asked({ call }: { call: HostCall }) {
  const { shape, method, status, error, code, message } = call;
  const failed = error !== null && error !== undefined;
  const notes = [
    call.requests === 0 && !failed && (isCached(call) ? "from the cache" : "nothing was sent"),
    call.requests > 1 && `${call.requests} requests`,
    call.stale && "an older answer stood in",
    call.gate_us && `waited ${duration(call.gate_us)} until it might send`,
    call.token_us && `waited ${duration(call.token_us)} for a token`,
  ].filter(Boolean);
  return (
    <>
      <div className={styles.requestHead}>
        <b>{callTitle(call)}</b>
        <Badge tone={failed ? "bad" : "good"} icon={failed ? "warning" : "check"}>
          {status ? `HTTP ${status}` : failed ? "No answer" : "Answered"}
        </Badge>
        <span className={text.soft}>{duration(call.elapsed_us)}</span>
      </div>
      {shape && <Literal>{method ? `${method} ${shape}` : shape}</Literal>}
      {notes.length > 0 && <p className={text.soft}>{notes.join("; ")}</p>}
      {message && (
        <p className={styles.bad}>
          {code ? `${code}: ` : ""}
          {message}
        </p>
      )}
      {call.attempts && call.attempts.length > 0 && (
        <ol className={styles.attempts}>
          {call.attempts.map((attempt, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they are in order and never change
            <li key={at}>
              {attemptOutcome(attempt)} {attemptTook(attempt)}
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

/** JSON with line breaks; anything else as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
