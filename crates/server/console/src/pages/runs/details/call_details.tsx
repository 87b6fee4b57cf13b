// A host call: what was asked, what was answered, and where its time went.

import { sentence } from "../../../api/problem";
import { failureWord } from "../../../run/failures";
import { attemptTook, isCached } from "../../../run/host_call";
import { duration } from "../../../ui/duration";
import { Notice } from "../../../ui/notice";
import { Facts } from "../../../ui/text";
import type { Row } from "../model/rows";
import { outcome } from "../waterfall/words";
import styles from "./details.module.css";

type CallRow = Extract<Row, { kind: "call" }>;

export function CallDetails({ row, onSelect }: { row: CallRow; onSelect: (row: Row) => void }) {
  const { call } = row;
  return (
    <>
      {row.bad && (
        <Notice tone="bad" title={failureWord(row.bad)}>
          {call.message && <p>{sentence(call.message)}</p>}
          {call.code && (
            <p>
              Dataverse code <code>{call.code}</code>
            </p>
          )}
        </Notice>
      )}
      <Facts
        of={[
          ["Form of the request", call.shape && <code className={styles.shape}>{call.shape}</code>],
          ["Method", call.method && <code>{call.method}</code>],
          ["HTTP status", call.status],
          ["Answer", answered(row)],
          ["Began at", duration(row.fromUs)],
          ["Took", duration(row.toUs - row.fromUs)],
          ["Until the account might send", call.gate_us && duration(call.gate_us)],
          ["Until there was a token", call.token_us && duration(call.token_us)],
          [
            "Requests",
            row.children.length > 0 ? (
              <Requests key="requests" row={row} onSelect={onSelect} />
            ) : (
              call.requests
            ),
          ],
          ["Handed over", bytes(call.bytes_out)],
          ["Answered", bytes(call.bytes_in)],
        ]}
      />
    </>
  );
}

function answered({ call }: CallRow): string | undefined {
  if (!isCached(call) && !call.stale) return undefined;
  const age = duration((call.age_ms ?? 0) * 1000);
  return call.stale
    ? `Kept from before, ${age} old: it stood in for one that Dynamics 365 could not give`
    : `From the cache, ${age} old`;
}

function bytes(count: number): string | undefined {
  return count > 0 ? `${count.toLocaleString("en")} bytes` : undefined;
}

/** Each request, and what passed until the next one. */
function Requests({ row, onSelect }: { row: CallRow; onSelect: (row: Row) => void }) {
  return (
    <ol className={styles.requests}>
      {row.children.map((child) => (
        <li key={child.key} className={child.bad ? styles.bad : undefined}>
          <button type="button" className={styles.way} onClick={() => onSelect(child)}>
            {outcome(child)}
          </button>
          {child.kind === "request" && ` ${attemptTook(child.request)}`}
        </li>
      ))}
    </ol>
  );
}
