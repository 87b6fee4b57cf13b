// The head of a run: how it ended, what it came to, and what can be done with it.

import { useState } from "react";
import { messageOf, sentence } from "../../api/problem";
import type { Run } from "../../api/types";
import { replayAddress, scenarioAddress } from "../../run/addresses";
import { downloadCases } from "../../run/case_file";
import { failureWord } from "../../run/failures";
import { cancelRun, caseOfRun } from "../../run/run_api";
import { useMay } from "../../shell/session_context";
import { Button, LinkButton } from "../../ui/button";
import { CopyButton } from "../../ui/copy";
import { Confirm } from "../../ui/dialog";
import { download } from "../../ui/download";
import { duration } from "../../ui/duration";
import { Icon } from "../../ui/icons";
import { Badge, Notice } from "../../ui/notice";
import { Card } from "../../ui/page";
import { Facts, Moment } from "../../ui/text";
import { useToast } from "../../ui/toast";
import { useWork } from "../../ui/use_work";
import { sumsOf } from "./model/rows";
import type { Trace } from "./model/trace";
import styles from "./runs.module.css";
import { useRecordLink } from "./use_record_link";
import type { FollowedRun } from "./use_run";

export function RunActions({ trace, run }: { trace: Trace; run: Run | undefined }) {
  const mayDesign = useMay("designer");
  const [cancelling, setCancelling] = useState(false);
  const tell = useToast();
  if (!mayDesign) return null;
  const cancel = async () => {
    await cancelRun(trace.run);
    tell("The run will end before its next step.");
  };
  return (
    <>
      {!trace.ended && (
        <Button look="danger" icon="close" onClick={() => setCancelling(true)}>
          Cancel run
        </Button>
      )}
      {run && (
        <LinkButton
          look={run.failure ? "primary" : "secondary"}
          icon="loop"
          href={replayAddress(trace)}
        >
          Replay in the designer
        </LinkButton>
      )}
      {cancelling && !trace.ended && (
        <Confirm
          title="Cancel this run?"
          action="Cancel run"
          keep="Let it go on"
          onConfirm={cancel}
          onClose={() => setCancelling(false)}
        >
          A caller may be waiting for its answer, who will then be told that it was cancelled. What
          has been written stays written.
        </Confirm>
      )}
    </>
  );
}

export function Head({
  trace,
  followed,
  nowUs,
}: {
  trace: Trace;
  followed: FollowedRun;
  nowUs: number;
}) {
  const { ended } = trace;
  const sums = sumsOf(trace.steps);
  const link = useRecordLink(ended?.screenPop);
  return (
    <>
      {ended?.failure && (
        <Notice
          tone="bad"
          title={`${failureWord(ended.failure.kind)} in the step ${ended.failure.step}`}
        >
          {sentence(ended.failure.message)}
        </Notice>
      )}
      <Card>
        <div className={styles.glance}>
          <Result trace={trace} connection={followed.connection} />
          <Figure value={duration(nowUs)} of={ended ? "from call to answer" : "so far"} />
          <Figure value={trace.steps.length} of={trace.steps.length === 1 ? "step" : "steps"} />
          <Figure value={sums.requests} of={sums.requests === 1 ? "request" : "requests"} />
          {sums.repeated > 0 && (
            <Figure value={sums.repeated} of={sums.repeated === 1 ? "retry" : "retries"} />
          )}
          {sums.cached > 0 && <Figure value={sums.cached} of="from the cache" />}
          {sums.waitedUs > 0 && <Figure value={duration(sums.waitedUs)} of="waited to send" />}
        </div>
        <Facts
          of={[
            [
              "Scenario",
              <a key="scenario" href={scenarioAddress(trace.scenario)}>
                {trace.scenario}
              </a>,
            ],
            ["Version", trace.version],
            ["Started", <Moment key="started" at={trace.startedAt} />],
            ["Taken up again", taken(trace.resumed)],
            [
              "Screen pop",
              ended?.screenPop && (
                <span>
                  {link ? (
                    <a href={link} target="_blank" rel="noopener noreferrer">
                      {ended.screenPop.entity_set} <Icon name="external" size={14} />
                    </a>
                  ) : (
                    ended.screenPop.entity_set
                  )}{" "}
                  <code>{ended.screenPop.id}</code>
                </span>
              ),
            ],
            ["Run", <code key="run">{trace.run}</code>],
          ]}
        />
        <Files trace={trace} run={followed.run} />
      </Card>
    </>
  );
}

function taken(resumed: number): string | undefined {
  if (resumed === 0) return undefined;
  const often = resumed === 1 ? "Once" : `${resumed} times`;
  return `${often}, because the server was ended while it was under way`;
}

function Result({ trace, connection }: { trace: Trace; connection: FollowedRun["connection"] }) {
  const { ended } = trace;
  return (
    <div className={styles.result} role="status">
      {ended ? (
        <Badge tone={ended.failure ? "bad" : "good"} icon={ended.failure ? "warning" : "check"}>
          {ended.result}
        </Badge>
      ) : (
        <Badge tone="info" icon="clock">
          Under way
        </Badge>
      )}
      <span className={styles.of}>
        {ended
          ? "result"
          : connection === "lost"
            ? "connection lost, trying again"
            : "followed live"}
      </span>
    </div>
  );
}

function Figure({ value, of }: { value: string | number; of: string }) {
  return (
    <div className={styles.number}>
      <strong>{value.toLocaleString("en")}</strong>
      <span className={styles.of}>{of}</span>
    </div>
  );
}

/** What can be taken along. */
function Files({ trace, run }: { trace: Trace; run: Run | undefined }) {
  const mayDesign = useMay("designer");
  const tell = useToast();
  const work = useWork();
  const text = () => `${JSON.stringify(run, null, 2)}\n`;
  const testCase = () =>
    work.run(async () => {
      const made = await caseOfRun(trace.run);
      downloadCases(trace.scenario, [made.case]);
      if (made.masked)
        tell("The test case is downloaded. Values that traces do not show are masked in it.");
    });
  return (
    <>
      <div className={styles.files}>
        <CopyButton text={trace.run} name="run id">
          Copy run id
        </CopyButton>
        {run && (
          <CopyButton text={text} name="as JSON">
            Copy as JSON
          </CopyButton>
        )}
        {run && (
          <Button icon="download" onClick={() => download(`run-${trace.run}.json`, text())}>
            Download trace
          </Button>
        )}
        {run && mayDesign && (
          <Button icon="download" busy={work.busy} onClick={testCase}>
            Download test case
          </Button>
        )}
      </div>
      {work.error !== undefined && <Notice tone="bad">{messageOf(work.error)}</Notice>}
    </>
  );
}
