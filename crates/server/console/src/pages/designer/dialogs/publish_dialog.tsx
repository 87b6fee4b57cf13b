// Publishing: with a note, and only what has no error.

import { useState } from "react";
import { ApiError, messageOf } from "../../../api/problem";
import { Button } from "../../../ui/button";
import { Dialog } from "../../../ui/dialog";
import { TextArea } from "../../../ui/field";
import { Notice } from "../../../ui/notice";
import { useToast } from "../../../ui/toast";
import { useWork } from "../../../ui/use_work";
import { PublishTests } from "../cases/publish_tests";
import type { Tests } from "../cases/use_tests";
import { counted, type Found } from "../model/problems";
import { fetchScenario, publishDraft } from "../stored";
import type { Editing } from "../use_editing";

export function PublishDialog({
  editing,
  found,
  tests,
  onClose,
  onFailed,
}: {
  editing: Editing;
  found: Found[];
  tests: Tests;
  onClose: () => void;
  /** Somebody else has saved meanwhile. */
  onFailed: (error: unknown) => void;
}) {
  const [note, setNote] = useState("");
  /** The version that was published since, where the server has told of one. */
  const [newer, setNewer] = useState<number>();
  const work = useWork();
  const toast = useToast();
  const { errors, warnings } = counted(found);
  const publish = () =>
    work.run(async () => {
      try {
        const revision = await editing.save();
        const version = await publishDraft(editing.document.name, revision, note, newer);
        editing.published(version);
        toast(`Version ${version} is published: calls get it from now on.`);
        onClose();
      } catch (error) {
        if (error instanceof ApiError && error.status === 412) {
          onFailed(error);
          return;
        }
        if (error instanceof ApiError && error.status === 409) {
          setNewer((await fetchScenario(editing.document.name)).published);
        }
        throw error;
      }
    });
  return (
    <Dialog
      title={`Publish ${editing.document.title || editing.document.name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look={newer ? "danger" : "primary"}
            busy={work.busy}
            disabled={errors > 0}
            onClick={publish}
          >
            {newer ? `Publish in place of version ${newer}` : "Publish"}
          </Button>
        </>
      }
    >
      {errors > 0 ? (
        <Notice tone="bad" title="This cannot be published yet">
          The list of problems says what is wrong with it.
        </Notice>
      ) : (
        <p>
          Calls get it from then on. Runs that are under way end on the version with which they
          began.
        </p>
      )}
      {warnings > 0 && errors === 0 && (
        <Notice tone="warn" title={`${warnings === 1 ? "One warning" : `${warnings} warnings`}`}>
          Look at the list of problems before you publish.
        </Notice>
      )}
      {errors === 0 && <PublishTests tests={tests} />}
      {work.error !== undefined && <Notice tone="bad">{messageOf(work.error)}</Notice>}
      <TextArea
        label="Note"
        optional
        hint="What is new; it stands in the history."
        value={note}
        onChange={setNote}
        rows={2}
      />
    </Dialog>
  );
}
