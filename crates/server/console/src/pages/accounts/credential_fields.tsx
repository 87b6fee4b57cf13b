// The app's credential: a client secret, or a certificate with its private key. What is stored is never shown; only that
// it is there, and until when it lasts.

import { useId } from "react";
import type { Account } from "../../api/types";
import { FileField, TextField } from "../../ui/field";
import { Columns } from "../../ui/form";
import { Badge } from "../../ui/notice";
import { Day } from "../../ui/text";
import { uploaded } from "./account_form";
import styles from "./accounts.module.css";
import type { PartProps } from "./parts";

type Props = PartProps & { account: Account | undefined };

export function CredentialFields(props: Props) {
  const { form, change } = props;
  const group = useId();
  const choice = (kind: "secret" | "certificate", title: string) => (
    <label className={styles.radio}>
      <input
        type="radio"
        name={group}
        checked={form.credential === kind}
        onChange={() => change({ credential: kind })}
      />
      {title}
    </label>
  );
  return (
    <fieldset className={styles.group}>
      <legend>Credential</legend>
      <div className={styles.choices}>
        {choice("secret", "Client secret")}
        {choice("certificate", "Certificate")}
      </div>
      <Stored account={props.account} kind={form.credential} />
      {form.credential === "secret" ? <Secret {...props} /> : <Certificate {...props} />}
    </fieldset>
  );
}

function isStored(account: Account | undefined, kind: "secret" | "certificate"): boolean {
  const stored = account?.credential;
  return Boolean(stored?.set) && (stored?.kind === "certificate") === (kind === "certificate");
}

function Stored({
  account,
  kind,
}: {
  account: Account | undefined;
  kind: "secret" | "certificate";
}) {
  if (!isStored(account, kind)) {
    return (
      <div className={styles.stored}>
        <Badge tone="neutral">Not set</Badge>
      </div>
    );
  }
  const { expires, subject, thumbprint } = account?.credential ?? {};
  return (
    <div className={styles.stored}>
      <Badge tone="good" icon="check">
        Set
      </Badge>
      {subject && <span>{subject}</span>}
      {thumbprint && <code>{thumbprint.sha1}</code>}
      {expires && (
        <span>
          until <Day at={expires} />
        </span>
      )}
    </div>
  );
}

function Secret({ form, change, fault, account }: Props) {
  return (
    <Columns>
      <TextField
        label="Client secret"
        type="password"
        autoComplete="new-password"
        placeholder={isStored(account, "secret") ? "Leave empty to keep it" : ""}
        hint="The secret's Value in Entra ID, not its Secret ID. It is stored encrypted and never shown again."
        value={form.secret}
        onChange={(secret) => change({ secret })}
        error={fault("/client_secret") ?? fault("/credential")}
      />
      <TextField
        label="Secret expires"
        optional
        type="date"
        hint="Its last day, as Entra ID shows it: Patchcord warns from 30 days before."
        value={form.secretExpires}
        onChange={(secretExpires) => change({ secretExpires })}
        error={fault("/credential_expires")}
      />
    </Columns>
  );
}

function Certificate({ form, change, fault }: Props) {
  return (
    <Columns>
      <FileField
        label="Certificate"
        accept=".pem,.crt,.cer,.pfx,.p12"
        hint="PEM or PFX. Its public part must be uploaded to the app registration in Entra ID."
        onChoose={async (file) => change({ certificate: file && (await uploaded(file)) })}
        error={fault("/certificate") ?? fault("/certificate/file")}
      />
      <FileField
        label="Private key"
        accept=".pem,.key,.der"
        optional
        hint="Where it is not in the certificate's file."
        onChoose={async (file) => change({ certificateKey: file && (await uploaded(file)) })}
        error={fault("/certificate/key")}
      />
      <TextField
        label="Password of the PFX file"
        optional
        type="password"
        autoComplete="new-password"
        value={form.certificatePassword}
        onChange={(certificatePassword) => change({ certificatePassword })}
        error={fault("/certificate/password")}
      />
    </Columns>
  );
}
