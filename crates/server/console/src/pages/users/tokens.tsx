// API tokens: made here, shown once, and revoked here.

import { useState } from "react";
import { answer, api } from "../../api/client";
import type { ApiToken } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Card, Empty, Shown } from "../../ui/page";
import { Table } from "../../ui/table";
import { Cut, Moment } from "../../ui/text";
import { useToast } from "../../ui/toast";
import { useLoaded } from "../../ui/use_loaded";
import { CreateToken } from "./create_token";
import styles from "./users.module.css";

export function Tokens() {
  const tokens = useLoaded(() => answer(api.GET("/v1/tokens")), []);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiToken>();
  const toast = useToast();
  const create = (
    <Button look="primary" icon="create" onClick={() => setCreating(true)}>
      Create token
    </Button>
  );
  const revoke = async (token: ApiToken) => {
    await api.DELETE("/v1/tokens/{id}", { params: { path: { id: token.id } } });
    toast(`${token.name} is revoked.`);
    tokens.reload();
  };
  return (
    <Card
      title="API tokens"
      lead="A program sends one as its bearer token. It may do what its scope says, until it is revoked."
      actions={create}
    >
      <Shown loaded={tokens}>
        {(tokens) =>
          tokens.length === 0 ? (
            <Empty icon="key" title="No API token yet" actions={create}>
              Your call flow needs one with the scope run to have scenarios run.
            </Empty>
          ) : (
            <Table
              caption="API tokens"
              rows={tokens}
              keyOf={(token) => token.id}
              columns={[
                { title: "Name", cell: (token) => <Cut className={styles.name}>{token.name}</Cut> },
                { title: "Scope", narrow: true, cell: (token) => token.scope },
                { title: "Created", cell: (token) => <Moment at={token.created_at} /> },
                {
                  title: "Actions",
                  untitled: true,
                  narrow: true,
                  cell: (token) => (
                    <div className={styles.actions}>
                      <Button
                        look="quiet"
                        aria-label={`Revoke ${token.name}`}
                        onClick={() => setRevoking(token)}
                      >
                        Revoke
                      </Button>
                    </div>
                  ),
                },
              ]}
            />
          )
        }
      </Shown>
      {creating && <CreateToken onCreated={tokens.reload} onClose={() => setCreating(false)} />}
      {revoking && (
        <Confirm
          title={`Revoke ${revoking.name}?`}
          action="Revoke token"
          onConfirm={() => revoke(revoking)}
          onClose={() => setRevoking(undefined)}
        >
          Programs that send it are refused from now on. This cannot be undone.
        </Confirm>
      )}
    </Card>
  );
}
