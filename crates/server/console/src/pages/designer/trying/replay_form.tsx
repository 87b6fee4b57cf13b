// A call that is walked once more: which it was, and what Dynamics 365 is taken to answer.

import type { RefObject } from "react";
import type { Run } from "../../../api/types";
import { runAddress } from "../../../run/addresses";
import { durationOfMs } from "../../../ui/duration";
import { SelectField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Notice } from "../../../ui/notice";
import { Moment } from "../../../ui/text";
import type { Editing } from "../use_editing";
import type { Answers, Trying } from "./use_trying";

const ANSWERS: Record<Answers, [shown: string, hint: string]> = {
  live_reads: [
    "As recorded; read what was not",
    "What the call did not ask is read from Dynamics 365 now. Writes are shown, not sent.",
  ],
  recorded: [
    "As recorded, nothing else",
    "Nobody is asked. A question that the call did not ask fails its step as unavailable.",
  ],
  afresh: [
    "As Dynamics 365 answers now",
    "Everything is read anew, with what the call brought. Writes are shown, not sent.",
  ],
};

export function ReplayForm({
  trying,
  run,
  editing,
  answers,
  onAnswers,
  submit,
}: {
  trying: Trying;
  run: Run;
  editing: Editing;
  answers: Answers;
  onAnswers: (answers: Answers) => void;
  submit: RefObject<(() => void) | undefined>;
}) {
  const replay = () => {
    if (!trying.busy) trying.replay(undefined, answers);
  };
  submit.current = replay;
  return (
    <Form onSubmit={replay}>
      <p>
        The call of <Moment at={run.started_at} /> ran version {run.version} and ended as “
        {run.result}” after {durationOfMs(run.elapsed_ms)}.{" "}
        <a href={runAddress(run.run)}>Open its trace</a>
      </p>
      <Other run={run} editing={editing} />
      <SelectField
        label="Answers of Dynamics 365"
        value={answers}
        options={Object.entries(ANSWERS).map(([value, [shown]]) => [value, shown])}
        onChange={(choice) => onAnswers(choice as Answers)}
        hint={ANSWERS[answers][1]}
      />
    </Form>
  );
}

/** Says where the call ran something else than what is on the canvas. */
function Other({ run, editing }: { run: Run; editing: Editing }) {
  const { stored, unsaved } = editing;
  const isDraft = stored.revision !== undefined || unsaved;
  if (!isDraft && stored.published === run.version) return null;
  const canvas = isDraft
    ? stored.base === undefined
      ? "a draft"
      : `a draft made from version ${stored.base}`
    : `version ${stored.published}`;
  return (
    <Notice tone="info">
      The call ran version {run.version}; on the canvas is {canvas}. A replay walks what is on the
      canvas.
    </Notice>
  );
}
