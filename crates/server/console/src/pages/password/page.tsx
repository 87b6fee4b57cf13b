// The own password.

import { useState } from "react";
import { faultsByPointer, messageOf } from "../../api/problem";
import { changePassword } from "../../api/session";
import { useSession } from "../../shell/session_context";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";
import { Actions, Form } from "../../ui/form";
import { NewPassword, useNewPassword } from "../../ui/new_password";
import { Notice } from "../../ui/notice";
import { Card, Page } from "../../ui/page";
import { useToast } from "../../ui/toast";
import { useWork } from "../../ui/use_work";

export default function PasswordPage() {
  const { user } = useSession();
  const [old, setOld] = useState("");
  const password = useNewPassword();
  const work = useWork();
  const toast = useToast();
  const faults = faultsByPointer(work.error);
  const change = () =>
    password.agrees() &&
    work.run(async () => {
      await changePassword(old, password.value);
      setOld("");
      password.clear();
      toast("The password is changed. Your other sessions have ended.");
    });
  return (
    <Page title="Change password" lead="Your sessions in other browsers end with it.">
      <Card>
        <Form onSubmit={change}>
          {work.error !== undefined && faults.size === 0 && (
            <Notice tone="bad">{messageOf(work.error)}</Notice>
          )}
          <input
            type="text"
            name="name"
            autoComplete="username"
            value={user.name}
            readOnly
            hidden
          />
          <TextField
            label="Old password"
            type="password"
            autoComplete="current-password"
            value={old}
            onChange={setOld}
            error={faults.get("/old")}
          />
          <NewPassword label="New password" password={password} error={faults.get("/password")} />
          <Actions>
            <Button type="submit" look="primary" busy={work.busy}>
              Change password
            </Button>
          </Actions>
        </Form>
      </Card>
    </Page>
  );
}
