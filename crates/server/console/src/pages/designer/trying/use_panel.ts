// Whether the Run panel is open, and the call with which its address opens it.

import { useCallback, useEffect, useState } from "react";
import { ApiError } from "../../../api/problem";
import { fetchRun } from "../../../run/run_api";
import type { Wanted } from "../page";
import type { Trying } from "./use_trying";

export type Panel = {
  isOpen: boolean;
  open: () => void;
  close: () => void;
  /** Why the call of the address cannot be shown. */
  error: unknown;
};

export function usePanel(trying: Trying, wanted: Wanted | undefined, scenario: string): Panel {
  const [isOpen, setIsOpen] = useState(wanted !== undefined);
  const [error, setError] = useState<unknown>();
  const { show } = trying;
  const { run: id, at } = wanted ?? {};
  const { step, visit } = at ?? {};
  useEffect(() => {
    if (!id) return;
    let current = true;
    setIsOpen(true);
    setError(undefined);
    fetchCall(id, scenario).then(
      (run) => current && show(run, step ? { step, visit: visit ?? 1 } : undefined),
      (thrown) => current && setError(thrown),
    );
    return () => {
      current = false;
    };
  }, [id, step, visit, scenario, show]);
  const open = useCallback(() => setIsOpen(true), []);
  const close = useCallback(() => {
    setIsOpen(false);
    setError(undefined);
  }, []);
  return { isOpen, open, close, error };
}

async function fetchCall(id: string, scenario: string) {
  const run = await fetchRun(id);
  if ("under_way" in run)
    throw new ApiError(409, { detail: "the run is still under way: come back when it has ended" });
  if (run.scenario !== scenario)
    throw new ApiError(422, { detail: `it is a run of the scenario “${run.scenario}”` });
  return run;
}
