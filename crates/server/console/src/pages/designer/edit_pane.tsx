// The Edit pane: everything about the one block that is selected.

import { useMemo, useRef, useState } from "react";
import { Button, IconButton } from "../../ui/button";
import { TextArea, TextField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { Notice } from "../../ui/notice";
import { Cut } from "../../ui/text";
import { useFocusBack } from "../../ui/use_focus_back";
import { useDesigner } from "./context";
import { PANE } from "./enter_pane";
import { ExitFields } from "./exit_fields";
import { completeValue } from "./form/completions";
import { FormContext, type FormData } from "./form/form_context";
import { SchemaFields } from "./form/schema_fields";
import { InstanceFields } from "./instance_fields";
import { shortTitle, titleOf } from "./model/blocks";
import { type Instance, remove, setProperty, update, withField } from "./model/document";
import { messagesAt, ofInstance } from "./model/problems";
import type { Schema } from "./model/schema";
import { recordsetsAt, tableOf, variablesAt } from "./model/variables";
import styles from "./panes.module.css";
import { accountAt, useColumns, useTables } from "./use_metadata";

export function EditPane({ instance, onClose }: { instance: Instance; onClose: () => void }) {
  const { blocks, found, readOnly, edit, select } = useDesigner();
  const shown = useRef<HTMLElement>(null);
  useFocusBack(shown);
  const block = blocks.find(instance.block);
  const mine = ofInstance(found, instance.id);
  const own = mine.filter((one) => one.field === "" || one.field === "/block");
  const title = titleOf(instance, blocks);
  const takeOut = () => {
    edit((document) => remove(document, new Set([instance.id])));
    select([]);
  };
  return (
    <section
      ref={shown}
      id={PANE}
      className={styles.pane}
      tabIndex={-1}
      aria-label={`Edit ${title}`}
    >
      <div className={styles.head}>
        <Icon name={block?.icon ?? "warning"} />
        <div className={styles.headText}>
          <h2>
            <Cut>{title}</Cut>
          </h2>
          <Cut className={styles.soft}>{block?.title ?? instance.block}</Cut>
        </div>
        {!readOnly && <IconButton icon="delete" label={`Delete ${title}`} onClick={takeOut} />}
        <IconButton icon="close" label="Close the Edit pane" onClick={onClose} />
      </div>
      <fieldset className={styles.fields} disabled={readOnly}>
        {block && <p className={styles.soft}>{block.description}</p>}
        {own.map((one) => (
          <Notice key={one.message} tone={one.severity === "error" ? "bad" : "warn"}>
            {one.message}
          </Notice>
        ))}
        <TextField
          label="Title"
          optional
          value={instance.title ?? ""}
          placeholder={block ? shortTitle(block) : ""}
          onChange={(text) =>
            edit(
              (document) =>
                update(document, instance.id, (one) => withField(one, "title", text || undefined)),
              `${instance.id}/title`,
            )
          }
          error={messagesAt(mine, "/title")}
        />
        {block ? (
          <BlockForm instance={instance} schema={block.properties as Schema} />
        ) : (
          <RawProperties instance={instance} />
        )}
        <ExitFields instance={instance} />
        <InstanceFields instance={instance} />
      </fieldset>
    </section>
  );
}

function BlockForm({ instance, schema }: { instance: Instance; schema: Schema }) {
  const designer = useDesigner();
  const { document, blocks, accounts, scenarios, found, edit } = designer;
  const { id } = instance;
  const account = useMemo(
    () => accountAt(document, blocks, accounts, id),
    [document, blocks, accounts, id],
  );
  const tables = useTables(account);
  const table = tableOf(document, id);
  const recordsets = useMemo(() => recordsetsAt(document, blocks, id), [document, blocks, id]);
  const columns = useColumns(
    account,
    [table, ...recordsets.map((one) => one.table)].filter((name) => name !== undefined),
  );
  const form: FormData = useMemo(() => {
    const names = new Map(
      [...columns].map(([name, all]) => [name, all.map((column) => column.read_name)]),
    );
    const variables = variablesAt(document, blocks, id, names);
    const mine = ofInstance(found, id);
    return {
      variables,
      recordsets,
      tables,
      table,
      columns,
      accounts: accounts.map((one) => one.name),
      scenarios,
      fault: (pointer) => messagesAt(mine, `/properties${pointer}`),
      complete: completeValue(variables),
    };
  }, [document, blocks, id, columns, recordsets, tables, table, accounts, scenarios, found]);
  return (
    <FormContext value={form}>
      <SchemaFields
        key={id}
        schema={schema}
        root={schema}
        pointer=""
        value={instance.properties ?? {}}
        onChange={(properties, name) =>
          edit((document) => setProperty(document, id, name, properties[name]), `${id}/${name}`)
        }
      />
    </FormContext>
  );
}

/** A block that is not installed has no form; what is known of it can still be read and changed. */
function RawProperties({ instance }: { instance: Instance }) {
  const { edit } = useDesigner();
  const [text, setText] = useState(() => JSON.stringify(instance.properties ?? {}, null, 2));
  const [fault, setFault] = useState<string>();
  const keep = () => {
    try {
      const properties = JSON.parse(text) as Record<string, unknown>;
      setFault(undefined);
      edit((document) => update(document, instance.id, (one) => ({ ...one, properties })));
    } catch {
      setFault("This is no JSON.");
    }
  };
  return (
    <>
      <TextArea label="Properties" value={text} onChange={setText} error={fault} rows={8} mono />
      <div>
        <Button onClick={keep}>Keep these properties</Button>
      </div>
    </>
  );
}
