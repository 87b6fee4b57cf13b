// Makes the first administrator.

import { useState } from "react";
import { faultsByPointer, messageOf } from "../../api/problem";
import { type Session, setUp } from "../../api/session";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { Form } from "../../ui/form";
import { NewPassword, useNewPassword } from "../../ui/new_password";
import { Notice } from "../../ui/notice";
import { useWork } from "../../ui/use_work";
import styles from "./sign_in.module.css";

export function SetUpForm({
  code: given,
  onEnter,
}: {
  code: string | undefined;
  onEnter: (session: Session) => void;
}) {
  const [code, setCode] = useState(given ?? "");
  const [name, setName] = useState("");
  const password = useNewPassword();
  const work = useWork();
  const faults = faultsByPointer(work.error);
  const submit = () =>
    password.agrees() &&
    work.run(async () => onEnter(await setUp(code.trim(), name, password.value)));
  return (
    <Form onSubmit={submit}>
      <p className={styles.lead}>
        There is no user yet. Make the first one: an administrator, who can add others later.
      </p>
      {work.error !== undefined && faults.size === 0 && (
        <Notice tone="bad">{messageOf(work.error)}</Notice>
      )}
      {!given && (
        <TextField
          label="Set-up code"
          hint="What stands behind code= in the link that the server printed when it started."
          value={code}
          onChange={setCode}
          error={faults.get("/code")}
          mono
          required
        />
      )}
      <TextField
        label="Name"
        name="name"
        value={name}
        onChange={setName}
        error={faults.get("/name")}
        autoComplete="username"
        autoFocus
        required
      />
      <NewPassword password={password} error={faults.get("/password")} />
      <Button type="submit" look="primary" busy={work.busy}>
        Make administrator
      </Button>
    </Form>
  );
}
