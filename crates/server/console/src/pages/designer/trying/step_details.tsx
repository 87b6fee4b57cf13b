// Everything about one visit of a step.

import type { StepTrace } from "../../../api/types";
import { LogLines } from "../../../run/log_lines";
import { StepFailure } from "../../../run/step_failure";
import { Button } from "../../../ui/button";
import { duration } from "../../../ui/duration";
import { Badge, type Tone } from "../../../ui/notice";
import text from "../../../ui/text.module.css";
import { Value } from "../../../ui/value";
import { useDesigner } from "../context";
import { enterPane } from "../enter_pane";
import { instanceOf } from "../model/document";
import { instanceAt, type State, stateOf, unsentOf, type Visit, worded } from "../model/trial";
import styles from "./details.module.css";
import { Boxes, Part } from "./part";
import { Asked, Unsent } from "./requests";
import { exitAt, titleAt } from "./titles";
import { UnrecordedQuestion } from "./unrecorded";
import type { Trying } from "./use_trying";

const TONES: Record<State, Tone> = {
  running: "info",
  done: "good",
  handled: "warn",
  failed: "bad",
};

export function StepDetails({
  trying,
  visit,
  onAgain,
}: {
  trying: Trying;
  visit: Visit;
  onAgain: (from: Visit) => void;
}) {
  const { document, blocks, select, readOnly } = useDesigner();
  const { shown, busy } = trying;
  // While it is under way the visit that was chosen may end.
  const current = shown?.visits.find(
    ({ place, visit: count }) => place === visit.place && count === visit.visit,
  );
  const { trace } = current ?? visit;
  const state = stateOf(current ?? visit);
  const title = titleAt(visit, document, blocks);
  const id = instanceAt(visit);
  const known = id !== undefined && instanceOf(document, id);
  const exit = exitAt(current ?? visit, document, blocks);
  const unsent = unsentOf(shown?.answer?.requests ?? [], visit);
  const differences = (shown?.answer?.differences ?? []).filter(
    (one) => one.step === visit.place && one.visit === visit.visit,
  );
  const begins = current ?? visit;
  return (
    <div className={styles.details}>
      <div className={styles.requestHead}>
        <h3>{title}</h3>
        <Badge tone={TONES[state]}>{worded(state)}</Badge>
        {visit.visit > 1 && <Badge tone="neutral">Visit {visit.visit}</Badge>}
        {trace && <span className={text.soft}>{duration(trace.elapsed_us)}</span>}
      </div>
      <p>
        {trace?.scenario && <>In the scenario {trace.scenario}. </>}
        {exit && <>Left by {exit}. </>}
        {trace && !exit && !trace.failure && <>The run ended here. </>}
        <span className={text.soft}>{trace?.block ?? visit.block}</span>
      </p>
      {trace && <StepFailure step={trace} />}
      {!readOnly && trace && (
        <div className={styles.actions}>
          <Button icon="loop" disabled={busy} onClick={() => onAgain(begins)}>
            {trying.call ? "Replay from here" : "Run again from here"}
          </Button>
          {id !== undefined && known && (
            <Button
              look="quiet"
              icon="update"
              onClick={() => {
                select([id]);
                enterPane();
              }}
            >
              Edit this block
            </Button>
          )}
        </div>
      )}
      {!readOnly && trace && !trying.call && (
        <p className={text.soft}>
          The steps before it keep what they were answered. Writes are shown, not sent.
        </p>
      )}
      {differences.length > 0 && (
        <Part title="Not recorded">
          <Boxes of={differences}>{(one) => <UnrecordedQuestion of={one} />}</Boxes>
        </Part>
      )}
      {unsent.length > 0 && (
        <Part title="Would have been sent">
          <Boxes of={unsent}>{(request) => <Unsent request={request} of={title} />}</Boxes>
        </Part>
      )}
      {trace && <Asks step={trace} />}
      {trace && <Changes step={trace} />}
      {trace && trace.log.length > 0 && (
        <Part title="Log">
          <LogLines log={trace.log} />
        </Part>
      )}
    </div>
  );
}

function Asks({ step }: { step: StepTrace }) {
  if (step.host_calls.length === 0) return null;
  return (
    <Part title="Asked Dynamics 365">
      <Boxes of={step.host_calls}>{(call) => <Asked call={call} />}</Boxes>
    </Part>
  );
}

function Changes({ step }: { step: StepTrace }) {
  const changes = Object.entries(step.changed ?? {});
  if (changes.length === 0) return null;
  return (
    <Part title="Variables">
      <dl className={styles.changes}>
        {changes.map(([name, { before, after }]) => (
          <div key={name} className={styles.changed}>
            <dt>{name}</dt>
            <dd>
              {before !== undefined && (
                <>
                  <Value of={before} name={`${name} before`} />
                  <span aria-hidden="true"> → </span>
                  <span className="visually-hidden">, then </span>
                </>
              )}
              <Value of={after} name={`${name} after`} />
            </dd>
          </div>
        ))}
      </dl>
    </Part>
  );
}
