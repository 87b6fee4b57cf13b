// Taking in what was exported: first it is looked at, then all of what was chosen is done or nothing.

import { useRef, useState } from "react";
import { answer, api, errorOf, root, tellSignedOut } from "../../api/client";
import { csrfHeaders } from "../../api/csrf";
import { unreachable } from "../../api/problem";
import type { Imported, ImportPreview } from "../../api/types";
import { scenarioAddress } from "../../run/addresses";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Faults } from "../../ui/faults";
import { FileField } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { useLoaded } from "../../ui/use_loaded";
import { useWork } from "../../ui/use_work";
import { type Choices, firstChoices, isReady, queryOf } from "./import_choices";
import { Preview } from "./import_preview";
import { Problems } from "./problems";
import styles from "./scenarios.module.css";

/** A file goes as it is, which the typed client has no way for. */
async function send<Answer>(path: string, file: File, query?: URLSearchParams): Promise<Answer> {
  const address = new URL(path, root);
  if (query) address.search = query.toString();
  const isZip = file.name.toLowerCase().endsWith(".zip");
  const sent = fetch(address, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": isZip ? "application/zip" : "application/json", ...csrfHeaders() },
    body: file,
  });
  const response = await sent.catch(() => {
    throw unreachable();
  });
  if (response.ok) return response.json();
  if (response.status === 401) tellSignedOut();
  throw await errorOf(response);
}

export function ImportDialog({
  taken,
  onDone,
  onClose,
}: {
  /** Names of the scenarios that are here. */
  taken: string[];
  onDone: () => void;
  onClose: () => void;
}) {
  const accounts = useLoaded(() => answer(api.GET("/v1/accounts")), []);
  const [file, setFile] = useState<File>();
  const [preview, setPreview] = useState<ImportPreview>();
  const [choices, setChoices] = useState<Choices>();
  const [done, setDone] = useState<Imported>();
  const work = useWork();
  const looked = useRef<File>(undefined);
  const look = (chosen: File | undefined) =>
    work.run(async () => {
      looked.current = chosen;
      setFile(chosen);
      setPreview(undefined);
      if (!chosen) return;
      // Another file may have been chosen meanwhile.
      const isOver = () => looked.current !== chosen;
      const seen = await send<ImportPreview>("v1/import/check", chosen).catch((thrown) => {
        if (!isOver()) throw thrown;
      });
      if (!seen || isOver()) return;
      setPreview(seen);
      setChoices(firstChoices(seen));
    });
  const take = () =>
    work.run(async () => {
      if (!file || !preview || !choices) return;
      setDone(await send<Imported>("v1/import", file, queryOf(choices, preview)));
      onDone();
    });
  const ready = preview !== undefined && choices !== undefined && isReady(choices, taken);
  return (
    <Dialog
      title="Import scenarios"
      size={preview && !done ? "wide" : "narrow"}
      onClose={onClose}
      actions={
        done ? (
          <Button look="primary" onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" busy={work.busy} disabled={!ready} onClick={take}>
              {choices?.publish ? "Import and publish" : "Import as drafts"}
            </Button>
          </>
        )
      }
    >
      {done ? (
        <Result done={done} />
      ) : (
        <>
          <FileField
            label="File"
            hint="A .json or .zip file that was exported here or with patchcord scenario export. Nothing is done before you have seen what is in it."
            accept=".json,.zip"
            onChoose={look}
          />
          {preview && choices && (
            <Preview
              preview={preview}
              choices={choices}
              onChange={setChoices}
              taken={taken}
              accounts={accounts.value ?? []}
            />
          )}
          <Faults error={work.error} />
        </>
      )}
    </Dialog>
  );
}

function Result({ done }: { done: Imported }) {
  const { accounts, blocks } = done.missing;
  const needed = [
    ...accounts.map((name) => `integration account “${name}”`),
    ...blocks.map((block) => `block ${block.id}@${block.version}`),
  ];
  return (
    <>
      <Notice tone="good" title="They are here">
        <ul className={styles.done}>
          {done.scenarios.map(({ name, version, problems }) => (
            <li key={name}>
              <a href={scenarioAddress(name)}>{name}</a>
              {version === null ? ", as a draft" : `, published as version ${version}`}
              <Problems problems={problems} />
            </li>
          ))}
        </ul>
        {done.installed.length > 0 && (
          <p>
            Installed: {done.installed.map(({ id, version }) => `${id} ${version}`).join(", ")}.
          </p>
        )}
        {done.routes && <p>Its routes are in force.</p>}
      </Notice>
      {needed.length > 0 && (
        <Notice tone="warn" title="They need what is not here">
          {needed.join(", ")}
        </Notice>
      )}
    </>
  );
}
