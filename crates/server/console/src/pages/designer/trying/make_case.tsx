// What has just been tried, or the call that is replayed, becomes a test case.

import { useState } from "react";
import { answer, api } from "../../../api/client";
import { messageOf, sentence } from "../../../api/problem";
import type { RecordedCase } from "../../../api/types";
import { Button } from "../../../ui/button";
import { Notice } from "../../../ui/notice";
import { useWork } from "../../../ui/use_work";
import { MakeCaseDialog } from "../cases/make_case_dialog";
import { useDesigner } from "../context";
import styles from "./trying.module.css";
import type { Shown } from "./use_trying";

export function MakeCase({ shown }: { shown: Shown }) {
  const { document, readOnly } = useDesigner();
  const [made, setMade] = useState<RecordedCase>();
  const work = useWork();
  const { answer: tried, run } = shown;
  if (readOnly) return null;
  if (tried && !tried.case) {
    return tried.no_case ? (
      <p className={styles.soft}>No test case can be made of it. {sentence(tried.no_case)}</p>
    ) : null;
  }
  const make = () =>
    work.run(async () => {
      const params = { path: { id: shown.id } };
      setMade(tried?.case ?? (await answer(api.GET("/v1/runs/{id}/case", { params }))));
    });
  return (
    <>
      <div>
        <Button icon="check" busy={work.busy} onClick={make}>
          Make this a test case
        </Button>
      </div>
      {run && work.error !== undefined && <Notice tone="bad">{messageOf(work.error)}</Notice>}
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
