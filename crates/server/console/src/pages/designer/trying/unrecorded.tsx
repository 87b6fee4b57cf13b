// Where a replay asked what had not been recorded.

import type { Unrecorded } from "../../../api/types";
import { Literal } from "../../../ui/value";
import { toldOf } from "../model/unrecorded";
import styles from "./details.module.css";

export function UnrecordedQuestion({
  of,
  step,
}: {
  of: Unrecorded;
  /** The title of the step that asked, where that is to be said. */
  step?: string;
}) {
  const { sentence, changed } = toldOf(of);
  return (
    <>
      <p>
        {step && <b>{step}: </b>}
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
    </>
  );
}
