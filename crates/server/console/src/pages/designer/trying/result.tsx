// How a trial ended, or a call: its answer, what was not sent, and what a replay asked besides.

import { sentence } from "../../../api/problem";
import { failureWord } from "../../../run/failures";
import { Button } from "../../../ui/button";
import { Badge, Notice } from "../../../ui/notice";
import text from "../../../ui/text.module.css";
import { Literal, Value } from "../../../ui/value";
import { useDesigner } from "../context";
import { culprit } from "../model/trial";
import styles from "./details.module.css";
import { MakeCase } from "./make_case";
import { Boxes, Part } from "./part";
import { Unsent } from "./requests";
import { titleAt } from "./titles";
import { UnrecordedQuestion } from "./unrecorded";
import type { Trying } from "./use_trying";

export function Result({ trying }: { trying: Trying }) {
  const { document, blocks } = useDesigner();
  const { shown, choose } = trying;
  const ended = shown?.answer ?? shown?.run;
  if (!shown || !ended) return <p className={text.soft}>It is under way.</p>;
  const title = (place: string) => {
    const at = shown.visits.find((visit) => visit.place === place);
    return at ? titleAt(at, document, blocks) : place;
  };
  const { result, failure, screen_pop: pop } = ended;
  const wrong = failure && culprit(shown.visits);
  const variables = Object.entries(shown.answer?.variables ?? {});
  const { requests = [], differences = [], dry_run } = shown.answer ?? {};
  return (
    <div className={styles.details}>
      <div className={styles.requestHead}>
        <h3>Result</h3>
        <Badge tone={failure ? "bad" : "good"}>{result}</Badge>
        {shown.tried && shown.tried !== document && <Badge tone="neutral">Edited since</Badge>}
      </div>
      {failure && (
        <Notice tone="bad" title={failureWord(failure.kind)}>
          <p>{sentence(failure.message)}</p>
          {wrong && (
            <p>
              <Button onClick={() => choose(wrong)}>Show the step that failed</Button>
            </p>
          )}
        </Notice>
      )}
      {dry_run === false && <p>What it writes was really written.</p>}
      {pop && (
        <p>
          The agent {shown.answer ? "would have been shown" : "was shown"}{" "}
          <Literal>{`${pop.entity_set}(${pop.id})`}</Literal>.
        </p>
      )}
      <MakeCase shown={shown} />
      {differences.length > 0 && (
        <Part title="Asked and not recorded">
          <Boxes of={differences}>
            {(one) => <UnrecordedQuestion of={one} step={title(one.step)} />}
          </Boxes>
        </Part>
      )}
      {requests.length > 0 && (
        <Part
          title={
            requests.length === 1
              ? "1 request was not sent"
              : `${requests.length} requests were not sent`
          }
        >
          <Boxes of={requests}>
            {(request) => <Unsent request={request} of={title(request.step)} named />}
          </Boxes>
        </Part>
      )}
      {variables.length > 0 && (
        <Part title="Variables of the answer">
          <dl className={styles.changes}>
            {variables.map(([name, value]) => (
              <div key={name} className={styles.changed}>
                <dt>{name}</dt>
                <dd>
                  <Value of={value} name={name} />
                </dd>
              </div>
            ))}
          </dl>
        </Part>
      )}
    </div>
  );
}
