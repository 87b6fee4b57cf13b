// The Run panel: what a trial brings or which call is replayed, its steps, and everything about the step that is chosen.

import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { Button, IconButton } from "../../../ui/button";
import { durationOfMs } from "../../../ui/duration";
import { useDesigner } from "../context";
import type { Found } from "../model/problems";
import { instanceAt, type Visit } from "../model/trial";
import type { Editing } from "../use_editing";
import { Refusal } from "./refusal";
import { ReplayForm } from "./replay_form";
import { Result } from "./result";
import { SampleForm } from "./sample_form";
import { Seen } from "./seen";
import { StepDetails } from "./step_details";
import { StepList } from "./step_list";
import { titleAt } from "./titles";
import styles from "./trying.module.css";
import { useRunKey } from "./use_run_key";
import type { Answers, Trying } from "./use_trying";

/** Where the panel covers everything. */
const NARROW = "(max-width: 56rem)";

export function TryPanel({
  trying,
  editing,
  onJump,
  onClose,
}: {
  trying: Trying;
  editing: Editing;
  onJump: (found: Found) => void;
  onClose: () => void;
}) {
  const { shown, busy, chosen, call } = trying;
  const { select } = useDesigner();
  const [writes, setWrites] = useState(false);
  const [answers, setAnswers] = useState<Answers>("live_reads");
  const submit = useRef<() => void>(undefined);
  const panel = useRef<HTMLElement>(null);
  useChosenWithNode(trying);
  useFocusWithin(panel);
  useRunKey(busy ? undefined : () => submit.current?.());
  const choose = (visit: Visit | undefined) => {
    trying.choose(visit);
    const id = visit && instanceAt(visit);
    // Where the Edit pane covers everything, it is opened by its own button.
    if (id && !matchMedia(NARROW).matches) select([id]);
  };
  const again = (from: Visit) => trying.replay(from, call ? answers : "afresh");
  return (
    <section ref={panel} className={styles.panel} tabIndex={-1} aria-label="Run">
      <header className={styles.head}>
        <h2>{call ? "Replay of a call" : "Run"}</h2>
        <Told trying={trying} />
        <span className={styles.actions}>
          {call && !busy && (
            <Button look="quiet" onClick={trying.clear}>
              Sample values instead
            </Button>
          )}
          {busy ? (
            <Button look="danger" icon="close" onClick={trying.stop}>
              Stop
            </Button>
          ) : (
            <Button
              look={writes && !call ? "danger" : "primary"}
              icon={call ? "loop" : "run"}
              title="Ctrl+Enter"
              onClick={() => submit.current?.()}
            >
              {call ? "Replay from the beginning" : writes ? "Run and really write" : "Run"}
            </Button>
          )}
          <IconButton icon="close" label="Close the Run panel" onClick={onClose} />
        </span>
      </header>
      <div className={styles.columns}>
        <Column name="What is tried">
          {trying.error !== undefined && (
            <Seen>
              <Refusal trying={trying} onJump={onJump} />
            </Seen>
          )}
          {call ? (
            <ReplayForm
              trying={trying}
              run={call}
              editing={editing}
              answers={answers}
              onAnswers={setAnswers}
              submit={submit}
            />
          ) : (
            <SampleForm trying={trying} writes={writes} onWrites={setWrites} submit={submit} />
          )}
        </Column>
        {shown && (
          <>
            <Column name="Steps of the trial" seen={busy}>
              <StepList shown={shown} chosen={chosen} onChoose={choose} />
            </Column>
            <Column name="Details" wide>
              {chosen ? (
                <StepDetails trying={trying} visit={chosen} onAgain={again} />
              ) : (
                <Result trying={trying} />
              )}
            </Column>
          </>
        )}
        {!shown && (
          <p className={styles.none}>
            Each step is shown here, and on the canvas as it happens. Press a step to see what it
            asked and what it changed.
          </p>
        )}
      </div>
    </section>
  );
}

function Column({
  name,
  wide,
  seen,
  children,
}: {
  name: string;
  wide?: boolean;
  /** Whether it is to be seen now, where the columns stand below each other. */
  seen?: boolean;
  children: ReactNode;
}) {
  const column = useRef<HTMLElement>(null);
  useEffect(() => {
    if (seen && matchMedia(NARROW).matches) column.current?.scrollIntoView();
  }, [seen]);
  return (
    <section
      ref={column}
      className={wide ? styles.wide : styles.column}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached by keyboard
      tabIndex={0}
      aria-label={name}
    >
      {children}
    </section>
  );
}

/** How it stands, also for readers of screens. */
function Told({ trying }: { trying: Trying }) {
  const { shown, busy } = trying;
  const { document, blocks } = useDesigner();
  const last = shown?.visits.at(-1);
  const count = shown?.visits.length ?? 0;
  const steps = `${count} ${count === 1 ? "step" : "steps"}`;
  const ended = shown?.answer ?? shown?.run;
  let told = "";
  if (busy) told = last ? `Running: ${titleAt(last, document, blocks)}` : "Running";
  else if (ended) {
    const { failure, result, elapsed_ms } = ended;
    told = `${failure && result === "failed" ? "Failed" : `Ended: ${result}`}, ${steps}, ${durationOfMs(elapsed_ms)}`;
  }
  return (
    <span className={styles.told} role="status" aria-live="polite">
      {told}
    </span>
  );
}

/** A block that is selected on the canvas shows what it did last. */
function useChosenWithNode({ shown, chosen, choose }: Trying): void {
  const { selection } = useDesigner();
  const id = selection.size === 1 ? [...selection][0] : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the selection, and does not hold on to it
  useEffect(() => {
    if (!id || (chosen && instanceAt(chosen) === id)) return;
    const last = shown?.visits.findLast((visit) => instanceAt(visit) === id);
    if (last) choose(last);
  }, [id]);
}

/** Who opens the panel goes on in it, and is back where they were when it closes. */
function useFocusWithin(panel: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [panel]);
}
