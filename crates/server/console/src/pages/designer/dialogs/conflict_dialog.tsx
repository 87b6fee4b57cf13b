// Somebody else has saved this scenario meanwhile: theirs is kept, and ours as well where that is wanted.

import { useState } from "react";
import { messageOf } from "../../../api/problem";
import { scenarioAddress } from "../../../run/addresses";
import { goSaved } from "../../../shell/router";
import { Button } from "../../../ui/button";
import { Dialog } from "../../../ui/dialog";
import { TextField } from "../../../ui/field";
import { Notice } from "../../../ui/notice";
import { useWork } from "../../../ui/use_work";
import type { ScenarioDocument } from "../model/document";
import { saveDraft } from "../stored";

export function ConflictDialog({
  why,
  document,
  onReload,
  onClose,
}: {
  why: string;
  document: ScenarioDocument;
  onReload: () => void;
  onClose: () => void;
}) {
  const [name, setName] = useState(`${document.name}-copy`);
  const work = useWork();
  const keep = () =>
    work.run(async () => {
      await saveDraft({ ...document, name }, { revision: undefined, base: undefined });
      goSaved(scenarioAddress(name));
    });
  return (
    <Dialog
      title="Somebody else has saved it meanwhile"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Go on editing</Button>
          <Button look="danger" onClick={onReload}>
            Give mine up and reload
          </Button>
          <Button look="primary" busy={work.busy} onClick={keep}>
            Keep mine as a copy
          </Button>
        </>
      }
    >
      <Notice tone="warn">{why}</Notice>
      <p>Nothing of theirs was overwritten. Your changes are still here.</p>
      <TextField label="Name of the copy" value={name} onChange={setName} mono />
      {work.error !== undefined && <Notice tone="bad">{messageOf(work.error)}</Notice>}
    </Dialog>
  );
}
