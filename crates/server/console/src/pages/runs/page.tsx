// The runs, the newest first, and a search through them.

import { useState } from "react";
import type { Run } from "../../api/types";
import { replayAddress, runAddress } from "../../run/addresses";
import { FAILURES, type Failure } from "../../run/failures";
import { ResultBadge } from "../../run/result_badge";
import { fetchEnded } from "../../run/run_api";
import type { PageProps } from "../../shell/pages";
import { go } from "../../shell/router";
import { useMay } from "../../shell/session_context";
import { Button, LinkButton } from "../../ui/button";
import { durationOfMs } from "../../ui/duration";
import { SelectField, TextField } from "../../ui/field";
import { Actions, Columns, Form } from "../../ui/form";
import { Card, Empty, Page } from "../../ui/page";
import { Paged } from "../../ui/paged";
import type { Column } from "../../ui/table";
import { Cut, Moment } from "../../ui/text";
import { PAGE_SIZE, usePages } from "../../ui/use_pages";
import styles from "./runs.module.css";
import { UnderWay } from "./under_way";
import { useNews } from "./use_news";

export default function RunsPage({ query }: PageProps) {
  const wanted = {
    scenario: query.get("scenario") ?? "",
    result: query.get("result") ?? "",
    failure: query.get("failure") ?? "",
    since: query.get("since") ?? "",
    until: query.get("until") ?? "",
  };
  const isSearch = Object.values(wanted).some(Boolean);
  const mayDesign = useMay("designer");
  const [round, setRound] = useState(0);
  const news = useNews(!isSearch, round);
  const runs = usePages<Run>(
    async (before) => {
      const { failure, ...texts } = wanted;
      const given = Object.entries(texts).filter(([, text]) => text);
      const asked = {
        limit: PAGE_SIZE,
        ...Object.fromEntries(
          given.map(([name, text]) => [name, name in TIMES ? instant(text) : text]),
        ),
        ...failing(failure),
        ...(before ? { before: before.run } : {}),
      };
      return fetchEnded(asked);
    },
    [query.toString(), round],
  );
  return (
    <Page
      title="Runs"
      lead="What scenarios did for calls: their steps, what they asked Dynamics 365, and how it ended."
    >
      <Search key={query.toString()} wanted={wanted} isSearch={isSearch} />
      {!isSearch && (
        <>
          <UnderWay round={round} news={news} />
          {news.count > 0 && (
            <div className={styles.news}>
              <Button icon="loop" onClick={() => setRound(round + 1)}>
                {newRuns(news.count, news.more)}
              </Button>
            </div>
          )}
        </>
      )}
      <Paged
        caption="Runs"
        pages={runs}
        keyOf={(run) => run.run}
        empty={
          isSearch ? (
            <Empty icon="search" title="No run fits">
              Leave out a condition, or choose a longer time.
            </Empty>
          ) : (
            <Empty icon="run" title="No run has ended yet">
              Publish a scenario and have your call flow ask for it; each call is listed here with
              its trace.
            </Empty>
          )
        }
        columns={[
          {
            title: "Started",
            narrow: true,
            cell: (run) => (
              <a className={styles.moment} href={runAddress(run.run)}>
                <Moment at={run.started_at} />
              </a>
            ),
          },
          {
            title: "Scenario",
            cell: (run) => (
              <Cut className={styles.scenario}>{`${run.scenario} v${run.version}`}</Cut>
            ),
          },
          { title: "Result", cell: (run) => <Ended run={run} /> },
          { title: "Time", number: true, cell: (run) => durationOfMs(run.elapsed_ms) },
          { title: "Steps", number: true, cell: (run) => run.steps.length },
          ...(mayDesign ? [REPLAY] : []),
        ]}
      />
    </Page>
  );
}

const REPLAY: Column<Run> = {
  title: "Replay",
  untitled: true,
  narrow: true,
  cell: (run) =>
    run.failure && (
      <a href={replayAddress(run)} aria-label={`Replay the run of ${run.scenario} in the designer`}>
        Replay
      </a>
    ),
};

function newRuns(count: number, more: boolean): string {
  if (more) return `More than ${count} new runs`;
  return count === 1 ? "1 new run" : `${count} new runs`;
}

const TIMES = { since: true, until: true };
const ANY = "any";

/** What is asked for where a failure is chosen. */
function failing(failure: string): { failed?: boolean; failure?: Failure } {
  if (failure === ANY) return { failed: true };
  return failure ? { failure: failure as Failure } : {};
}

/** What a field for date and time holds is local. */
function instant(local: string): string {
  return new Date(local).toISOString();
}

function Ended({ run }: { run: Run }) {
  if (!run.failure) return <ResultBadge {...run} />;
  return (
    <div className={styles.ended}>
      <ResultBadge {...run} />
      <span className={styles.message}>{run.failure.message}</span>
    </div>
  );
}

type Wanted = Record<"scenario" | "result" | "failure" | "since" | "until", string>;

function Search({ wanted, isSearch }: { wanted: Wanted; isSearch: boolean }) {
  const [entered, setEntered] = useState(wanted);
  const set = (name: keyof Wanted) => (text: string) => setEntered({ ...entered, [name]: text });
  const search = () => {
    const given = Object.entries(entered).filter(([, text]) => text.trim());
    go(`#/runs?${new URLSearchParams(given.map(([name, text]) => [name, text.trim()]))}`);
  };
  return (
    <Card>
      <Form onSubmit={search}>
        <Columns>
          <TextField label="Scenario" value={entered.scenario} onChange={set("scenario")} />
          <TextField label="Result" value={entered.result} onChange={set("result")} />
          <SelectField
            label="Failure"
            value={entered.failure}
            onChange={set("failure")}
            options={[["", "Any or none"], [ANY, "Any failure"], ...Object.entries(FAILURES)]}
          />
          <TextField
            label="From"
            type="datetime-local"
            value={entered.since}
            onChange={set("since")}
          />
          <TextField
            label="Until"
            type="datetime-local"
            value={entered.until}
            onChange={set("until")}
          />
        </Columns>
        <Actions>
          <Button type="submit" look="primary" icon="search">
            Search
          </Button>
          {isSearch && <LinkButton href="#/runs">Show all</LinkButton>}
        </Actions>
      </Form>
    </Card>
  );
}
