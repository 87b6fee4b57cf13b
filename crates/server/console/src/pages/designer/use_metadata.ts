// Tables and columns of the organisation behind an integration account, for the pickers. Where they cannot be had, names
// are typed.

import { useEffect, useState } from "react";
import { answer, api } from "../../api/client";
import type { Account, Table, TableColumn } from "../../api/types";
import type { Blocks } from "./model/blocks";
import { type Instance, instanceOf, type ScenarioDocument } from "./model/document";
import { before } from "./model/variables";

const asked = new Map<string, Promise<unknown>>();

/** Asks once; what failed is asked again the next time. */
function once<T>(key: string, ask: () => Promise<T>): Promise<T> {
  const known = asked.get(key) as Promise<T> | undefined;
  if (known) return known;
  const begun = ask();
  asked.set(key, begun);
  begun.catch(() => asked.delete(key));
  return begun;
}

function tablesOf(id: string): Promise<Table[]> {
  return once(`${id}/`, () =>
    answer(api.GET("/v1/accounts/{id}/tables", { params: { path: { id } } })),
  );
}

async function columnsOf(id: string, table: string): Promise<TableColumn[]> {
  const params = { path: { id, table } };
  const details = await once(`${id}/${table}`, () =>
    answer(api.GET("/v1/accounts/{id}/tables/{table}", { params })),
  );
  return details.columns;
}

/** The account that an instance will most likely use: its own, one selected before it, or the default one. */
export function accountAt(
  document: ScenarioDocument,
  blocks: Blocks,
  accounts: Account[],
  id: string,
): Account | undefined {
  const named = (name: unknown) => accounts.find((account) => account.name === name);
  const selected = (instance: Instance) =>
    blocks.find(instance.block)?.selects_account
      ? named(Object.values(instance.properties ?? {}).find((value) => named(value)))
      : undefined;
  const earlier = before(document, id).reverse().map(selected);
  return (
    named(instanceOf(document, id)?.account) ??
    earlier.find((account) => account !== undefined) ??
    accounts.find((account) => account.default)
  );
}

export function useTables(account: Account | undefined): Table[] {
  const [tables, setTables] = useState<Table[]>([]);
  const id = account?.id;
  useEffect(() => {
    let current = true;
    setTables([]);
    if (id) {
      tablesOf(id).then(
        (told) => current && setTables(told),
        () => {},
      );
    }
    return () => {
      current = false;
    };
  }, [id]);
  return tables;
}

/** The columns of tables, by entity set name; those that cannot be had are missing. */
export function useColumns(
  account: Account | undefined,
  tables: string[],
): ReadonlyMap<string, TableColumn[]> {
  const [columns, setColumns] = useState<ReadonlyMap<string, TableColumn[]>>(new Map());
  const id = account?.id;
  const wanted = [...new Set(tables)].filter((name) => /^\w+$/.test(name)).join(" ");
  useEffect(() => {
    let current = true;
    setColumns(new Map());
    for (const table of id && wanted ? wanted.split(" ") : []) {
      columnsOf(id ?? "", table).then(
        (told) => current && setColumns((before) => new Map([...before, [table, told]])),
        () => {},
      );
    }
    return () => {
      current = false;
    };
  }, [id, wanted]);
  return columns;
}
