// The scenario's own settings.

import { useRef, useState } from "react";
import { IconButton } from "../../ui/button";
import { SelectField, TextArea, TextField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { useFocusBack } from "../../ui/use_focus_back";
import { useDesigner } from "./context";
import { numeric } from "./instance_fields";
import { titles } from "./model/blocks";
import { withField } from "./model/document";
import { messagesAt, ofInstance } from "./model/problems";
import styles from "./panes.module.css";

export function SettingsPane({ onClose }: { onClose: () => void }) {
  const { document, blocks, found, readOnly, edit } = useDesigner();
  const shown = useRef<HTMLElement>(null);
  useFocusBack(shown);
  const mine = ofInstance(found, undefined);
  const set = (name: string, value: unknown) =>
    edit((document) => withField(document, name, value), `settings/${name}`);
  return (
    <section ref={shown} className={styles.pane} aria-label="Settings of the scenario">
      <div className={styles.head}>
        <Icon name="scenario" />
        <div className={styles.headText}>
          <h2>Scenario</h2>
          <span className={styles.soft}>{document.name}</span>
        </div>
        <IconButton icon="close" label="Close the settings" onClick={onClose} />
      </div>
      <fieldset className={styles.fields} disabled={readOnly}>
        <TextField
          label="Title"
          optional
          value={document.title ?? ""}
          onChange={(text) => set("title", text || undefined)}
          error={messagesAt(mine, "/title")}
        />
        <TextArea
          label="Description"
          optional
          hint="What it is for, and which results it has."
          value={document.description ?? ""}
          onChange={(text) => set("description", text || undefined)}
          error={messagesAt(mine, "/description")}
        />
        <SelectField
          label="Begins with"
          value={document.start}
          options={[
            ...(document.blocks.some((one) => one.id === document.start)
              ? []
              : ([[document.start, "– choose a block –"]] as [string, string][])),
            ...titles(document, blocks),
          ]}
          onChange={(id) => set("start", id)}
          error={messagesAt(mine, "/start")}
        />
        <TextField
          label="Deadline (ms)"
          optional
          inputMode="numeric"
          placeholder="10000"
          hint="Within which a run is to be answered, where the call flow names none."
          value={document.deadline_ms === undefined ? "" : String(document.deadline_ms ?? "")}
          onChange={(text) => set("deadline_ms", numeric(text))}
          error={messagesAt(mine, "/deadline_ms")}
        />
        <SelectField
          label="When the caller hangs up"
          value={document.on_hang_up ?? "cancel"}
          options={[
            ["cancel", "The run is cancelled"],
            ["finish", "The run goes on to its end"],
          ]}
          onChange={(choice) => set("on_hang_up", choice === "finish" ? choice : undefined)}
          error={messagesAt(mine, "/on_hang_up")}
        />
        <Names
          label="Inputs"
          hint="Variables that the call flow brings besides item and user, separated by commas."
          placeholder="language, priority"
          value={document.inputs}
          onChange={(names) => set("inputs", names)}
          error={messagesAt(mine, "/inputs")}
        />
        <Names
          label="Sensitive variables"
          hint="No trace of a run shows their values."
          placeholder="item.from, Caller.birthdate"
          value={document.sensitive}
          onChange={(names) => set("sensitive", names)}
          error={messagesAt(mine, "/sensitive")}
        />
      </fieldset>
    </section>
  );
}

/** Names with commas between them, kept as they are typed. */
function Names({
  value,
  onChange,
  ...told
}: {
  label: string;
  hint: string;
  placeholder: string;
  value: string[] | undefined;
  onChange: (names: string[] | undefined) => void;
  error: string | undefined;
}) {
  const [text, setText] = useState((value ?? []).join(", "));
  const kept = names(text).join() === (value ?? []).join() ? text : (value ?? []).join(", ");
  return (
    <TextField
      {...told}
      optional
      mono
      value={kept}
      onChange={(text) => {
        setText(text);
        const list = names(text);
        onChange(list.length > 0 ? list : undefined);
      }}
    />
  );
}

function names(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}
