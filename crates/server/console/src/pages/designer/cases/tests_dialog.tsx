// The tests that are kept with the scenario: run against what is on the screen, looked at, renamed, taken away, brought
// and fetched as files.

import { useEffect, useRef, useState } from "react";
import { messageOf } from "../../../api/problem";
import { casesIn, downloadCases, takeIn } from "../../../run/case_file";
import { Button } from "../../../ui/button";
import { Dialog } from "../../../ui/dialog";
import { Faults } from "../../../ui/faults";
import { Notice } from "../../../ui/notice";
import { Empty, Shown } from "../../../ui/page";
import { useWork } from "../../../ui/use_work";
import { useDesigner } from "../context";
import { enterPane } from "../enter_pane";
import { instanceOf } from "../model/document";
import { counted as countProblems } from "../model/problems";
import styles from "./cases.module.css";
import { failedAt } from "./differences";
import { FromRunDialog } from "./from_run_dialog";
import { changeCases } from "./kept";
import { allOf, testsOf } from "./publish_tests";
import { DeleteDialog, RenameDialog } from "./test_dialogs";
import { TestItem } from "./test_item";
import { counted, type Test, type Tests } from "./use_tests";

export function TestsDialog({ tests, onClose }: { tests: Tests; onClose: () => void }) {
  const { document, found, readOnly, select } = useDesigner();
  const { loaded, list, reports, outdated, running } = tests;
  const [changed, setChanged] = useState<{ test: Test; how: "rename" | "delete" }>();
  const [fromRun, setFromRun] = useState(false);
  const upload = useUpload(document.name);
  // Somebody else may have changed them since the scenario was opened.
  const { reload } = loaded;
  useEffect(reload, [reload]);
  const { name } = document;
  const { errors } = countProblems(found);
  if (changed) {
    const Changing = changed.how === "rename" ? RenameDialog : DeleteDialog;
    return <Changing scenario={name} test={changed.test} onClose={() => setChanged(undefined)} />;
  }
  if (fromRun) return <FromRunDialog scenario={name} onClose={() => setFromRun(false)} />;
  const show = (id: string) => {
    select([id]);
    onClose();
    enterPane();
  };
  const known = (id: string) => instanceOf(document, id) !== undefined;
  return (
    <Dialog
      title={list.length > 0 ? `Tests (${list.length})` : "Tests"}
      size="wide"
      onClose={onClose}
      actions={
        <>
          {list.length > 0 && (
            <Button
              look="quiet"
              icon="download"
              onClick={() =>
                downloadCases(
                  name,
                  list.map(({ of }) => of),
                )
              }
            >
              Download all
            </Button>
          )}
          {!readOnly && (
            <>
              <Button icon="create" onClick={() => setFromRun(true)}>
                From a run
              </Button>
              <Button icon="upload" busy={upload.busy} onClick={upload.choose}>
                Upload
              </Button>
              {list.length > 0 && (
                <Button
                  look="primary"
                  icon="run"
                  busy={running}
                  disabled={errors > 0}
                  onClick={() => {
                    upload.clear();
                    tests.run();
                  }}
                >
                  Run all
                </Button>
              )}
            </>
          )}
        </>
      }
    >
      {upload.input}
      {upload.told}
      <Outcome tests={tests} errors={errors} />
      <Shown loaded={loaded}>
        {() =>
          list.length === 0 ? (
            <Empty icon="check" title="No tests yet">
              A test brings the scenario what a call would bring, answers it as Dynamics 365 would,
              and says whether the same comes of it as before. Make one from a run of the scenario,
              or upload a file <code>{name}.test.json</code>.
            </Empty>
          ) : (
            <ul className={styles.tests} aria-label="Tests">
              {list.map((test) => {
                const report = reports.get(test.key);
                return (
                  <TestItem
                    key={test.key}
                    test={test}
                    report={report}
                    outdated={outdated}
                    at={report && failedAt(report, known)}
                    readOnly={readOnly}
                    onShow={show}
                    onRename={() => setChanged({ test, how: "rename" })}
                    onDownload={() => downloadCases(name, [test.of])}
                    onDelete={() => setChanged({ test, how: "delete" })}
                  />
                );
              })}
            </ul>
          )
        }
      </Shown>
    </Dialog>
  );
}

/** How all of them went. */
function Outcome({ tests, errors }: { tests: Tests; errors: number }) {
  const { list, outdated, running, error } = tests;
  const { passed, failed, notRun } = counted(tests);
  if (list.length === 0) return null;
  if (errors > 0) {
    return (
      <Notice tone="warn" title="The tests cannot be run yet">
        The list of problems says what is wrong with the scenario.
      </Notice>
    );
  }
  if (running) return <Notice tone="info">{`Running ${testsOf(list.length)} …`}</Notice>;
  if (error !== undefined) return <Notice tone="bad">{messageOf(error)}</Notice>;
  if (passed + failed === 0) return null;
  if (outdated) {
    return <Notice tone="info">The scenario has changed since. Run the tests again.</Notice>;
  }
  if (failed > 0) {
    return <Notice tone="bad">{`${failed} of ${testsOf(passed + failed)} failed.`}</Notice>;
  }
  if (notRun > 0) return <Notice tone="good">{`${testsOf(passed)} passed.`}</Notice>;
  return <Notice tone="good">{`${allOf(passed)} passed.`}</Notice>;
}

/** Bringing a file of tests. What is told of it stands in the window: it lies over everything else. */
function useUpload(scenario: string) {
  const input = useRef<HTMLInputElement>(null);
  const [taken, setTaken] = useState<{ cases: number; replaced: number }>();
  const work = useWork();
  const take = (file: File | undefined) => {
    setTaken(undefined);
    if (!file) return;
    work.run(async () => {
      const cases = casesIn(await file.text());
      let replaced = 0;
      await changeCases(scenario, (kept) => {
        const all = takeIn(kept, cases);
        replaced = kept.length + cases.length - all.length;
        return all;
      });
      setTaken({ cases: cases.length, replaced });
    });
  };
  return {
    busy: work.busy,
    choose: () => input.current?.click(),
    /** What was told is over. */
    clear: () => {
      setTaken(undefined);
      work.clear();
    },
    input: (
      <input
        ref={input}
        type="file"
        accept=".json"
        hidden
        aria-label="File of tests"
        onChange={(event) => {
          take(event.target.files?.[0]);
          // So that the same file, once it is mended, can be chosen again.
          event.target.value = "";
        }}
      />
    ),
    told: (
      <>
        {taken !== undefined && (
          <Notice tone="good">
            {`${testsOf(taken.cases)} taken in.`}
            {taken.replaced > 0 && ` ${testsOf(taken.replaced)} of the same name replaced.`}
          </Notice>
        )}
        <Faults error={work.error} />
      </>
    ),
  };
}
