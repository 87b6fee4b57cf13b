// Counts, failures and times by scenario and by block.

import type { ReactNode } from "react";
import type { Figures, Statistics } from "../../api/types";
import { scenarioAddress } from "../../run/addresses";
import { failureWord } from "../../run/failures";
import { durationOfMs } from "../../ui/duration";
import { type Column, Table } from "../../ui/table";
import { Cut } from "../../ui/text";
import styles from "./dashboard.module.css";
import { blockName } from "./model/kinds";
import { count, share } from "./model/numbers";
import { powers, RangePlot, type RangeScale, rangeScale } from "./plots/range_plot";
import { Legend, P50, P95, P99 } from "./plots/series";

type Row = Figures & { name: string; shown: [name: string, below?: string]; address?: string };

export function ScenarioTable({ statistics }: { statistics: Statistics }) {
  const rows = statistics.scenarios.map(({ scenario, ...figures }): Row => {
    const address = scenarioAddress(scenario);
    return { ...figures, name: scenario, shown: [scenario], address };
  });
  const { scenarios: others } = statistics.others;
  return (
    <FiguresTable
      caption="Calls by scenario"
      title="Scenario"
      counted="Calls"
      rows={others ? [...rows, further("Further scenarios", others)] : rows}
    />
  );
}

export function BlockTable({ statistics }: { statistics: Statistics }) {
  const rows = statistics.blocks.map(({ block, ...figures }): Row => {
    return { ...figures, name: block, shown: blockName(block) };
  });
  const { blocks: others } = statistics.others;
  return (
    <FiguresTable
      caption="Steps by block"
      title="Block"
      counted="Steps"
      rows={others ? [...rows, further("Further blocks", others)] : rows}
    />
  );
}

function further(name: string, figures: Figures): Row {
  return { ...figures, name, shown: [name] };
}

function FiguresTable({
  caption,
  title,
  counted,
  rows,
}: {
  caption: string;
  title: string;
  counted: string;
  rows: Row[];
}) {
  const scale = rangeScale(rows);
  const times = (["p50", "p95", "p99"] as const).map((part): Column<Row> => {
    const of = ({ latency }: Row) => latency?.[`${part}_ms`];
    const cell = (row: Row) => {
      const ms = of(row);
      return ms === undefined ? "–" : durationOfMs(ms);
    };
    return { title: part, number: true, cell, sortBy: (row) => of(row) ?? -1 };
  });
  return (
    <>
      <Table
        caption={caption}
        rows={rows}
        keyOf={(row) => row.name}
        sortedBy={counted}
        columns={[
          { title, cell: (row) => <Name row={row} />, sortBy: (row) => row.name },
          {
            title: counted,
            number: true,
            cell: (row) => count(row.count),
            sortBy: (row) => row.count,
          },
          {
            title: "Failed",
            number: true,
            cell: (row) => <Failed figures={row} />,
            sortBy: (row) => row.failed,
          },
          ...times,
          { title: "Times", cell: (row) => <RangePlot figures={row} scale={scale} /> },
        ]}
      />
      <Key scale={scale} />
    </>
  );
}

function Name({ row }: { row: Row }): ReactNode {
  const [first, below] = row.shown;
  const name = <Cut className={styles.name}>{first}</Cut>;
  return (
    <div title={row.name}>
      {row.address ? <a href={row.address}>{name}</a> : name}
      {below && <Cut className={styles.below}>{below}</Cut>}
    </div>
  );
}

/** How many failed and what part of all that is; of which kinds, as a tooltip. */
function Failed({ figures }: { figures: Figures }) {
  const kinds = Object.entries(figures.failures).map(
    ([kind, times]) => `${failureWord(kind)}: ${times}`,
  );
  return (
    <span title={kinds.join("\n") || undefined}>
      {count(figures.failed)}
      {figures.failed > 0 && (
        <span className={styles.part}> ({share(figures.failed, figures.count)})</span>
      )}
    </span>
  );
}

/** What the marks of a row mean. */
function Key({ scale }: { scale: RangeScale }) {
  const [from, ...rest] = powers(scale);
  const to = rest.at(-1) ?? from;
  return (
    <div className={styles.key}>
      <Legend of={[P50, P95, P99].map((series) => ({ ...series, dashes: "0 30" }))} />
      <span>
        Scale from {durationOfMs(from ?? 1)} to {durationOfMs(to ?? 1)}; each line is ten times the
        one before.
      </span>
    </div>
  );
}
