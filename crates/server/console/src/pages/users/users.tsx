// The users: who they are, what they may do, and their passwords.

import { useState } from "react";
import { answer, api } from "../../api/client";
import type { User } from "../../api/types";
import { useSession } from "../../shell/session_context";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Badge } from "../../ui/notice";
import { Card, Shown } from "../../ui/page";
import { Table } from "../../ui/table";
import { Cut, Moment } from "../../ui/text";
import { useToast } from "../../ui/toast";
import { useLoaded } from "../../ui/use_loaded";
import { AddUser, ChangeRole, SetPassword } from "./user_dialogs";
import styles from "./users.module.css";

type Asked = { user: User; what: "role" | "password" | "remove" };

export function Users() {
  const users = useLoaded(() => answer(api.GET("/v1/users")), []);
  const [adding, setAdding] = useState(false);
  const [asked, setAsked] = useState<Asked>();
  const own = useSession().user.name;
  const toast = useToast();
  const done = (told: string) => {
    toast(told);
    users.reload();
  };
  const close = () => setAsked(undefined);
  const remove = async (user: User) => {
    await api.DELETE("/v1/users/{name}", { params: { path: { name: user.name } } });
    done(`${user.name} can no longer sign in.`);
  };
  return (
    <Card
      title="Users"
      lead="Viewers look, designers build scenarios, administrators do everything."
      actions={
        <Button look="primary" icon="create" onClick={() => setAdding(true)}>
          Add user
        </Button>
      }
    >
      <Shown loaded={users}>
        {(users) => (
          <Table
            caption="Users"
            rows={users}
            keyOf={(user) => user.name}
            columns={[
              {
                title: "Name",
                cell: (user) => (
                  <span className={styles.name}>
                    <Cut>{user.name}</Cut>
                    {user.name === own && <Badge tone="neutral">You</Badge>}
                  </span>
                ),
              },
              { title: "Role", narrow: true, cell: (user) => user.role },
              {
                title: "Password set",
                narrow: true,
                cell: (user) => <Moment at={user.password_set_at} />,
              },
              {
                title: "Actions",
                untitled: true,
                narrow: true,
                cell: (user) => (
                  <Actions
                    user={user}
                    own={user.name === own}
                    ask={(what) => setAsked({ user, what })}
                  />
                ),
              },
            ]}
          />
        )}
      </Shown>
      {adding && <AddUser onDone={done} onClose={() => setAdding(false)} />}
      {asked?.what === "role" && <ChangeRole user={asked.user} onDone={done} onClose={close} />}
      {asked?.what === "password" && (
        <SetPassword user={asked.user} onDone={done} onClose={close} />
      )}
      {asked?.what === "remove" && (
        <Confirm
          title={`Remove ${asked.user.name}?`}
          action="Remove user"
          onConfirm={() => remove(asked.user)}
          onClose={close}
        >
          The user is signed out everywhere and cannot sign in any more. What the user has done
          stays in the audit log.
        </Confirm>
      )}
    </Card>
  );
}

function Actions({
  user,
  own,
  ask,
}: {
  user: User;
  own: boolean;
  ask: (what: Asked["what"]) => void;
}) {
  return (
    <div className={styles.actions}>
      <Button look="quiet" onClick={() => ask("role")} aria-label={`Change role of ${user.name}`}>
        Role
      </Button>
      {!own && (
        <Button
          look="quiet"
          onClick={() => ask("password")}
          aria-label={`Set password of ${user.name}`}
        >
          Password
        </Button>
      )}
      <Button look="quiet" onClick={() => ask("remove")} aria-label={`Remove ${user.name}`}>
        Remove
      </Button>
    </div>
  );
}
