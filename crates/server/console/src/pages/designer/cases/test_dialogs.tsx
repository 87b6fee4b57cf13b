// Renaming a test, and taking it away.

import { useState } from "react";
import { messageOf } from "../../../api/problem";
import { Button } from "../../../ui/button";
import { Confirm, Dialog } from "../../../ui/dialog";
import { TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Notice } from "../../../ui/notice";
import { useWork } from "../../../ui/use_work";
import { changeCase } from "./kept";
import type { Test } from "./use_tests";

type Props = { scenario: string; test: Test; onClose: () => void };

export function RenameDialog({ scenario, test, onClose }: Props) {
  const [name, setName] = useState(test.name);
  const work = useWork();
  const rename = async () => {
    const wanted = name.trim();
    const change = () => changeCase(scenario, test, (known) => ({ ...known, name: wanted }));
    if (wanted && (wanted === test.name || (await work.run(change)))) onClose();
  };
  return (
    <Dialog
      title="Rename the test"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={work.busy} disabled={!name.trim()} onClick={rename}>
            Rename
          </Button>
        </>
      }
    >
      <Form onSubmit={rename}>
        <TextField label="What the test shows" value={name} maxLength={200} onChange={setName} />
      </Form>
      {work.error !== undefined && <Notice tone="bad">{messageOf(work.error)}</Notice>}
    </Dialog>
  );
}

export function DeleteDialog({ scenario, test, onClose }: Props) {
  return (
    <Confirm
      title="Delete the test?"
      action="Delete"
      onConfirm={() => changeCase(scenario, test, () => undefined)}
      onClose={onClose}
    >
      <b>{test.name}</b> is taken away from the tests of {scenario}. Download it first if you may
      want it back.
    </Confirm>
  );
}
