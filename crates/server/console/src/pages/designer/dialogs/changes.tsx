// A difference between two versions, told as a designer thinks of it.

import type { Difference, ScenarioDiff } from "../../../api/types";
import { Badge } from "../../../ui/notice";
import styles from "./dialogs.module.css";

export function Changes({ diff }: { diff: ScenarioDiff }) {
  if (diff.changes.length + diff.pins.length === 0) return <p>Nothing differs.</p>;
  return (
    <ul className={styles.changes}>
      {diff.changes.map((change) => (
        <li key={`${change.what}${change.block}${change.name}`}>
          <Kind change={change} />
          <div>
            <b>{subject(change)}</b>
            <Values change={change} />
          </div>
        </li>
      ))}
      {diff.pins.map(({ block, old, new: now }) => (
        <li key={block}>
          <Badge tone="info">Version</Badge>
          <div>
            <b>{block}</b>: {old?.version ?? "none"} → {now?.version ?? "none"}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Kind({ change }: { change: Difference }) {
  if (change.old === undefined) return <Badge tone="good">Added</Badge>;
  if (change.new === undefined) return <Badge tone="bad">Removed</Badge>;
  return <Badge tone="info">Changed</Badge>;
}

function subject({ what, block, name }: Difference): string {
  switch (what) {
    case "scenario":
      return `Scenario: ${name}`;
    case "block":
      return `Block ${block}`;
    case "order":
      return "Order of the blocks in the document";
    default:
      return `${block}: ${what} ${name}`;
  }
}

function Values({ change }: { change: Difference }) {
  if (change.what === "block" || change.what === "order") return null;
  return (
    <div className={styles.values}>
      {change.old !== undefined && <del>{text(change.old)}</del>}
      {change.new !== undefined && <ins>{text(change.new)}</ins>}
    </div>
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
