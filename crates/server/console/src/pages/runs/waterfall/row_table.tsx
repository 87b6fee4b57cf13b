// The rows of the waterfall as a table: for readers of screens, and for whoever wants the numbers.

import { useState } from "react";
import { Button } from "../../../ui/button";
import { duration } from "../../../ui/duration";
import { Badge } from "../../../ui/notice";
import { Table } from "../../../ui/table";
import { all, type Row } from "../model/rows";
import styles from "./row_table.module.css";
import { outcome } from "./words";

const AT_ONCE = 200;
const KINDS: Record<Row["kind"], string> = {
  step: "Step",
  open: "Step",
  call: "Host call",
  request: "Request",
};

export function RowTable({ rows, onSelect }: { rows: Row[]; onSelect: (row: Row) => void }) {
  const [most, setMost] = useState(AT_ONCE);
  const every = all(rows);
  return (
    <>
      <Table
        caption="Steps, host calls and requests"
        rows={every.slice(0, most)}
        keyOf={(row) => row.key}
        columns={[
          {
            title: "What",
            cell: (row) => (
              <button
                type="button"
                className={styles.what}
                style={{ paddingInlineStart: (row.level - 1) * 16 }}
                onClick={() => onSelect(row)}
              >
                {row.title}
              </button>
            ),
          },
          { title: "Kind", narrow: true, cell: (row) => KINDS[row.kind] },
          {
            title: "Outcome",
            cell: (row) =>
              row.bad ? (
                <Badge tone="bad" icon="warning">
                  {outcome(row)}
                </Badge>
              ) : (
                outcome(row)
              ),
          },
          { title: "Began at", number: true, cell: (row) => duration(row.fromUs) },
          { title: "Took", number: true, cell: (row) => duration(row.toUs - row.fromUs) },
        ]}
      />
      {every.length > most && (
        <Button onClick={() => setMost(most + AT_ONCE)}>
          Show more ({every.length - most} are left)
        </Button>
      )}
    </>
  );
}
