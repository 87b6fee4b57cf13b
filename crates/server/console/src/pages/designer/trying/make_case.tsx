// What has just been tried, or the call that is replayed, becomes a test case.

import { useState } from "react";
import type { RecordedCase } from "../../../api/types";
import { caseOfRun } from "../../../run/run_api";
import { Button } from "../../../ui/button";
import { Notice } from "../../../ui/notice";
import text from "../../../ui/text.module.css";
import { useWork } from "../../../ui/use_work";
import { MakeCaseDialog } from "../cases/make_case_dialog";
import { useDesigner } from "../context";
import type { ScenarioDocument } from "../model/document";
import { why } from "./refusal";
import { caseOfTrial } from "./trial_api";

import type { Shown } from "./use_trying";

export function MakeCase({ shown }: { shown: Shown }) {
  const { document, readOnly } = useDesigner();
  const [made, setMade] = useState<RecordedCase>();
  const work = useWork();
  const { answer: ended, tried, answers } = shown;
  if (readOnly) return null;
  if (answers === "recorded" && ended?.differences.length) {
    return (
      <p className={text.soft}>
        To make a test case of it, have what was not recorded read from Dynamics 365.
      </p>
    );
  }
  const make = () => work.run(async () => setMade(await recorded(shown.id, tried)));
  return (
    <>
      <div>
        <Button icon="check" busy={work.busy} onClick={make}>
          Make this a test case
        </Button>
      </div>
      {work.error !== undefined && (
        <Notice tone="bad" title="No test case can be made of it">
          {why(work.error)}
        </Notice>
      )}
      {made && (
        <MakeCaseDialog
          scenario={document.name}
          recorded={made}
          onClose={() => setMade(undefined)}
        />
      )}
    </>
  );
}

/** The case of a trial, or of a call where nothing was tried. */
async function recorded(id: string, tried: ScenarioDocument | undefined): Promise<RecordedCase> {
  if (!tried) return caseOfRun(id);
  const told = await caseOfTrial(id, tried);
  if (told.case) return told.case;
  throw new Error(told.no_case ?? "the server made none");
}
