// Who may sign in, and which programs may call the API.

import type { PageProps } from "../../shell/pages";
import { go } from "../../shell/router";
import { Page } from "../../ui/page";
import { Tabs } from "../../ui/tabs";
import { Tokens } from "./tokens";
import { Users } from "./users";

export default function UsersPage({ query }: PageProps) {
  return (
    <Page
      title="Users and tokens"
      lead="Users sign in to this console. API tokens are for call flows and other programs."
    >
      <Tabs
        label="Users and tokens"
        selected={query.get("tab") ?? "users"}
        onSelect={(tab) => go(`#/users?tab=${tab}`)}
        tabs={[
          { id: "users", title: "Users", content: () => <Users /> },
          { id: "tokens", title: "API tokens", content: () => <Tokens /> },
        ]}
      />
    </Page>
  );
}
