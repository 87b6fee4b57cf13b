// The runs that are under way, above those that have ended. Which they are is fetched with the list; how they end is told in
// their place.

import { runAddress } from "../../run/addresses";
import { ResultBadge } from "../../run/result_badge";
import { fetchUnderWay } from "../../run/run_api";
import { duration } from "../../ui/duration";
import { Badge } from "../../ui/notice";
import { Table } from "../../ui/table";
import { Cut, Moment } from "../../ui/text";
import { useLoaded } from "../../ui/use_loaded";
import { useNow } from "../../ui/use_now";
import styles from "./runs.module.css";
import type { News } from "./use_news";

const MOST = 10;

export function UnderWay({ round, news }: { round: number; news: News }) {
  const loaded = useLoaded(async () => {
    const runs = await fetchUnderWay(MOST);
    return { at: performance.now(), runs };
  }, [round]);
  const runs = loaded.value?.runs ?? [];
  const now = useNow(runs.some(({ run }) => !news.ended.has(run)));
  if (runs.length === 0) return null;
  const since = Math.max(0, now - (loaded.value?.at ?? now)) * 1000;
  return (
    <Table
      caption="Runs under way"
      rows={runs}
      keyOf={(run) => run.run}
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
          cell: (run) => <Cut className={styles.scenario}>{`${run.scenario} v${run.version}`}</Cut>,
        },
        {
          title: "State",
          cell: (run) => {
            const ended = news.ended.get(run.run);
            if (!ended) {
              return (
                <Badge tone="info" icon="clock">
                  Under way
                </Badge>
              );
            }
            return <ResultBadge result={ended.result ?? ""} failure={ended.failure ?? null} />;
          },
        },
        {
          title: "Time",
          number: true,
          cell: (run) => {
            const ended = news.ended.get(run.run);
            return duration((ended?.elapsed_ms ?? run.elapsed_ms) * 1000 + (ended ? 0 : since));
          },
        },
      ]}
    />
  );
}
