// What manifests say, with what stands between backticks as code.

import type { ReactNode } from "react";

export function words(text: string): ReactNode {
  const parts = text.split("`");
  if (parts.length < 3) return text;
  return parts.map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text stay where they are
    index % 2 === 1 ? <code key={index}>{part}</code> : part,
  );
}
