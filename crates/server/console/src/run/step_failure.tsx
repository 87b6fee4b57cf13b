// What went wrong in a step, and who dealt with it.

import type { ReactNode } from "react";
import { sentence } from "../api/problem";
import type { StepTrace } from "../api/types";
import { Notice } from "../ui/notice";
import { failureWord } from "./failures";

export function StepFailure({ step, children }: { step: StepTrace; children?: ReactNode }) {
  const { failure, caught_by, exit } = step;
  if (!failure) return null;
  return (
    <Notice tone={exit || caught_by ? "warn" : "bad"} title={failureWord(failure.kind)}>
      <p>{sentence(failure.message)}</p>
      {caught_by && (
        <p>
          The Exception Handler <code>{caught_by}</code> dealt with it.
        </p>
      )}
      {children}
    </Notice>
  );
}
