// Call Center Configuration > Integration Accounts.

import { useState } from "react";
import { answer, api } from "../../api/client";
import type { Account } from "../../api/types";
import { useMay } from "../../shell/session_context";
import { Button } from "../../ui/button";
import { Badge } from "../../ui/notice";
import { Empty, Page, Shown } from "../../ui/page";
import { Table } from "../../ui/table";
import { Cut } from "../../ui/text";
import { useLoaded } from "../../ui/use_loaded";
import styles from "./accounts.module.css";
import { StateBadges, stateSentences } from "./state";
import { TypesDialog } from "./types_dialog";

export default function AccountsPage() {
  const accounts = useLoaded(() => answer(api.GET("/v1/accounts")), []);
  const [adding, setAdding] = useState(false);
  const mayChange = useMay("administrator");
  const add = mayChange && (
    <Button look="primary" icon="create" onClick={() => setAdding(true)}>
      Add account
    </Button>
  );
  return (
    <Page
      title="Integration accounts"
      lead="What Patchcord needs to call Dynamics 365 on behalf of a user: an app of your Entra ID, and that user's consent."
      actions={add}
    >
      <Shown loaded={accounts}>
        {(accounts) =>
          accounts.length === 0 ? (
            <Empty icon="account" title="No integration account yet" actions={add}>
              {mayChange
                ? "Register an app in Entra ID, add an account with its client ID and secret, and request a token."
                : "An administrator has to add one before scenarios can reach Dynamics 365."}
            </Empty>
          ) : (
            <Accounts accounts={accounts} />
          )
        }
      </Shown>
      {adding && <TypesDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}

function Accounts({ accounts }: { accounts: Account[] }) {
  return (
    <Table
      caption="Integration accounts"
      rows={accounts}
      keyOf={(account) => account.id}
      columns={[
        {
          title: "Name",
          cell: (account) => (
            <div className={styles.named}>
              <div className={styles.name}>
                <a href={`#/accounts/${account.id}`}>
                  <Cut>{account.name}</Cut>
                </a>
                {account.default && <Badge tone="info">Default</Badge>}
              </div>
              <div className={styles.why}>Microsoft Dynamics 365</div>
            </div>
          ),
        },
        {
          title: "State",
          cell: (account) => (
            <div className={styles.state}>
              <div>
                <StateBadges account={account} />
              </div>
              {stateSentences(account).map((text) => (
                <div key={text} className={styles.why}>
                  {text}
                </div>
              ))}
            </div>
          ),
        },
        {
          title: "Environment",
          cell: (account) => <Cut className={styles.host}>{new URL(account.api_url).host}</Cut>,
        },
      ]}
    />
  );
}
