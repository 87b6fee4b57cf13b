// The document on the screen, with undo and redo, and what of it is stored.

import { useCallback, useMemo, useState } from "react";
import type { ScenarioDocument } from "./model/document";
import { begin, change, redo, undo } from "./model/history";
import { type Stored, saveDraft } from "./stored";

export type Editing = {
  document: ScenarioDocument;
  stored: Stored;
  unsaved: boolean;
  edit: (change: (document: ScenarioDocument) => ScenarioDocument, of?: string) => void;
  undo: (() => void) | undefined;
  redo: (() => void) | undefined;
  /** Saves the draft; answers its revision. */
  save: () => Promise<number>;
  /** Takes note of what was published. */
  published: (version: number) => void;
};

export function useEditing(first: Stored): Editing {
  const [history, setHistory] = useState(() => begin(first.document));
  const [stored, setStored] = useState(first);
  const document = history.present;
  const edit = useCallback<Editing["edit"]>((make, of) => {
    setHistory((before) => change(before, make(before.present), of));
  }, []);
  const unsaved = useMemo(
    () =>
      document !== stored.document && JSON.stringify(document) !== JSON.stringify(stored.document),
    [document, stored.document],
  );
  const save = async () => {
    if (!unsaved && stored.revision !== undefined) return stored.revision;
    const revision = await saveDraft(document, stored);
    setStored((before) => ({ ...before, document, revision }));
    return revision;
  };
  const published = (version: number) =>
    setStored((before) => ({ ...before, revision: undefined, base: version, published: version }));
  return {
    document,
    stored,
    unsaved,
    edit,
    undo: history.past.length > 0 ? () => setHistory(undo) : undefined,
    redo: history.future.length > 0 ? () => setHistory(redo) : undefined,
    save,
    published,
  };
}
