// The numbers that are looked at first.

import type { ReactNode } from "react";
import type { Statistics } from "../../api/types";
import { cx } from "../../ui/class_names";
import { durationOfMs } from "../../ui/duration";
import { Icon } from "../../ui/icons";
import styles from "./dashboard.module.css";
import { count, share, time } from "./model/numbers";
import { lastWhole } from "./model/spans";

export function Tiles({ statistics, needing }: { statistics: Statistics; needing: number }) {
  const { calls, interval, points } = statistics;
  const whole = lastWhole(statistics);
  const perMinute = whole && whole.count / interval;
  const soFar = points.at(-1)?.count ?? 0;
  return (
    <dl className={styles.tiles}>
      <Tile
        name="Calls per minute"
        value={perMinute === undefined ? "–" : count(Number(perMinute.toFixed(1)))}
        hint={
          whole
            ? `From ${time(whole.at)}, the last ${interval === 1 ? "whole minute" : `whole ${interval} minutes`}; ${count(soFar)} since`
            : `${count(soFar)} so far; the first minute is not over`
        }
      />
      <Tile
        name="Failure rate"
        value={share(calls.failed, calls.count)}
        alarming={calls.failed > 0}
        hint={`${count(calls.failed)} of ${count(calls.count)} calls failed`}
      />
      <Tile
        name="p95 of calls"
        value={calls.latency ? durationOfMs(calls.latency.p95_ms) : "–"}
        hint={
          calls.latency
            ? `p50 ${durationOfMs(calls.latency.p50_ms)}, p99 ${durationOfMs(calls.latency.p99_ms)}`
            : "No call ended"
        }
      />
      <Tile
        name="Accounts needing action"
        value={count(needing)}
        alarming={needing > 0}
        hint={<a href="#/accounts">Integration accounts</a>}
      />
    </dl>
  );
}

function Tile({
  name,
  value,
  hint,
  alarming = false,
}: {
  name: string;
  value: string;
  hint: ReactNode;
  alarming?: boolean;
}) {
  return (
    <div className={styles.tile}>
      <dt>{name}</dt>
      <dd className={cx(styles.number, alarming && styles.alarming)}>
        {value}
        {alarming && <Icon name="warning" size={20} />}
      </dd>
      <dd className={styles.hint}>{hint}</dd>
    </div>
  );
}
