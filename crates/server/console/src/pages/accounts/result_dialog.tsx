// The windows around a sign-in: while it is under way, and how it ended.

import { useEffect, useState } from "react";
import type { Account } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Notice } from "../../ui/notice";
import { Day, Facts, Moment } from "../../ui/text";
import type { SignIn } from "./consent";
import { consentingUser, organisation } from "./state";

export function Waiting({ signIn, onClose }: { signIn: SignIn; onClose: () => void }) {
  const [closed, setClosed] = useState(false);
  useEffect(() => {
    let current = true;
    signIn.closed.then(() => current && setClosed(true));
    return () => {
      current = false;
    };
  }, [signIn]);
  const link = (
    <a href={signIn.address} target="_blank" rel="noreferrer">
      Open the sign-in page
    </a>
  );
  return (
    <Dialog
      title="Sign in"
      onClose={onClose}
      actions={
        <>
          {signIn.popup && !closed && (
            <Button onClick={() => signIn.popup?.focus()}>Show the window</Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
        </>
      }
    >
      {closed ? (
        <Notice tone="warn" title="The window is closed">
          Nobody has consented in it. {link} once more, or cancel. The account stays as it was.
        </Notice>
      ) : signIn.popup ? (
        <p role="status">
          Sign in and consent in the window that has opened. This page goes on by itself.
        </p>
      ) : (
        <Notice tone="warn" title="The browser has kept the window back">
          {link} and come back here when it is done.
        </Notice>
      )}
    </Dialog>
  );
}

export function Result({
  account,
  title,
  reason,
  onClose,
}: {
  /** The account that is valid. */
  account?: Account;
  title?: string;
  /** Why it is not. */
  reason?: string;
  onClose: () => void;
}) {
  return (
    <Dialog
      title={title ?? (account ? "Connection is valid." : "The connection is not valid.")}
      onClose={onClose}
      actions={
        <Button look="primary" onClick={onClose}>
          OK
        </Button>
      }
    >
      {account ? (
        <Notice tone="good">Dynamics 365 has answered as the user who consented.</Notice>
      ) : (
        <Notice tone={title ? "info" : "bad"}>{reason}</Notice>
      )}
      {account && (
        <Facts
          of={[
            ["Integration account", account.name],
            ["Consenting user", consentingUser(account)],
            ["Organisation", organisation(account)],
            ["May do", account.token?.scopes.join(", ")],
            [
              "Access token until",
              account.token?.access_token_until && <Moment at={account.token.access_token_until} />,
            ],
            ["Consent lasts until", account.token && <Day at={account.token.likely_until} />],
          ]}
        />
      )}
    </Dialog>
  );
}
