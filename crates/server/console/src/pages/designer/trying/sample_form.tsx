// What a trial brings in place of a call, and whether it really writes.

import { type RefObject, useMemo, useState } from "react";
import { Button, IconButton } from "../../../ui/button";
import { Field, SelectField, TextField } from "../../../ui/field";
import field from "../../../ui/field.module.css";
import { Form } from "../../../ui/form";
import { Notice } from "../../../ui/notice";
import text from "../../../ui/text.module.css";
import { useDesigner } from "../context";
import {
  broughtBy,
  keepSamples,
  keptSamples,
  rowsFor,
  type Sample,
  type Samples,
  writesOf,
} from "../model/samples";
import { faultAt } from "./refusal";
import styles from "./samples.module.css";
import { Seen } from "./seen";
import type { Trying } from "./use_trying";

export function SampleForm({
  trying,
  writes,
  onWrites,
  submit,
}: {
  trying: Trying;
  /** Whether it really writes. */
  writes: boolean;
  onWrites: (writes: boolean) => void;
  submit: RefObject<(() => void) | undefined>;
}) {
  const { document, blocks } = useDesigner();
  const [kept, setKept] = useState<Samples>(() => keptSamples(document.name));
  const [asked, setAsked] = useState(false);
  const rows = useMemo(() => rowsFor(document, kept.rows), [document, kept.rows]);
  const { variables, faults } = broughtBy(rows);
  const written = writesOf(document, blocks);
  const keep = (samples: Samples) => {
    setKept(samples);
    keepSamples(document.name, samples);
  };
  const change = (at: number, row: Sample) =>
    keep({ ...kept, rows: rows.map((one, index) => (index === at ? row : one)) });
  const run = () => {
    setAsked(true);
    if (faults.size > 0 || trying.busy) return;
    const locale = kept.locale.trim();
    const deadline = kept.deadline.trim();
    trying.run({
      variables,
      dry_run: !writes,
      ...(locale ? { locale } : {}),
      ...(deadline ? { deadline_ms: Number(deadline) } : {}),
    });
  };
  submit.current = run;
  return (
    <Form onSubmit={run}>
      <fieldset className={styles.samples}>
        <legend>What the call brings</legend>
        {rows.map((row, at) => (
          <SampleRow
            // A row keeps its place while its name is typed.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={at}
            row={row}
            free={at >= rowsFor(document, []).length}
            fault={asked ? faults.get(at) : undefined}
            onChange={(changed) => change(at, changed)}
            onRemove={() => keep({ ...kept, rows: rows.filter((_, index) => index !== at) })}
          />
        ))}
        {rows.length === 0 && <p className={text.soft}>The scenario reads nothing of the call.</p>}
        <div>
          <Button
            icon="create"
            look="quiet"
            onClick={() => keep({ ...kept, rows: [...rows, { name: "", text: "", json: false }] })}
          >
            Add variable
          </Button>
        </div>
      </fieldset>
      <div className={styles.pair}>
        <TextField
          label="Language"
          placeholder="en-US"
          value={kept.locale}
          onChange={(locale) => keep({ ...kept, locale })}
          error={faultAt(trying, "/locale")}
        />
        <TextField
          label="Deadline (ms)"
          inputMode="numeric"
          placeholder={String(document.deadline_ms ?? 10000)}
          value={kept.deadline}
          onChange={(deadline) => keep({ ...kept, deadline: deadline.replace(/\D/g, "") })}
          error={faultAt(trying, "/deadline_ms")}
        />
      </div>
      <SelectField
        label="Writes"
        value={writes ? "write" : "dry"}
        options={[
          ["dry", "Dry run: shown, not sent"],
          ["write", "Really write"],
        ]}
        onChange={(choice) => onWrites(choice === "write")}
        hint={writes ? undefined : "Reads are made, as the user who consented."}
      />
      {writes && (
        <Seen>
          <WritesNotice written={written} />
        </Seen>
      )}
      {/* For Enter in a field; what is seen is the button of the panel. */}
      <input type="submit" hidden />
    </Form>
  );
}

function WritesNotice({ written }: { written: string[] }) {
  if (written.length === 0) {
    return <Notice tone="info">No block of this scenario writes itself.</Notice>;
  }
  return (
    <Notice tone="warn" title="Real records are changed">
      <p>These blocks write to Dynamics 365 and to web servers, as they would for a call:</p>
      <ul className={styles.plain}>
        {written.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </Notice>
  );
}

function SampleRow({
  row,
  free,
  fault,
  onChange,
  onRemove,
}: {
  row: Sample;
  /** Whether its name can be changed: the scenario does not read it by itself. */
  free: boolean;
  fault: string | undefined;
  onChange: (row: Sample) => void;
  onRemove: () => void;
}) {
  const { name, text, json } = row;
  const told = name || "the new variable";
  return (
    <div className={styles.sample}>
      {free && (
        <div className={field.beside}>
          <input
            className={`${field.control} ${field.mono}`}
            aria-label="Name of a variable"
            placeholder="item.queue"
            spellCheck={false}
            value={name}
            onChange={(event) => onChange({ ...row, name: event.target.value })}
          />
          <IconButton icon="delete" label={`Remove ${told}`} onClick={onRemove} />
        </div>
      )}
      <Field label={free ? `Value of ${told}` : name} error={fault}>
        {(wiring) => (
          <div className={field.beside}>
            <input
              {...wiring}
              className={`${field.control} ${json ? field.mono : ""}`}
              autoComplete="off"
              spellCheck={false}
              value={text}
              onChange={(event) => onChange({ ...row, text: event.target.value })}
            />
            <select
              className={`${field.control} ${styles.kind}`}
              aria-label={`Kind of ${told}`}
              value={json ? "json" : "text"}
              onChange={(event) => onChange({ ...row, json: event.target.value === "json" })}
            >
              <option value="text">Text</option>
              <option value="json">JSON</option>
            </select>
          </div>
        )}
      </Field>
    </div>
  );
}
