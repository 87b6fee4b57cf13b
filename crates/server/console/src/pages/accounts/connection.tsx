// The account's connection: who has consented, Request token, and Test connection.

import { useEffect, useState } from "react";
import { answer, api } from "../../api/client";
import { messageOf, sentence } from "../../api/problem";
import type { Account } from "../../api/types";
import { Button } from "../../ui/button";
import { CheckField } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { Card } from "../../ui/page";
import { Day, Facts, Moment } from "../../ui/text";
import { useWork } from "../../ui/use_work";
import styles from "./accounts.module.css";
import { beginSignIn, type Ending, openPopup, type SignIn } from "./consent";
import { Result, Waiting } from "./result_dialog";
import { consentingUser, organisation, StateBadges } from "./state";

type Shown = { account?: Account; reason?: string; title?: string };

export function Connection({
  account,
  save,
  onChange,
}: {
  account: Account | undefined;
  /** Stores what has been entered, where that differs; answers the stored account, or nothing where it was refused. */
  save: () => Promise<Account | undefined>;
  onChange: (account: Account) => void;
}) {
  const [forAll, setForAll] = useState(false);
  const [signIn, setSignIn] = useState<SignIn & { account: string }>();
  const [shown, setShown] = useState<Shown>();
  const requesting = useWork();
  const testing = useWork();

  const request = () => {
    const popup = openPopup();
    return requesting.run(async () => {
      try {
        const stored = await save();
        if (!stored) return popup?.close();
        setSignIn({ ...(await beginSignIn(stored.id, forAll, popup)), account: stored.id });
      } catch (error) {
        popup?.close();
        throw error;
      }
    });
  };
  const finish = async (id: string, ending: Ending) => {
    setSignIn(undefined);
    const fetched = await answer(api.GET("/v1/accounts/{id}", { params: { path: { id } } }));
    onChange(fetched);
    setShown(shownFor(ending, fetched));
  };
  const test = () =>
    testing.run(async () => {
      const stored = await save();
      if (!stored) return;
      const params = { path: { id: stored.id } };
      try {
        const tested = await answer(api.POST("/v1/accounts/{id}/test", { params }));
        onChange(tested);
        setShown({ account: tested });
      } catch (error) {
        setShown({ reason: messageOf(error) });
        onChange(await answer(api.GET("/v1/accounts/{id}", { params })));
      }
    });

  // biome-ignore lint/correctness/useExhaustiveDependencies: a sign-in is followed once
  useEffect(() => {
    if (!signIn) return;
    let current = true;
    signIn.ended.then((ending) => (current ? finish(signIn.account, ending) : undefined));
    return () => {
      current = false;
      signIn.stop();
    };
  }, [signIn]);

  const failure = requesting.error ?? testing.error;
  return (
    <Card
      title="Connection"
      lead="Request token opens a window in which you sign in as the user as whom every call is made, and consent."
      actions={account && <StateBadges account={account} />}
    >
      {account && <State account={account} />}
      {failure !== undefined && <Notice tone="bad">{messageOf(failure)}</Notice>}
      <CheckField
        label="Consent on behalf of the organisation"
        hint="For everybody in it. An Entra ID administrator must sign in then, and accept for the organisation."
        checked={forAll}
        onChange={setForAll}
      />
      <div className={styles.row}>
        <Button look="primary" icon="key" busy={requesting.busy} onClick={request}>
          Request token
        </Button>
        <Button icon="check" busy={testing.busy} disabled={!account} onClick={test}>
          Test connection
        </Button>
      </div>
      {signIn && <Waiting signIn={signIn} onClose={() => setSignIn(undefined)} />}
      {shown && <Result {...shown} onClose={() => setShown(undefined)} />}
    </Card>
  );
}

function shownFor(ending: Ending, account: Account): Shown {
  if (ending.outcome === "valid") return { account };
  if (ending.outcome === "organisation") {
    return { title: "The organisation has consented.", reason: ending.reason };
  }
  return { reason: ending.reason };
}

function State({ account }: { account: Account }) {
  const token = account.token;
  return (
    <>
      {account.state !== "valid" && (
        <Notice
          tone={account.cause === "not_consented_yet" ? "info" : "bad"}
          title="Consent required"
        >
          {sentence(account.reason ?? "")}
        </Notice>
      )}
      {account.warnings.map((warning) => (
        <Notice key={warning.cause} tone="warn">
          {sentence(warning.message)}
        </Notice>
      ))}
      <Facts
        of={[
          ["Consenting user", consentingUser(account)],
          ["Organisation", organisation(account)],
          ["May do", token?.scopes.join(", ")],
          [
            "Access token until",
            token?.access_token_until && <Moment at={token.access_token_until} />,
          ],
          ["Consent lasts until", token && <Day at={token.likely_until} />],
        ]}
      />
    </>
  );
}
