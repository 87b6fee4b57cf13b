// Which kinds of failure there were: of steps, most of which an exit deals with, and of the calls that one of them ended.

import type { Statistics } from "../../api/types";
import { failureWord } from "../../run/failures";
import styles from "./dashboard.module.css";
import { failureKinds } from "./model/kinds";
import { count } from "./model/numbers";
import plot from "./plots/plot.module.css";
import { Area, FAILED } from "./plots/series";

const WIDTH = 200;
const HEIGHT = 14;

export function FailureKinds({ statistics }: { statistics: Statistics }) {
  const kinds = failureKinds(statistics);
  const most = Math.max(...kinds.map(({ steps, calls }) => Math.max(steps, calls)), 1);
  if (kinds.length === 0) return <p className={styles.none}>No step and no call has failed.</p>;
  return (
    <table className={styles.kinds}>
      <caption className="visually-hidden">Failures by kind</caption>
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">
            <span className="visually-hidden">Steps, as a bar</span>
          </th>
          <th scope="col">Steps</th>
          <th scope="col">Calls</th>
        </tr>
      </thead>
      <tbody>
        {kinds.map(({ kind, steps, calls }) => (
          <tr key={kind}>
            <th scope="row">{failureWord(kind)}</th>
            <td className={styles.bar}>
              <svg className={plot.two} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
                <Area
                  series={FAILED}
                  x={0.5}
                  y={0.5}
                  width={Math.max((steps / most) * (WIDTH - 1), 1)}
                  height={HEIGHT - 1}
                />
              </svg>
            </td>
            <td>{count(steps)}</td>
            <td>{count(calls)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
