// What the fields of one block's form share.

import { createContext, useContext } from "react";
import type { Table, TableColumn } from "../../../api/types";
import type { Complete } from "../../../ui/completed";
import type { Recordset, Variable } from "../model/variables";

export type FormData = {
  variables: Variable[];
  recordsets: Recordset[];
  tables: Table[];
  /** The table that the block names, and the columns of it and of other tables that are read. */
  table: string | undefined;
  columns: ReadonlyMap<string, TableColumn[]>;
  accounts: string[];
  scenarios: string[];
  /** What is wrong at a place within the properties, such as `/query`. */
  fault: (pointer: string) => string | undefined;
  /** Completes values: `$(…)` and functions. */
  complete: Complete;
};

export const FormContext = createContext<FormData | null>(null);

export function useForm(): FormData {
  const form = useContext(FormContext);
  if (!form) throw new Error("this is a part of a block's form");
  return form;
}
