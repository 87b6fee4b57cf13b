// A new scenario: empty, or made from one of the examples.

import { useState } from "react";
import { answer, api } from "../../api/client";
import { faultsByPointer } from "../../api/problem";
import { go } from "../../shell/router";
import { SelectField, TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form_dialog";
import { useWork } from "../../ui/use_work";
import { blank } from "../designer/model/document";
import { saveDraft } from "../designer/stored";
import { EXAMPLES, madeFrom } from "./examples";

export function NewDialog({ taken, onClose }: { taken: string[]; onClose: () => void }) {
  const [title, setTitle] = useState("");
  const [chosenName, setChosenName] = useState<string>();
  const [from, setFrom] = useState("");
  const work = useWork();
  const name = chosenName ?? slug(title);
  const faults = faultsByPointer(work.error);
  const fault = taken.includes(name) ? "There is a scenario of this name." : faults.get("/name");
  const make = () =>
    work.run(async () => {
      const example = EXAMPLES.find((one) => one.name === from);
      const accounts = example ? await answer(api.GET("/v1/accounts")) : [];
      const account = accounts.find((one) => one.default) ?? accounts[0];
      const document = example ? madeFrom(example, name, title, account?.name) : blank(name, title);
      await saveDraft(document, { revision: undefined, base: undefined });
      go(`#/scenarios/${name}`);
    });
  return (
    <FormDialog
      title="New scenario"
      action="Create scenario"
      work={work}
      disabled={!name || Boolean(fault)}
      onSubmit={make}
      onClose={onClose}
    >
      <TextField
        label="Title"
        placeholder="Greet callers that we know"
        value={title}
        onChange={setTitle}
        error={faults.get("/title")}
      />
      <TextField
        label="Name"
        hint="What call flows ask for: lower-case letters, digits and dashes."
        mono
        value={name}
        onChange={setChosenName}
        error={fault}
      />
      <SelectField
        label="Begin with"
        value={from}
        options={[
          ["", "An empty canvas"],
          ...EXAMPLES.map((one): [string, string] => [one.name, `Example: ${one.title}`]),
        ]}
        onChange={setFrom}
      />
    </FormDialog>
  );
}

/** `Greet callers (VIP)` → `greet-callers-vip` */
function slug(title: string): string {
  const plain = title.normalize("NFD").toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 100);
}
