// One test in the list: how it went, what it expects, and what can be done with it.

import { useState } from "react";
import type { CaseReport } from "../../../api/types";
import { Button, IconButton } from "../../../ui/button";
import { Badge } from "../../../ui/notice";
import styles from "./cases.module.css";
import { Expectations } from "./expectations";
import { Report } from "./report";
import type { Test } from "./use_tests";

export function TestItem({
  test,
  report,
  outdated,
  at,
  readOnly,
  onShow,
  onRename,
  onDownload,
  onDelete,
}: {
  test: Test;
  report: CaseReport | undefined;
  outdated: boolean;
  at: string | undefined;
  readOnly: boolean;
  onShow: (id: string) => void;
  onRename: () => void;
  onDownload: () => void;
  onDelete: () => void;
}) {
  const [open, setOpen] = useState(false);
  const { name } = test;
  return (
    <li className={styles.test} data-test={name}>
      <div className={styles.head}>
        <State report={report} outdated={outdated} />
        <h3>{name}</h3>
        <div className={styles.buttons}>
          <Button
            look="quiet"
            aria-expanded={open}
            aria-label={`What ${name} expects`}
            onClick={() => setOpen(!open)}
          >
            {open ? "Hide" : "Details"}
          </Button>
          <IconButton icon="download" label={`Download ${name}`} onClick={onDownload} />
          {!readOnly && (
            <>
              <IconButton icon="update" label={`Rename ${name}`} onClick={onRename} />
              <IconButton icon="delete" label={`Delete ${name}`} onClick={onDelete} />
            </>
          )}
        </div>
      </div>
      {report && !report.passed && <Report of={report} at={at} onShow={onShow} />}
      {open && <Expectations of={test.of} />}
    </li>
  );
}

function State({ report, outdated }: { report: CaseReport | undefined; outdated: boolean }) {
  if (!report) return <Badge tone="neutral">Not run</Badge>;
  const tone = report.passed ? "good" : "bad";
  return (
    <Badge tone={outdated ? "neutral" : tone} icon={report.passed ? "check" : "warning"}>
      {report.passed ? "Passed" : "Failed"}
    </Badge>
  );
}
