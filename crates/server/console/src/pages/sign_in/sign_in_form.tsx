// Name and password.

import { useState } from "react";
import { messageOf } from "../../api/problem";
import { type Session, signIn } from "../../api/session";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { Form } from "../../ui/form";
import { Notice } from "../../ui/notice";
import { useWork } from "../../ui/use_work";

export function SignInForm({ onEnter }: { onEnter: (session: Session) => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const work = useWork();
  const submit = () => work.run(async () => onEnter(await signIn(name, password)));
  return (
    <Form onSubmit={submit}>
      {work.error !== undefined && <Notice tone="bad">{messageOf(work.error)}</Notice>}
      <TextField
        label="Name"
        name="name"
        value={name}
        onChange={setName}
        autoComplete="username"
        autoFocus
        required
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        required
      />
      <Button type="submit" look="primary" busy={work.busy}>
        Sign in
      </Button>
    </Form>
  );
}
