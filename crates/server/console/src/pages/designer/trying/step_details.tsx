// Everything about one visit of a step.

import type { ReactNode } from "react";
import { sentence } from "../../../api/problem";
import type { StepTrace } from "../../../api/types";
import { Button } from "../../../ui/button";
import { Badge, Notice, type Tone } from "../../../ui/notice";
import { FAILURES } from "../../runs/failures";
import { useDesigner } from "../context";
import { enterPane } from "../enter_pane";
import { instanceOf } from "../model/document";
import {
  instanceAt,
  lasted,
  type State,
  stateOf,
  unsentOf,
  type Visit,
  worded,
} from "../model/trial";
import { Differences } from "./differences";
import { Asked, Unsent } from "./requests";
import { exitAt, titleAt } from "./step_list";
import styles from "./trying.module.css";
import type { Trying } from "./use_trying";
import { Value } from "./value";

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
        {trace && <span className={styles.soft}>{lasted(trace.elapsed_us / 1000)}</span>}
      </div>
      <p>
        {trace?.scenario && <>In the scenario {trace.scenario}. </>}
        {exit && <>Left by {exit}. </>}
        {trace && !exit && !trace.failure && <>The run ended here. </>}
        <span className={styles.soft}>{trace?.block ?? visit.block}</span>
      </p>
      {trace?.failure && <Failed step={trace} />}
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
        <p className={styles.soft}>
          The steps before it keep what they were answered. Writes are shown, not sent.
        </p>
      )}
      {differences.length > 0 && (
        <Part title="Not recorded">
          <Differences of={differences} />
        </Part>
      )}
      {unsent.length > 0 && (
        <Part title="Would have been sent">
          <ul className={styles.requests}>
            {unsent.map((request) => (
              <Unsent key={`${request.method} ${request.url}`} request={request} of={title} />
            ))}
          </ul>
        </Part>
      )}
      {trace && <Asks step={trace} />}
      {trace && <Changes step={trace} />}
      {trace && trace.log.length > 0 && (
        <Part title="Log">
          <ul className={styles.log}>
            {trace.log.map(({ level, message }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines are in order and never change
              <li key={at}>
                <span className={styles.soft}>{level}</span> {message}
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  );
}

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <h4>{title}</h4>
      {children}
    </section>
  );
}

function Failed({ step }: { step: StepTrace }) {
  const { failure, caught_by } = step;
  if (!failure) return null;
  return (
    <Notice
      tone={step.exit || caught_by ? "warn" : "bad"}
      title={FAILURES[failure.kind] ?? failure.kind}
    >
      <p>{sentence(failure.message)}</p>
      {caught_by && <p>The Exception Handler “{caught_by}” dealt with it.</p>}
    </Notice>
  );
}

function Asks({ step }: { step: StepTrace }) {
  if (step.host_calls.length === 0) return null;
  return (
    <Part title="Asked Dynamics 365">
      <ul className={styles.requests}>
        {step.host_calls.map((call) => (
          <Asked key={`${call.started_us} ${call.operation} ${call.shape}`} call={call} />
        ))}
      </ul>
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
