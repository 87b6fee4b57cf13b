// The agent's page: the record of each call that this agent takes.

import { useState } from "react";
import { messageOf } from "../../api/problem";
import type { PageProps } from "../../shell/pages";
import { go } from "../../shell/router";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { Form } from "../../ui/form";
import { Notice } from "../../ui/notice";
import { Card, Empty, Page } from "../../ui/page";
import { notify, playTone, useUnseen } from "./attention";
import { Connection } from "./connection";
import { History, Latest } from "./latest";
import { Options } from "./options";
import { linkOf, type Pop } from "./pops";
import { showRecord } from "./record_window";
import { useSettings } from "./settings";
import { usePops } from "./use_pops";

const TITLE = "Agent";

export default function AgentPage({ query }: PageProps) {
  const [settings, change] = useSettings();
  const login = (query.get("login") ?? settings.login).trim();
  const [blocked, setBlocked] = useState(false);
  const count = useUnseen(TITLE);
  const open = (link: string) => setBlocked(!showRecord(link));
  const { pops, state, error } = usePops(login, (pop) => {
    const link = linkOf(pop);
    count();
    if (settings.sounds) playTone();
    if (settings.notifies && document.hidden) notify("Screen pop", told(pop));
    if (settings.opens && link) open(link);
  });
  const [latest, ...before] = pops;
  const settingsCard = (
    <Card title={login ? "Settings" : "Who takes the calls?"}>
      <Login
        key={login}
        login={login}
        onListen={(chosen) => {
          change({ login: chosen });
          go(`#/agent?${new URLSearchParams({ login: chosen })}`);
        }}
      />
      <Options settings={settings} onChange={change} onBlocked={setBlocked} />
    </Card>
  );
  return (
    <Page
      title={TITLE}
      lead="When a call comes in for you and its scenario pops a screen, the record is shown here."
      actions={login && error === undefined && <Connection login={login} state={state} />}
    >
      {error !== undefined && (
        <Notice tone="bad" title="Nothing is told of this login">
          {messageOf(error)}
        </Notice>
      )}
      {blocked && (
        <Notice tone="warn" title="The browser did not let this page open a window">
          Allow pop-ups for this page: press the symbol in the address bar that says one was
          blocked, and choose to allow them always. Then press Open record once.
        </Notice>
      )}
      {latest && <Latest key={latest.event} pop={latest} opens={settings.opens} onOpen={open} />}
      {login && error === undefined && !latest && (
        <Empty icon="screen-pop" title="No screen pop yet">
          As soon as a call comes in for you, its record is shown here. Leave this page open.
        </Empty>
      )}
      {before.length > 0 && <History pops={before} />}
      {settingsCard}
    </Page>
  );
}

function told(pop: Pop): string {
  return `${pop.entity_set} (${pop.scenario})`;
}

function Login({ login, onListen }: { login: string; onListen: (login: string) => void }) {
  const [entered, setEntered] = useState(login);
  const [error, setError] = useState<string>();
  const submit = () => {
    if (entered.trim()) onListen(entered.trim());
    else setError("Enter a login.");
  };
  return (
    <Form onSubmit={submit}>
      <TextField
        label="Login"
        hint="As the call flow names you in user.login. It is remembered in this browser; a link that ends in ?login=… brings it along."
        placeholder="ann@contoso.example"
        value={entered}
        error={error}
        onChange={setEntered}
        beside={
          <Button type="submit" look={login === entered.trim() ? "secondary" : "primary"}>
            Listen
          </Button>
        }
      />
    </Form>
  );
}
