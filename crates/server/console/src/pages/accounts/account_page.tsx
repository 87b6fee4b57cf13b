// The properties of one integration account, new or old.

import { answer, api } from "../../api/client";
import type { Account } from "../../api/types";
import type { PageProps } from "../../shell/pages";
import { useMay } from "../../shell/session_context";
import { Page, Shown } from "../../ui/page";
import { useLoaded } from "../../ui/use_loaded";
import { Properties } from "./properties";

const BACK: [string, string] = ["Integration accounts", "#/accounts"];

type Opened = {
  account: Account | undefined;
  /** Only administrators are told: nobody else needs it. */
  redirectUri: string | undefined;
  isFirst: boolean;
};

async function opened(id: string, mayChange: boolean): Promise<Opened> {
  const [accounts, redirect] = await Promise.all([
    answer(api.GET("/v1/accounts")),
    mayChange ? answer(api.GET("/v1/accounts/redirect-uri")) : undefined,
  ]);
  const redirectUri = redirect?.redirect_uri;
  if (id === "new") return { account: undefined, redirectUri, isFirst: accounts.length === 0 };
  const account = await answer(api.GET("/v1/accounts/{id}", { params: { path: { id } } }));
  return { account, redirectUri, isFirst: false };
}

export default function AccountPage({ params }: PageProps) {
  const id = params.id ?? "new";
  const mayChange = useMay("administrator");
  const loaded = useLoaded(() => opened(id, mayChange), [id, mayChange]);
  const title =
    loaded.value?.account?.name ?? (id === "new" ? "New account" : "Integration account");
  return (
    <Page title={title} lead="Microsoft Dynamics 365" back={BACK}>
      <Shown loaded={loaded}>
        {(value) => (
          <Properties
            {...value}
            onStored={(account) => loaded.set({ ...value, account, isFirst: false })}
          />
        )}
      </Shown>
    </Page>
  );
}
