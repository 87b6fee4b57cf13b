// Long lists, of which the first rows are shown until somebody wants all.

import { useState } from "react";

/** What is to be listed, and what shows all; absent where all is listed. */
export function useFirst<T>(
  all: T[],
  most: number,
): [listed: T[], showAll: (() => void) | undefined] {
  const [whole, setWhole] = useState(false);
  if (whole || all.length <= most) return [all, undefined];
  return [all.slice(0, most), () => setWhole(true)];
}
