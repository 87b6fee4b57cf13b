// Who changed what.

import { useState } from "react";
import { answer, api } from "../../api/client";
import type { AuditEntry } from "../../api/types";
import { TextField } from "../../ui/field";
import { Columns } from "../../ui/form";
import { Badge, type Tone } from "../../ui/notice";
import { Empty, Page } from "../../ui/page";
import { Paged } from "../../ui/paged";
import { Cut, Moment } from "../../ui/text";
import { PAGE_SIZE, usePages } from "../../ui/use_pages";
import { useSettled } from "../../ui/use_settled";
import styles from "./audit.module.css";

const TONES: Record<AuditEntry["outcome"], Tone> = { done: "good", refused: "warn", failed: "bad" };

function author(entry: AuditEntry): string {
  switch (entry.kind) {
    case "token":
      return `${entry.who} (API token)`;
    case "command_line":
      return entry.who ? `${entry.who} (command line)` : "Command line";
    case "nobody":
      return "Nobody known";
    default:
      return entry.who ?? "";
  }
}

export default function AuditPage() {
  const [who, setWho] = useState("");
  const [what, setWhat] = useState("");
  const wanted = useSettled(`${who.trim()}\n${what.trim()}`);
  const entries = usePages<AuditEntry>(
    (before) => {
      const [by, kind] = wanted.split("\n");
      const query = {
        limit: PAGE_SIZE,
        ...(by ? { who: by } : {}),
        ...(kind ? { what: kind } : {}),
        ...(before ? { before: before.id } : {}),
      };
      return answer(api.GET("/v1/audit", { params: { query } }));
    },
    [wanted],
  );
  return (
    <Page
      title="Audit"
      lead="Everything that was changed, or that somebody tried to change. No secret is in it."
    >
      <Columns>
        <TextField
          label="Who"
          placeholder="Name of a user or token"
          value={who}
          onChange={setWho}
        />
        <TextField
          label="What"
          placeholder="account, scenario.publish"
          value={what}
          onChange={setWhat}
        />
      </Columns>
      <Paged
        caption="Audit log"
        pages={entries}
        keyOf={(entry) => entry.id}
        empty={
          <Empty icon="audit" title="Nothing is recorded">
            {who || what
              ? "No entry fits. Who is a whole name; what is a kind such as account, or account.update."
              : "Changes of accounts, scenarios, blocks, users and tokens are listed here."}
          </Empty>
        }
        columns={[
          { title: "When", narrow: true, cell: (entry) => <Moment at={entry.at} /> },
          { title: "Who", cell: (entry) => <Cut className={styles.who}>{author(entry)}</Cut> },
          { title: "What", narrow: true, cell: (entry) => <code>{entry.what}</code> },
          {
            title: "Subject",
            cell: (entry) => entry.subject && <Cut className={styles.subject}>{entry.subject}</Cut>,
          },
          {
            title: "Outcome",
            narrow: true,
            cell: (entry) => (
              <Badge tone={TONES[entry.outcome]}>
                {entry.reason ? `${entry.outcome}: ${entry.reason}` : entry.outcome}
              </Badge>
            ),
          },
          { title: "From", narrow: true, cell: (entry) => entry.address ?? "this machine" },
        ]}
      />
    </Page>
  );
}
