// The windows in which users are added and changed.

import { useState } from "react";
import { api } from "../../api/client";
import { faultsByPointer } from "../../api/problem";
import { ROLES } from "../../api/session";
import type { Role, User } from "../../api/types";
import { SelectField, TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form_dialog";
import { NewPassword, useNewPassword } from "../../ui/new_password";
import { useWork } from "../../ui/use_work";

type Props = { onDone: (told: string) => void; onClose: () => void };

const SHOWN: [Role, string][] = ROLES.map((role) => [
  role,
  {
    viewer: "viewer: sees accounts, scenarios, runs and blocks",
    designer: "designer: also builds, tries and publishes scenarios",
    administrator: "administrator: also accounts, blocks, users and tokens",
  }[role],
]);

export function AddUser({ onDone, onClose }: Props) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("designer");
  const password = useNewPassword();
  const work = useWork();
  const faults = faultsByPointer(work.error);
  const add = async () => {
    if (!password.agrees()) return;
    const body = { name: name.trim(), role, password: password.value };
    if (await work.run(() => api.POST("/v1/users", { body }))) {
      onDone(`${body.name} can sign in now.`);
      onClose();
    }
  };
  return (
    <FormDialog title="Add user" action="Add user" work={work} onSubmit={add} onClose={onClose}>
      <TextField
        label="Name"
        hint="With it the user signs in, and is named in the audit log."
        value={name}
        onChange={setName}
        error={faults.get("/name")}
      />
      <SelectField
        label="Role"
        value={role}
        onChange={(chosen) => setRole(chosen as Role)}
        options={SHOWN}
        error={faults.get("/role")}
      />
      <NewPassword password={password} error={faults.get("/password")} />
    </FormDialog>
  );
}

export function ChangeRole({ user, onDone, onClose }: Props & { user: User }) {
  const [role, setRole] = useState(user.role);
  const work = useWork();
  const change = async () => {
    const params = { path: { name: user.name } };
    if (await work.run(() => api.PATCH("/v1/users/{name}", { params, body: { role } }))) {
      onDone(`${user.name} is ${role} now.`);
      onClose();
    }
  };
  return (
    <FormDialog
      title={`Role of ${user.name}`}
      action="Change role"
      work={work}
      onSubmit={change}
      onClose={onClose}
    >
      <SelectField
        label="Role"
        value={role}
        onChange={(chosen) => setRole(chosen as Role)}
        options={SHOWN}
        error={faultsByPointer(work.error).get("/role")}
      />
    </FormDialog>
  );
}

export function SetPassword({ user, onDone, onClose }: Props & { user: User }) {
  const password = useNewPassword();
  const work = useWork();
  const set = async () => {
    if (!password.agrees()) return;
    const params = { path: { name: user.name } };
    const body = { password: password.value };
    if (await work.run(() => api.PUT("/v1/users/{name}/password", { params, body }))) {
      onDone(`${user.name} has a new password and is signed out everywhere.`);
      onClose();
    }
  };
  return (
    <FormDialog
      title={`Password of ${user.name}`}
      action="Set password"
      work={work}
      onSubmit={set}
      onClose={onClose}
    >
      <p>All sessions of the user end.</p>
      <NewPassword password={password} error={faultsByPointer(work.error).get("/password")} />
    </FormDialog>
  );
}
