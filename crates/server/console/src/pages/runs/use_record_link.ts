// Where Dynamics 365 shows the record that a run popped, as the server tells it to agents: in the one organisation to which the
// integration accounts lead, by the logical name of the table.

import { answer, api } from "../../api/client";
import type { ScreenPop } from "../../api/types";
import { useLoaded } from "../../ui/use_loaded";

/** Undefined while it is looked for, null where it is not known. */
export function useRecordLink(record: ScreenPop | null | undefined): string | null | undefined {
  const key = record ? `${record.entity_set}(${record.id})` : "";
  const found = useLoaded(async () => (record ? await linkTo(record) : null), [key]);
  return found.error === undefined ? found.value : null;
}

async function linkTo({ entity_set, id }: ScreenPop): Promise<string | null> {
  const accounts = (await answer(api.GET("/v1/accounts"))).filter(({ state }) => state === "valid");
  const [account] = accounts;
  if (!account) return null;
  const { origin } = new URL(account.api_url);
  if (accounts.some((other) => new URL(other.api_url).origin !== origin)) return null;
  const path = { id: account.id, table: entity_set };
  const table = await answer(api.GET("/v1/accounts/{id}/tables/{table}", { params: { path } }));
  const url = new URL("/main.aspx", origin);
  url.host = url.host.replace(".api.", ".");
  url.search = String(
    new URLSearchParams({ pagetype: "entityrecord", etn: table.logical_name, id }),
  );
  return url.href;
}
