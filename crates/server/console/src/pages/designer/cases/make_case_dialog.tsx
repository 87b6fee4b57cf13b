// A run or a trial becomes a test case, which is kept with its scenario or taken away as a file.

import { useState } from "react";
import { messageOf } from "../../../api/problem";
import type { RecordedCase } from "../../../api/types";
import { downloadCases } from "../../../run/case_file";
import { Button } from "../../../ui/button";
import { Dialog } from "../../../ui/dialog";
import { TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Notice } from "../../../ui/notice";
import { useToast } from "../../../ui/toast";
import { useWork } from "../../../ui/use_work";
import { Expectations } from "./expectations";
import { addCase } from "./kept";

export function MakeCaseDialog({
  scenario,
  recorded,
  onClose,
}: {
  scenario: string;
  recorded: RecordedCase;
  onClose: () => void;
}) {
  const { expect } = recorded.case;
  const [name, setName] = useState(`The call ends as “${expect.result}”`);
  const [fault, setFault] = useState<string>();
  const work = useWork();
  const toast = useToast();
  const made = { ...recorded.case, name: name.trim() };
  const save = async () => {
    if (!made.name) {
      setFault("Say in a sentence what the test shows.");
      return;
    }
    const saved = await work.run(() => addCase(scenario, made));
    if (!saved) return;
    toast(`The test is kept with ${scenario}.`);
    onClose();
  };
  return (
    <Dialog
      title="Make a test of it"
      onClose={onClose}
      actions={
        <>
          <Button look="quiet" onClick={() => downloadCases(scenario, [made])}>
            Download
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={work.busy} onClick={save}>
            Keep the test
          </Button>
        </>
      }
    >
      <p>
        The test brings the scenario what this call brought, answers it as Dynamics 365 did, and
        expects that the same comes of it. It asks Dynamics 365 nothing.
      </p>
      <Form onSubmit={save}>
        <TextField
          label="What the test shows"
          hint="A sentence, such as: a caller who is known is answered by name."
          error={fault}
          value={name}
          maxLength={200}
          onFocus={(event) => event.target.select()}
          onChange={(value) => {
            setFault(undefined);
            setName(value);
          }}
        />
      </Form>
      <Outcome recorded={recorded} />
      <Expectations of={recorded.case} />
      {work.error !== undefined && <Notice tone="bad">{messageOf(work.error)}</Notice>}
    </Dialog>
  );
}

/** Whether it passes as it is, and what is not in it. */
function Outcome({ recorded: { report, masked } }: { recorded: RecordedCase }) {
  return (
    <>
      {report.passed ? (
        <Notice tone="good">The test passes as it is.</Notice>
      ) : (
        <Notice tone="warn" title="The test does not pass as it is">
          {masked
            ? "A value that is masked decides the way. Download the test, write another value in its place and upload it under Tests."
            : "Something else than the answers decides the way, such as the time. It can be kept, and will fail."}
        </Notice>
      )}
      {masked && report.passed && (
        <Notice tone="info">Sensitive values are masked in it: it holds ••• in their place.</Notice>
      )}
    </>
  );
}
