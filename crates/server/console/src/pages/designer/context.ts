// What every part of the designer shares: the document that is edited, what it is made of, and what is wrong with it.

import { createContext, useContext } from "react";
import type { Account } from "../../api/types";
import type { Blocks } from "./model/blocks";
import type { ScenarioDocument } from "./model/document";
import type { Found } from "./model/problems";
import type { Marks } from "./model/trial";

export type Designer = {
  document: ScenarioDocument;
  blocks: Blocks;
  accounts: Account[];
  /** Names of all scenarios, for blocks that start another one. */
  scenarios: string[];
  found: Found[];
  /** How far the trial that is shown has come. */
  marks: Marks | undefined;
  readOnly: boolean;
  /** Ids of the instances that are selected; one alone is shown in the Edit pane. */
  selection: ReadonlySet<string>;
  select: (ids: Iterable<string>) => void;
  /** Adds to the selection and takes out of it. */
  reselect: (ids: { id: string; selected: boolean }[]) => void;
  /** Changes the document. Changes of the same `of` that follow closely are undone together. */
  edit: (change: (document: ScenarioDocument) => ScenarioDocument, of?: string) => void;
  /** Adds a block beside the one that is selected, wired to its first free exit. */
  addBlock: (block: string) => void;
  /** Asks where an exit is to lead. */
  openConnect: (id: string) => void;
};

export const DesignerContext = createContext<Designer | null>(null);

export function useDesigner(): Designer {
  const designer = useContext(DesignerContext);
  if (!designer) throw new Error("this is a part of the designer");
  return designer;
}
