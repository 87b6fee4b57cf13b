// The steps of a trial in their order; those of scenarios that it started are set in.

import { useEffect, useRef } from "react";
import { Button } from "../../../ui/button";
import { cx } from "../../../ui/class_names";
import { duration } from "../../../ui/duration";
import { Icon } from "../../../ui/icons";
import { Cut } from "../../../ui/text";
import { useFirst } from "../../../ui/use_first";
import { useDesigner } from "../context";
import { depthOf, isSame, stateOf, type Visit, worded } from "../model/trial";
import { StateIcon } from "./state_icon";
import styles from "./steps.module.css";
import { exitAt, titleAt } from "./titles";
import type { Shown } from "./use_trying";

/** How many are shown at first: a loop makes as many as it likes. */
const FIRST = 200;

export function StepList({
  shown,
  chosen,
  onChoose,
}: {
  shown: Shown;
  chosen: Visit | undefined;
  onChoose: (visit: Visit | undefined) => void;
}) {
  const { visits, rebuilt } = shown;
  const [listed, showAll] = useFirst(visits, FIRST);
  return (
    <ol className={styles.steps} aria-label="Steps">
      <li>
        <button
          type="button"
          className={cx(styles.step, !chosen && styles.chosen)}
          aria-pressed={!chosen}
          onClick={() => onChoose(undefined)}
        >
          <Icon name="exit" size={15} />
          <b>Result</b>
        </button>
      </li>
      {listed.map((visit, at) => (
        <Step
          key={`${visit.place}/${visit.visit}`}
          visit={visit}
          isRebuilt={at < rebuilt}
          isChosen={isSame(visit, chosen)}
          onChoose={onChoose}
        />
      ))}
      {showAll && (
        <li>
          <Button look="quiet" onClick={showAll}>
            Show all {visits.length} steps
          </Button>
        </li>
      )}
    </ol>
  );
}

function Step({
  visit,
  isRebuilt,
  isChosen,
  onChoose,
}: {
  visit: Visit;
  isRebuilt: boolean;
  isChosen: boolean;
  onChoose: (visit: Visit) => void;
}) {
  const { document, blocks } = useDesigner();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isChosen) button.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const state = stateOf(visit);
  const { trace } = visit;
  const exit = exitAt(visit, document, blocks);
  const words = [exit, visit.visit > 1 && `visit ${visit.visit}`, isRebuilt && "recorded"];
  return (
    <li data-depth={Math.min(depthOf(visit), 3)}>
      <button
        type="button"
        ref={button}
        className={cx(styles.step, styles[state], isChosen && styles.chosen)}
        aria-pressed={isChosen}
        onClick={() => onChoose(visit)}
      >
        <StateIcon state={state} />
        <span className={styles.stepText}>
          <Cut>{titleAt(visit, document, blocks)}</Cut>
          <Cut className={styles.about}>{words.filter(Boolean).join(" · ") || worded(state)}</Cut>
        </span>
        <span className="visually-hidden">{worded(state)}</span>
        {trace && <span className={styles.time}>{duration(trace.elapsed_us)}</span>}
      </button>
    </li>
  );
}
