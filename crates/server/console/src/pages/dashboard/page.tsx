// The dashboard: what calls did lately, and what needs somebody's attention.

import { answer, api } from "../../api/client";
import { messageOf } from "../../api/problem";
import type { Account, Run, Statistics } from "../../api/types";
import { fetchEnded } from "../../run/run_api";
import type { PageProps } from "../../shell/pages";
import { go } from "../../shell/router";
import { LinkButton } from "../../ui/button";
import { SelectField } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { Card, Empty, Page, Shown } from "../../ui/page";
import { usePolled } from "../../ui/use_polled";
import styles from "./dashboard.module.css";
import { FailureKinds } from "./failure_kinds";
import { BlockTable, ScenarioTable } from "./figures_table";
import { HeadRoom } from "./head_room";
import { LastErrors } from "./last_errors";
import { needs } from "./model/needs";
import { second } from "./model/numbers";
import { intervalName, isShort, SPANS, type Span, spanOf } from "./model/spans";
import { Needs } from "./needs_list";
import { CallsPlot } from "./plots/calls_plot";
import { LatencyPlot } from "./plots/latency_plot";
import { PointTable } from "./point_table";
import { Tiles } from "./tiles";

const EVERY_MS = 5_000;
const ERRORS = 10;

type Seen = { statistics: Statistics; accounts: Account[]; errors: Run[] };

async function look(span: Span): Promise<Seen> {
  const { minutes, interval } = span;
  const [statistics, accounts] = await Promise.all([
    answer(api.GET("/v1/statistics", { params: { query: { minutes, interval } } })),
    answer(api.GET("/v1/accounts")),
  ]);
  const errors = await fetchEnded({ failed: true, since: statistics.from, limit: ERRORS });
  return { statistics, accounts, errors };
}

export default function DashboardPage({ query }: PageProps) {
  const span = spanOf(query.get("minutes"));
  const seen = usePolled(() => look(span), [span.id], EVERY_MS);
  return (
    <Page
      title="Dashboard"
      lead="What calls did lately, and how much more your integration accounts may ask of Dynamics 365."
      actions={
        <SelectField
          label="Time"
          value={span.id}
          onChange={(id) => go(`#/dashboard?minutes=${id}`)}
          options={SPANS.map(({ id, title }) => [id, `Last ${title}`])}
        />
      }
    >
      {seen.value && seen.error !== undefined && (
        <Notice
          tone="bad"
          title={`These numbers are of ${second(seen.value.statistics.until)} and not renewed`}
        >
          {messageOf(seen.error)}
        </Notice>
      )}
      <Shown loaded={seen}>{(seen) => <Dashboard seen={seen} span={span} />}</Shown>
    </Page>
  );
}

function Dashboard({ seen, span }: { seen: Seen; span: Span }) {
  const { statistics, accounts, errors } = seen;
  const found = needs(accounts, statistics.accounts, statistics.until);
  return (
    <>
      <Tiles statistics={statistics} needing={found.length} />
      {found.length > 0 && <Needs needs={found} />}
      {statistics.calls.count > 0 ? (
        <Calls statistics={statistics} errors={errors} />
      ) : (
        <NoCalls span={span} />
      )}
      <HeadRoom statistics={statistics} />
      <p className={styles.foot}>
        {isShort(statistics) && `Counted since ${second(statistics.since)}. `}
        Trials are not counted. As of {second(statistics.until)}.
      </p>
    </>
  );
}

function Calls({ statistics, errors }: { statistics: Statistics; errors: Run[] }) {
  return (
    <>
      <div className={styles.halves}>
        <Card title={`Calls per ${intervalName(statistics)}`}>
          <CallsPlot statistics={statistics} />
        </Card>
        <Card title="Time from the call to the answer">
          <LatencyPlot statistics={statistics} />
        </Card>
      </div>
      <PointTable statistics={statistics} />
      <Card
        title="Scenarios"
        lead="Within p50 half of the calls were answered, within p95 95 of 100, within p99 99 of 100."
      >
        <ScenarioTable statistics={statistics} />
      </Card>
      <Card title="Blocks" lead="Steps that ended, by version of a block.">
        <BlockTable statistics={statistics} />
      </Card>
      <div className={styles.halves}>
        <Card
          title="Failures by kind"
          lead="Steps that failed, and calls that such a failure ended because no exit dealt with it."
        >
          <FailureKinds statistics={statistics} />
        </Card>
        <Card
          title="Last errors"
          actions={<LinkButton href="#/runs?failure=any">All failed runs</LinkButton>}
        >
          <LastErrors errors={errors} />
        </Card>
      </div>
    </>
  );
}

function NoCalls({ span }: { span: Span }) {
  return (
    <Empty
      icon="dashboard"
      title={`No call in the last ${span.title}`}
      actions={
        <>
          <LinkButton look="primary" icon="scenario" href="#/scenarios">
            Scenarios
          </LinkButton>
          <LinkButton icon="run" href="#/runs">
            Runs
          </LinkButton>
        </>
      }
    >
      Publish a scenario and have your call flow ask for it: each call is counted here as soon as it
      is answered. Or choose a longer time above.
    </Empty>
  );
}
