// In what a test did not come out as expected, for somebody who writes no code.

import type { CaseReport } from "../../../api/types";
import { Button } from "../../../ui/button";
import styles from "./cases.module.css";
import { type Row, told } from "./differences";
import { useNaming } from "./naming";

export function Report({
  of,
  at,
  onShow,
}: {
  of: CaseReport;
  /** The block to look at first. */
  at: string | undefined;
  onShow: (id: string) => void;
}) {
  const naming = useNaming();
  return (
    <div className={styles.report}>
      {of.missing.map((id) => (
        <p key={id}>
          The test speaks of the block <b>{id}</b>, which is not in the scenario any more.
        </p>
      ))}
      {of.unanswered.map(({ step, call }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step may ask the same twice; the order stays
        <p key={index}>
          <b>{naming.step(step)}</b> asks what the test does not answer: {call}.
        </p>
      ))}
      {of.differences.map((difference) => {
        const { what, rows } = told(difference, naming);
        return <Differing key={what} what={what} rows={rows} />;
      })}
      {of.left.map((left, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two answers may be alike; the order stays
        <p key={index} className={styles.soft}>
          Nobody asked for the answer to {left}.
        </p>
      ))}
      {at && (
        <div>
          <Button icon="search" onClick={() => onShow(at)}>
            Show “{naming.step(at)}”
          </Button>
        </div>
      )}
    </div>
  );
}

function Differing({ what, rows }: { what: string; rows: Row[] }) {
  return (
    <section aria-label={what} className={styles.differing}>
      <h4>{what}</h4>
      {rows.map(({ label, expected, came }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows may be alike, and never change their order
        <div key={index}>
          {label && <p className={styles.label}>{label}</p>}
          <dl className={styles.row}>
            <div>
              <dt>Expected</dt>
              <dd className={styles.expectedValue}>{expected}</dd>
            </div>
            <div>
              <dt>Was</dt>
              <dd className={styles.cameValue}>{came}</dd>
            </div>
          </dl>
        </div>
      ))}
    </section>
  );
}
