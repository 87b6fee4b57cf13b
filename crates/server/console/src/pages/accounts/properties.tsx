// The properties window: every field in the order of the integration guide, Request token, Test connection and Apply.

import { useState } from "react";
import { answer, api } from "../../api/client";
import { faultsByPointer, messageOf } from "../../api/problem";
import type { Account } from "../../api/types";
import { goSaved, renamePage, useUnsavedGuard } from "../../shell/router";
import { useMay } from "../../shell/session_context";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { CheckField, TextField } from "../../ui/field";
import { Form } from "../../ui/form";
import { Notice } from "../../ui/notice";
import { Card } from "../../ui/page";
import { CopyField } from "../../ui/text";
import { useToast } from "../../ui/toast";
import { useWork } from "../../ui/use_work";
import { type AccountForm, emptyForm, formOf, inputOf } from "./account_form";
import styles from "./accounts.module.css";
import { Connection } from "./connection";
import { CredentialFields } from "./credential_fields";
import { EndpointFields } from "./endpoint_fields";
import type { PartProps } from "./parts";
import { PolicyFields } from "./policy_fields";

export function Properties({
  account,
  redirectUri,
  isFirst,
  onStored,
}: {
  /** As it is stored; nothing for a new one. */
  account: Account | undefined;
  redirectUri: string | undefined;
  isFirst: boolean;
  onStored: (account: Account) => void;
}) {
  const [before, setBefore] = useState(() => (account ? formOf(account) : emptyForm(isFirst)));
  const [form, setForm] = useState(before);
  const [deleting, setDeleting] = useState(false);
  const mayChange = useMay("administrator");
  const work = useWork();
  const toast = useToast();
  const unsaved = JSON.stringify(form) !== JSON.stringify(before);
  useUnsavedGuard(unsaved);
  const change = (part: Partial<AccountForm>) => setForm((form) => ({ ...form, ...part }));
  const faults = faultsByPointer(work.error);
  const part: PartProps = { form, change, fault: (pointer) => faults.get(pointer) };

  const store = async () => {
    const body = inputOf(form);
    const stored = account
      ? await answer(api.PUT("/v1/accounts/{id}", { params: { path: { id: account.id } }, body }))
      : await answer(api.POST("/v1/accounts", { body }));
    const now = formOf(stored);
    setBefore(now);
    setForm(now);
    if (!account) renamePage(`#/accounts/${stored.id}`);
    onStored(stored);
    return stored;
  };
  /** Stores what differs. The page stays: a pop-up or a test goes on from here. */
  const save = async () => {
    if (account && !unsaved) return account;
    let stored: Account | undefined;
    await work.run(async () => {
      stored = await store();
    });
    return stored;
  };
  const apply = () =>
    work.run(async () => {
      await store();
      toast("The account has been stored.");
    });
  const remove = async () => {
    const params = { path: { id: account?.id ?? "" } };
    await api.DELETE("/v1/accounts/{id}", { params });
    toast(`${account?.name} has been deleted.`);
    goSaved("#/accounts");
  };

  return (
    <Form onSubmit={apply}>
      <Faults error={work.error} />
      <fieldset className={styles.fields} disabled={!mayChange}>
        <Card title="Account">
          <TextField
            label="Name"
            hint="What scenario designers see and select."
            value={form.name}
            onChange={(name) => change({ name })}
            error={faults.get("/name")}
          />
          <CheckField
            label="Default account"
            hint="Used where a scenario selects none. At most one account is."
            checked={form.default}
            onChange={(checked) => change({ default: checked })}
            error={faults.get("/default")}
          />
          <TextField
            label="Region of phone numbers"
            optional
            placeholder="US"
            hint="Country (two letters) of numbers that are written without a country code."
            value={form.phoneRegion}
            onChange={(phoneRegion) => change({ phoneRegion })}
            error={faults.get("/phone_region")}
          />
        </Card>
        <Card title="App registration" lead="The app that you have registered in Entra ID.">
          {redirectUri && (
            <CopyField
              label="Redirect URI"
              hint="Register exactly this in Entra ID, for the platform Web."
              value={redirectUri}
            />
          )}
          <TextField
            label="Client ID"
            mono
            hint="Application (client) ID, from the app's overview page."
            value={form.clientId}
            onChange={(clientId) => change({ clientId })}
            error={faults.get("/client_id")}
          />
          <CredentialFields {...part} account={account} />
        </Card>
        <Card title="Addresses">
          <EndpointFields {...part} />
        </Card>
        <Card>
          <details open={[...faults.keys()].some((pointer) => pointer.startsWith("/policy"))}>
            <summary className={styles.summary}>Policy: what may be done, and how hard</summary>
            <div className={styles.details}>
              <PolicyFields {...part} />
            </div>
          </details>
        </Card>
        <Connection account={account} save={save} onChange={onStored} />
      </fieldset>
      {mayChange && (
        <div className={styles.bar}>
          <span className={styles.unsaved} role="status">
            {unsaved ? "There are changes that have not been applied." : ""}
          </span>
          {account && (
            <Button look="danger" icon="delete" onClick={() => setDeleting(true)}>
              Delete
            </Button>
          )}
          {unsaved && <Button onClick={() => setForm(before)}>Discard</Button>}
          <Button type="submit" look="primary" busy={work.busy}>
            Apply
          </Button>
        </div>
      )}
      {deleting && account && (
        <Confirm
          title={`Delete ${account.name}?`}
          action="Delete account"
          onConfirm={remove}
          onClose={() => setDeleting(false)}
        >
          Its credential and its tokens are destroyed. Scenarios that use it cannot run until they
          use another one. This cannot be undone.
        </Confirm>
      )}
    </Form>
  );
}

/** What was refused. The fields say the rest. */
function Faults({ error }: { error: unknown }) {
  if (error === undefined) return null;
  const faults = [...faultsByPointer(error)];
  if (faults.length === 0) return <Notice tone="bad">{messageOf(error)}</Notice>;
  return (
    <Notice tone="bad" title="Nothing was stored: some fields are not right">
      <ul>
        {faults.map(([pointer, message]) => (
          <li key={pointer}>
            <code>{pointer}</code> {message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
