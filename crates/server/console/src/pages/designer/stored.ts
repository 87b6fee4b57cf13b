// Fetching, saving and publishing. Nobody's work is overwritten by who has not seen it: what is saved names the revision
// that was read.

import { answer, api } from "../../api/client";
import { ApiError } from "../../api/problem";
import type { ScenarioDocument } from "./model/document";

/** A scenario as the server keeps it. */
export type Stored = {
  document: ScenarioDocument;
  /** The draft's revision; none where there is no draft. */
  revision: number | undefined;
  /** The version from which the draft was made. */
  base: number | undefined;
  /** The version that calls get. */
  published: number | undefined;
};

/** The draft, or what is published where there is none. */
export async function fetchScenario(name: string): Promise<Stored> {
  const params = { path: { name } };
  const all = await answer(api.GET("/v1/scenarios"));
  const summary = all.find((one) => one.name === name);
  const [published, draft] = await Promise.all([
    summary?.version ? answer(api.GET("/v1/scenarios/{name}", { params })) : undefined,
    summary?.draft ? answer(api.GET("/v1/scenarios/{name}/draft", { params })) : undefined,
  ]);
  if (draft) {
    return {
      document: draft.document as unknown as ScenarioDocument,
      revision: draft.revision,
      base: draft.base ?? undefined,
      published: published?.version,
    };
  }
  if (!published) throw new ApiError(404, { detail: `there is no scenario \`${name}\`` });
  return {
    document: published.document as unknown as ScenarioDocument,
    revision: undefined,
    base: published.version,
    published: published.version,
  };
}

/** Saves a draft over the one that was read; without one, only where there is none. */
export async function saveDraft(
  document: ScenarioDocument,
  seen: { revision: number | undefined; base: number | undefined },
): Promise<number> {
  const { revision, base } = seen;
  const saved = await answer(
    api.PUT("/v1/scenarios/{name}/draft", {
      params: {
        path: { name: document.name },
        query: base === undefined ? {} : { base },
        header: revision === undefined ? { "If-None-Match": "*" } : { "If-Match": `"${revision}"` },
      },
      body: document as unknown as Record<string, unknown>,
    }),
  );
  return saved.revision;
}

/** Publishes the draft of this revision; `over` is the version in whose place it goes though it was made from another. */
export async function publishDraft(
  name: string,
  revision: number,
  note: string,
  over: number | undefined,
): Promise<number> {
  const saved = await answer(
    api.POST("/v1/scenarios/{name}/versions", {
      params: { path: { name }, header: { "If-Match": `"${revision}"` } },
      body: { ...(note.trim() ? { note: note.trim() } : {}), ...(over ? { over } : {}) },
    }),
  );
  return saved.version;
}

/** Whether somebody else has saved or published meanwhile. */
export function isConflict(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 412 || error.status === 409);
}
