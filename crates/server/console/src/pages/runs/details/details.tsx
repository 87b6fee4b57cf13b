// All that is known of the row that is looked at.

import type { StepTrace } from "../../../api/types";
import { replayAddress } from "../../../run/addresses";
import { LogLines } from "../../../run/log_lines";
import { placeOf } from "../../../run/place";
import { StepFailure } from "../../../run/step_failure";
import { useMay } from "../../../shell/session_context";
import { LinkButton } from "../../../ui/button";
import { duration } from "../../../ui/duration";
import { Facts } from "../../../ui/text";
import type { Row } from "../model/rows";
import type { Trace } from "../model/trace";
import { above } from "../waterfall/use_folds";
import { outcome } from "../waterfall/words";
import { CallDetails } from "./call_details";
import styles from "./details.module.css";
import { Changes } from "./variables";

type Props = { row: Row; trace: Trace; onSelect: (row: Row) => void };

export function Details({ row, trace, onSelect }: Props) {
  return (
    <section className={styles.details} aria-label={`Details of ${row.title}`}>
      <div className={styles.head}>
        <div>
          <p className={styles.above}>
            {above(row).map((outer) => (
              <span key={outer.key}>
                <button type="button" className={styles.way} onClick={() => onSelect(outer)}>
                  {outer.title}
                </button>{" "}
                ›{" "}
              </span>
            ))}
          </p>
          <h3>{row.title}</h3>
        </div>
        <ReplayFrom row={row} trace={trace} />
      </div>
      {row.kind === "step" && <StepDetails row={row} onSelect={onSelect} />}
      {row.kind === "open" && (
        <Facts
          of={[
            ["State", "Under way"],
            [
              "Step",
              row.block ? (
                <code key="id">{row.place}</code>
              ) : (
                "It began before this page was opened: what it is, is told when it ends"
              ),
            ],
            ["Block", row.block && <code>{row.block}</code>],
            ["Began at", duration(row.fromUs)],
          ]}
        />
      )}
      {row.kind === "call" && <CallDetails row={row} onSelect={onSelect} />}
      {row.kind === "request" && (
        <Facts
          of={[
            ["Outcome", outcome(row)],
            ["Began at", duration(row.fromUs)],
            ["Took", duration(row.toUs - row.fromUs)],
            [
              "Pause after it",
              row.request.pause_us > 0 ? duration(row.request.pause_us) : undefined,
            ],
          ]}
        />
      )}
    </section>
  );
}

function ReplayFrom({ row, trace }: { row: Row; trace: Trace }) {
  const mayDesign = useMay("designer");
  if (!mayDesign || !trace.ended || row.kind === "open") return null;
  const { step } = row;
  const from = { step: placeOf(step), visit: step.visit };
  return (
    <LinkButton
      look={step.failure ? "primary" : "secondary"}
      icon="loop"
      href={replayAddress(trace, from)}
    >
      Replay from here
    </LinkButton>
  );
}

function ending(step: StepTrace): string {
  if (step.caught_by) return `None: it went on from the Exception Handler ${step.caught_by}`;
  return step.within
    ? "None: the scenario that was started ended here"
    : "None: the run ended here";
}

function StepDetails({
  row,
  onSelect,
}: {
  row: Extract<Row, { kind: "step" }>;
  onSelect: (row: Row) => void;
}) {
  const { step } = row;
  const calls = row.children.filter((child) => child.kind === "call");
  const gapUs = row.afterUs === undefined ? 0 : row.fromUs - row.afterUs;
  return (
    <>
      <StepFailure step={step}>
        {!step.caught_by && step.exit !== null && (
          <p>
            The run went on by the exit <code>{step.exit}</code>.
          </p>
        )}
      </StepFailure>
      <Facts
        of={[
          ["Exit", step.exit === null ? ending(step) : <code key="exit">{step.exit}</code>],
          ["Step", <code key="id">{placeOf(step)}</code>],
          ["Visit", step.visit > 1 ? step.visit : undefined],
          ["Block", <code key="block">{step.block}</code>],
          ["Scenario", step.scenario && <code>{step.scenario}</code>],
          [
            "Began at",
            gapUs > 0
              ? `${duration(row.fromUs)}, ${duration(gapUs)} after ${row.afterUs ? "what was before it" : "the run began"}`
              : duration(row.fromUs),
          ],
          ["Took", duration(row.toUs - row.fromUs)],
          [
            "Host calls",
            calls.length > 0 ? (
              <ul key="calls" className={styles.calls}>
                {calls.map((call) => (
                  <li key={call.key}>
                    <button type="button" className={styles.way} onClick={() => onSelect(call)}>
                      {call.title}
                    </button>
                    : {outcome(call)}, {duration(call.toUs - call.fromUs)}
                  </li>
                ))}
              </ul>
            ) : undefined,
          ],
        ]}
      />
      <Changes changed={step.changed ?? {}} />
      {step.log.length > 0 && (
        <div>
          <h4 className={styles.small}>Log</h4>
          <LogLines log={step.log} />
        </div>
      )}
    </>
  );
}
