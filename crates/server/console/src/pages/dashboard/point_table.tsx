// The numbers of both plots, for those who rather read them.

import type { Statistics } from "../../api/types";
import { durationOfMs } from "../../ui/duration";
import { Table } from "../../ui/table";
import styles from "./dashboard.module.css";
import { count, time } from "./model/numbers";
import { intervalName } from "./model/spans";

export function PointTable({ statistics }: { statistics: Statistics }) {
  const name = intervalName(statistics);
  return (
    <details className={styles.details}>
      <summary>Numbers of the plots</summary>
      <Table
        caption={`Calls per ${name}`}
        rows={[...statistics.points].reverse()}
        keyOf={(point) => point.at}
        columns={[
          { title: "From", narrow: true, cell: (point) => time(point.at) },
          { title: "Calls", number: true, cell: (point) => count(point.count) },
          { title: "Failed", number: true, cell: (point) => count(point.failed) },
          { title: "Cancelled", number: true, cell: (point) => count(point.cancelled) },
          ...(["p50", "p95", "p99"] as const).map((part) => ({
            title: part,
            number: true,
            cell: ({ latency }: (typeof statistics.points)[number]) =>
              latency ? durationOfMs(latency[`${part}_ms`]) : "–",
          })),
        ]}
      />
    </details>
  );
}
