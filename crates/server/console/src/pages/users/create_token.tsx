// A new API token, which is shown this once.

import { useState } from "react";
import { answer, api } from "../../api/client";
import { faultsByPointer } from "../../api/problem";
import type { Scope } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { SelectField, TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form_dialog";
import { Notice } from "../../ui/notice";
import { CopyField } from "../../ui/text";
import { useWork } from "../../ui/use_work";

const SCOPES: [Scope, string][] = [
  ["run", "run: have scenarios run, see runs"],
  ["design", "design: also scenarios, routes and blocks"],
  ["administer", "administer: everything"],
];

export function CreateToken({
  onCreated,
  onClose,
}: {
  onCreated: () => void;
  onClose: () => void;
}) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("run");
  const [token, setToken] = useState<string>();
  const work = useWork();
  const faults = faultsByPointer(work.error);
  const create = () =>
    work.run(async () => {
      const issued = await answer(api.POST("/v1/tokens", { body: { name, scope } }));
      setToken(issued.token);
      onCreated();
    });
  if (token) {
    return (
      <Dialog
        title={`Token for ${name}`}
        onClose={onClose}
        actions={
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <Notice tone="warn">Copy it now: it is shown only this once.</Notice>
        <CopyField label="API token" value={token} />
      </Dialog>
    );
  }
  return (
    <FormDialog
      title="Create API token"
      action="Create token"
      work={work}
      onSubmit={create}
      onClose={onClose}
    >
      <TextField
        label="Name"
        hint="What it is for: the program that will send it."
        placeholder="Call flow of the main number"
        value={name}
        onChange={setName}
        error={faults.get("/name")}
      />
      <SelectField
        label="Scope"
        value={scope}
        onChange={(chosen) => setScope(chosen as Scope)}
        options={SCOPES}
        error={faults.get("/scope")}
      />
    </FormDialog>
  );
}
