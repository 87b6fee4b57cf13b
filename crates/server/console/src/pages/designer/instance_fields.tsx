// What can be said of any block: its id, version, account, time-out, and whether a run begins with it.

import { useState } from "react";
import { Button } from "../../ui/button";
import { SelectField, TextField } from "../../ui/field";
import { useDesigner } from "./context";
import { type Instance, instanceOf, rename, update, withField } from "./model/document";
import { messagesAt, ofInstance } from "./model/problems";
import styles from "./panes.module.css";

const ID = /^[A-Za-z0-9_-]+$/;

export function InstanceFields({ instance }: { instance: Instance }) {
  const { document, blocks, accounts, found, readOnly, edit } = useDesigner();
  const mine = ofInstance(found, instance.id);
  const block = blocks.find(instance.block);
  const set = (name: string, value: unknown) =>
    edit(
      (document) => update(document, instance.id, (one) => withField(one, name, value)),
      `${instance.id}/${name}`,
    );
  const names = accounts.map((account): [string, string] => [account.name, account.name]);
  const account = instance.account ?? "";
  const other = account && !accounts.some((one) => one.name === account);
  return (
    <details className={styles.group}>
      <summary className={styles.summary}>More about this block</summary>
      <div className={styles.group}>
        {(block?.operations.length ?? 0) > 0 && (
          <SelectField
            label="Account"
            optional
            hint="In place of the one that is selected before it, or the default one."
            value={account}
            options={[
              ["", "– the selected one –"],
              ...names,
              ...(other ? [[account, `${account} (not there)`] as [string, string]] : []),
            ]}
            onChange={(name) => set("account", name || undefined)}
            error={messagesAt(mine, "/account")}
          />
        )}
        <TextField
          label="Time-out (ms)"
          optional
          inputMode="numeric"
          hint="Milliseconds that a step of it may take; at most what is left of the deadline."
          value={instance.timeout_ms === undefined ? "" : String(instance.timeout_ms ?? "")}
          onChange={(text) => set("timeout_ms", numeric(text))}
          error={messagesAt(mine, "/timeout_ms")}
        />
        {block && block.versions.length > 0 && (
          <SelectField
            label="Version"
            value={instance.block}
            options={versions(instance.block, block)}
            onChange={(reference) => set("block", reference)}
            error={messagesAt(mine, "/block")}
          />
        )}
        <Id key={instance.id} instance={instance} />
        {document.start !== instance.id && !readOnly && (
          <div>
            <Button
              icon="run"
              onClick={() => edit((document) => ({ ...document, start: instance.id }))}
            >
              Let runs begin here
            </Button>
          </div>
        )}
      </div>
    </details>
  );
}

/** A number where it is one, and the text otherwise: the checks say what is wrong with it. */
export function numeric(text: string): unknown {
  if (text.trim() === "") return undefined;
  return /^\d+$/.test(text.trim()) ? Number(text) : text;
}

function versions(
  reference: string,
  block: { id: string; versions: { version: string }[] },
): [string, string][] {
  const fixed = block.versions.map(({ version }): [string, string] => [
    `${block.id}@${version}`,
    `always ${version}`,
  ]);
  const all: [string, string][] = [[block.id, "the newest when it is published"], ...fixed];
  return all.some(([value]) => value === reference) ? all : [...all, [reference, reference]];
}

function Id({ instance }: { instance: Instance }) {
  const { document, edit, select } = useDesigner();
  const [id, setId] = useState(instance.id);
  const taken = id !== instance.id && instanceOf(document, id) !== undefined;
  const fault = taken
    ? "Another block has this id."
    : ID.test(id)
      ? undefined
      : "Letters, digits, dashes and underscores.";
  const keep = () => {
    if (fault || id === instance.id) return;
    edit((document) => rename(document, instance.id, id));
    select([id]);
  };
  return (
    <TextField
      label="Id"
      hint="Names the block in traces and in what a call flow is told of failures."
      value={id}
      onChange={setId}
      onBlur={keep}
      onKeyDown={(event) => event.key === "Enter" && keep()}
      error={fault}
      mono
    />
  );
}
