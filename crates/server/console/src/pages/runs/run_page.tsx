// One run: how it ended, and where its time went.

import { useEffect, useMemo, useState } from "react";
import { messageOf } from "../../api/problem";
import type { PageProps } from "../../shell/pages";
import { Notice } from "../../ui/notice";
import { Card, Empty, Loading, Page } from "../../ui/page";
import { Tabs } from "../../ui/tabs";
import { useNow } from "../../ui/use_now";
import { Details } from "./details/details";
import { Head, RunActions } from "./head";
import { all, endOf, type Row, rowsOf } from "./model/rows";
import type { Trace } from "./model/trace";
import styles from "./runs.module.css";
import { type FollowedRun, isMissing, useRun } from "./use_run";
import { RowTable } from "./waterfall/row_table";
import { Waterfall } from "./waterfall/waterfall";

const BACK: [string, string] = ["Runs", "#/runs"];

export default function RunPage({ params, query }: PageProps) {
  const followed = useRun(params.id ?? "");
  const { trace, error } = followed;
  if (trace) return <RunShown trace={trace} followed={followed} wanted={query.get("step")} />;
  return (
    <Page title="Run" back={BACK}>
      {error === undefined ? (
        <Loading />
      ) : isMissing(error) ? (
        <Empty icon="run" title="There is no trace of this run">
          Traces are kept for thirty days, or for as long as the server was told to (patchcord serve
          --trace-days). A trial in the designer leaves none. Or the id in the address is not that
          of a run.
        </Empty>
      ) : (
        <Notice tone="bad" title="This run cannot be shown">
          {messageOf(error)}
        </Notice>
      )}
    </Page>
  );
}

function RunShown({
  trace,
  followed,
  wanted,
}: {
  trace: Trace;
  followed: FollowedRun;
  /** Key of the row that a link leads to. */
  wanted: string | null;
}) {
  const now = useNow(!trace.ended);
  const nowUs = trace.ended
    ? trace.elapsedUs
    : trace.elapsedUs + Math.max(0, now - followed.at) * 1000;
  const rows = useMemo(() => rowsOf(trace, nowUs), [trace, nowUs]);
  const wholeUs = Math.max(endOf(rows), nowUs, 1);
  const [chosen, setChosen] = useState<string | undefined>(wanted ?? undefined);
  const [tab, setTab] = useState("waterfall");
  const every = useMemo(() => all(rows), [rows]);
  const selected = every.find((row) => row.key === (chosen ?? firstLooked(trace, every)));
  const select = (row: Row) => setChosen(row.key);
  useEndAnnounced(trace);
  return (
    <Page
      title={`${trace.scenario} v${trace.version}`}
      back={BACK}
      actions={<RunActions trace={trace} run={followed.run} />}
    >
      <Head trace={trace} followed={followed} nowUs={nowUs} />
      <Card title="Where the time went">
        {rows.length === 0 ? (
          <p className={styles.nothing}>
            {trace.ended ? "No step was made." : "No step has ended yet."}
          </p>
        ) : (
          <Tabs
            label="Ways to see the run"
            selected={tab}
            onSelect={setTab}
            tabs={[
              {
                id: "waterfall",
                title: "Waterfall",
                content: () => (
                  <>
                    <Waterfall
                      rows={rows}
                      wholeUs={wholeUs}
                      selected={selected}
                      onSelect={select}
                    />
                    {selected && <Details row={selected} trace={trace} onSelect={select} />}
                  </>
                ),
              },
              {
                id: "table",
                title: "Table",
                content: () => (
                  <RowTable
                    rows={rows}
                    onSelect={(row) => {
                      select(row);
                      setTab("waterfall");
                    }}
                  />
                ),
              },
            ]}
          />
        )}
      </Card>
    </Page>
  );
}

/** What is looked at first: the step that failed, or else the first one. */
function firstLooked(trace: Trace, every: Row[]): string | undefined {
  const failed = trace.ended?.failure?.step;
  const there =
    failed &&
    every.findLast((row) => row.kind === "step" && row.bad !== undefined && row.step.id === failed);
  return (there || every[0])?.key;
}

/** While a run is followed, its end is told by the title of the window too. */
function useEndAnnounced(trace: Trace): void {
  const [began] = useState(trace.ended === undefined);
  useEffect(() => {
    if (began && trace.ended)
      document.title = `${trace.ended.result} · ${trace.scenario} · Patchcord`;
  }, [began, trace.ended, trace.scenario]);
}
