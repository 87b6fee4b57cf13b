// How a run ended, in a word.

import type { Run } from "../api/types";
import { Badge } from "../ui/notice";
import { failureWord } from "./failures";

export function ResultBadge({ result, failure }: Pick<Run, "result" | "failure">) {
  return failure ? (
    <Badge tone="bad">{failureWord(failure.kind)}</Badge>
  ) : (
    <Badge tone="neutral">{result}</Badge>
  );
}
