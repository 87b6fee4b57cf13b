// Where a replay asked what had not been recorded.

import type { Unrecorded } from "../../../api/types";
import { Literal } from "../../../ui/value";
import { toldOf } from "../model/differences";
import styles from "./details.module.css";

export function Differences({
  of,
  title,
}: {
  of: Unrecorded[];
  /** The title of a step, where that is to be said. */
  title?: (place: string) => string;
}) {
  return (
    <ul className={styles.requests}>
      {of.map((one, at) => {
        const { sentence, changed } = toldOf(one);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: they are in order and never change
          <li key={at} className={styles.request}>
            <p>
              {title && <b>{title(one.step)}: </b>}
              {sentence}
            </p>
            {changed.map(([what, was, is]) => (
              <dl key={what} className={styles.change}>
                <dt>{what}, recorded</dt>
                <dd>
                  <Literal>{was || "nothing"}</Literal>
                </dd>
                <dt>{what}, now</dt>
                <dd>
                  <Literal>{is || "nothing"}</Literal>
                </dd>
              </dl>
            ))}
          </li>
        );
      })}
    </ul>
  );
}
