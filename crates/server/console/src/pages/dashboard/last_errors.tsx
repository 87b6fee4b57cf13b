// The calls that failed last, each with the way to its run.

import type { Run } from "../../api/types";
import { runAddress } from "../../run/addresses";
import { ResultBadge } from "../../run/result_badge";
import { Cut, Moment } from "../../ui/text";
import styles from "./dashboard.module.css";

export function LastErrors({ errors }: { errors: Run[] }) {
  if (errors.length === 0) return <p className={styles.none}>No call has failed.</p>;
  return (
    <ul className={styles.errors}>
      {errors.map((run) => (
        <li key={run.run}>
          <div className={styles.errorHead}>
            <a href={runAddress(run.run)}>
              <Moment at={run.started_at} />
            </a>
            <ResultBadge {...run} />
          </div>
          <Cut className={styles.where}>{`${run.scenario} v${run.version}${step(run)}`}</Cut>
          <p className={styles.message}>{run.failure?.message}</p>
        </li>
      ))}
    </ul>
  );
}

function step(run: Run): string {
  return run.failure?.step ? `, step ${run.failure.step}` : "";
}
