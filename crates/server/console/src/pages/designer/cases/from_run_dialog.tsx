// Choosing the run of which a test is to be made.

import { useState } from "react";
import { messageOf } from "../../../api/problem";
import type { RecordedCase } from "../../../api/types";
import { ResultBadge } from "../../../run/result_badge";
import { caseOfRun, fetchEnded } from "../../../run/run_api";
import { Button } from "../../../ui/button";
import { Dialog } from "../../../ui/dialog";
import { Notice } from "../../../ui/notice";
import { Shown } from "../../../ui/page";
import { Table } from "../../../ui/table";
import { Moment } from "../../../ui/text";
import { useLoaded } from "../../../ui/use_loaded";
import { useWork } from "../../../ui/use_work";
import { MakeCaseDialog } from "./make_case_dialog";

/** How many of the last runs there are to choose from. */
const SHOWN = 20;

export function FromRunDialog({ scenario, onClose }: { scenario: string; onClose: () => void }) {
  const runs = useLoaded(() => fetchEnded({ scenario, limit: SHOWN }), [scenario]);
  const [recorded, setRecorded] = useState<RecordedCase>();
  const [asked, setAsked] = useState<string>();
  const work = useWork();
  const make = (id: string) => {
    setAsked(id);
    work.run(async () => setRecorded(await caseOfRun(id)));
  };
  if (recorded) {
    return <MakeCaseDialog scenario={scenario} recorded={recorded} onClose={onClose} />;
  }
  return (
    <Dialog title="Make a test from a run" size="wide" onClose={onClose}>
      {work.error !== undefined && <Notice tone="bad">{messageOf(work.error)}</Notice>}
      <Shown loaded={runs}>
        {(runs) =>
          runs.length === 0 ? (
            <p>
              No call has got this scenario yet; the last ones are listed here. What you have tried
              in the Run panel becomes a test there.
            </p>
          ) : (
            <Table
              caption="The last runs"
              rows={runs}
              keyOf={({ run }) => run}
              columns={[
                { title: "Began", cell: (run) => <Moment at={run.started_at} /> },
                { title: "Version", narrow: true, cell: ({ version }) => version },
                { title: "Result", cell: (run) => <ResultBadge {...run} /> },
                {
                  title: "Make a test",
                  untitled: true,
                  narrow: true,
                  cell: ({ run, started_at }) => (
                    <Button
                      aria-label={`Make a test of the run of ${started_at}`}
                      busy={work.busy && asked === run}
                      disabled={work.busy}
                      onClick={() => make(run)}
                    >
                      Make a test
                    </Button>
                  ),
                },
              ]}
            />
          )
        }
      </Shown>
    </Dialog>
  );
}
