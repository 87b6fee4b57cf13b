// The server's checks of what is on the screen, as it is edited.

import { useEffect, useState } from "react";
import { api, isAbort } from "../../api/client";
import { ApiError } from "../../api/problem";
import type { ScenarioDocument } from "./model/document";
import { type Found, placed } from "./model/problems";

const PAUSE_MS = 350;

export type Checked = {
  found: Found[];
  /** The document that was checked: while it is not the one on the screen, another check is under way. */
  of: ScenarioDocument | undefined;
};

/** `may`: whether who is signed in may have documents checked; for others nothing is found. */
export function useCheck(document: ScenarioDocument, may: boolean): Checked {
  const [checked, setChecked] = useState<Checked>({ found: [], of: undefined });
  useEffect(() => {
    if (!may) return;
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const body = document as unknown as Record<string, unknown>;
        const { data } = await api.POST("/v1/check", { body, signal: abort.signal });
        setChecked({ found: placed(data?.problems ?? [], document), of: document });
      } catch (error) {
        if (isAbort(error)) return;
        const places = error instanceof ApiError ? error.places : [];
        setChecked({ found: placed(places, document), of: document });
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [document, may]);
  return checked;
}
