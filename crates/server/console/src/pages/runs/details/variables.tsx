// What a step changed, and what its block logged.

import type { StepTrace } from "../../../api/types";
import { Badge, type Tone } from "../../../ui/notice";
import { Table } from "../../../ui/table";
import styles from "./details.module.css";

type Log = StepTrace["log"];
const TONES: Record<Log[number]["level"], Tone | "neutral"> = {
  trace: "neutral",
  debug: "neutral",
  info: "info",
  warn: "warn",
  error: "bad",
};

export function Changes({ changed }: { changed: NonNullable<StepTrace["changed"]> }) {
  const names = Object.entries(changed);
  if (names.length === 0) return null;
  return (
    <Table
      caption="Variables that the step set"
      rows={names}
      keyOf={([name]) => name}
      columns={[
        { title: "Variable", cell: ([name]) => <code>{name}</code> },
        {
          title: "Before",
          cell: ([, change]) =>
            "before" in change ? (
              <Value of={change.before} />
            ) : (
              <span className={styles.none}>not set</span>
            ),
        },
        { title: "After", cell: ([, change]) => <Value of={change.after} /> },
      ]}
    />
  );
}

function Value({ of }: { of: unknown }) {
  return <code className={styles.value}>{JSON.stringify(of, null, 2)}</code>;
}

export function Lines({ log }: { log: Log }) {
  if (log.length === 0) return null;
  return (
    <div>
      <h4 className={styles.small}>Log</h4>
      <ul className={styles.log}>
        {log.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines stay where they are
          <li key={index}>
            <Badge tone={TONES[line.level]}>{line.level}</Badge>
            <span>{line.message}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
