// What is seen by whoever is not signed in: the first set-up with the code of the link that the server printed, or the
// sign-in.

import { type ReactNode, useEffect, useState } from "react";
import type { Session } from "../../api/session";
import icon from "../../icon.svg";
import { Notice } from "../../ui/notice";
import { SetUpForm } from "./set_up_form";
import styles from "./sign_in.module.css";
import { SignInForm } from "./sign_in_form";

/** The code of `…/admin/setup#code=…`. */
function codeOfLink(): string | undefined {
  return new URLSearchParams(location.hash.replace(/^#\/?/, "")).get("code") ?? undefined;
}

export default function Entrance({
  setUp,
  told,
  onEnter,
}: {
  /** There is no user yet. */
  setUp: boolean;
  /** Why the visitor was sent here. */
  told: string | undefined;
  onEnter: (session: Session) => void;
}) {
  const [code] = useState(codeOfLink);
  const enter = (session: Session) => {
    // The code has been used: it need not stay in the address.
    if (code) history.replaceState(null, "", location.pathname.replace(/setup$/, ""));
    onEnter(session);
  };
  if (setUp) {
    return (
      <Frame title="Set up Patchcord">
        <SetUpForm code={code} onEnter={enter} />
      </Frame>
    );
  }
  return (
    <Frame title="Sign in">
      {told && <Notice tone="info">{told}</Notice>}
      {code && (
        <Notice tone="info">
          Patchcord has been set up already. Sign in with your name and password.
        </Notice>
      )}
      <SignInForm onEnter={enter} />
    </Frame>
  );
}

function Frame({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Patchcord`;
  }, [title]);
  return (
    <main className={styles.entrance}>
      <div className={styles.brand}>
        <img src={icon} alt="" />
        Patchcord
      </div>
      <div className={styles.card}>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
