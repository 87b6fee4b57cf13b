// Taking in what was exported: all of it or nothing.

import { useState } from "react";
import { root } from "../../api/client";
import { csrfHeaders } from "../../api/csrf";
import { ApiError, messageOf, type Problem, unreachable } from "../../api/problem";
import type { Imported } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { CheckField, FileField } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { useWork } from "../../ui/use_work";

async function send(file: File, overwrite: boolean): Promise<Imported> {
  const address = new URL("v1/import", root);
  if (overwrite) address.searchParams.set("overwrite", "true");
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
  const problem: Partial<Problem> = await response.json().catch(() => ({}));
  throw new ApiError(response.status, problem);
}

export function ImportDialog({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const [file, setFile] = useState<File>();
  const [overwrite, setOverwrite] = useState(false);
  const [done, setDone] = useState<Imported>();
  const work = useWork();
  const take = () =>
    work.run(async () => {
      if (!file) return;
      setDone(await send(file, overwrite));
      onDone();
    });
  return (
    <Dialog
      title="Import scenarios"
      onClose={onClose}
      actions={
        done ? (
          <Button look="primary" onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" busy={work.busy} disabled={!file} onClick={take}>
              Import as drafts
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
            hint="A .json or .zip file that was exported here or with patchcord scenario export."
            accept=".json,.zip"
            onChoose={setFile}
          />
          <CheckField
            label="Overwrite drafts that are there"
            hint="What is published stays until the drafts are published."
            checked={overwrite}
            onChange={setOverwrite}
          />
          <Faults error={work.error} />
        </>
      )}
    </Dialog>
  );
}

function Faults({ error }: { error: unknown }) {
  if (error === undefined) return null;
  const places = error instanceof ApiError ? error.places : [];
  return (
    <Notice tone="bad" title={messageOf(error)}>
      {places.length > 0 && (
        <ul>
          {places.map(({ pointer, message }) => (
            <li key={pointer + message}>
              <code>{pointer}</code> {message}
            </li>
          ))}
        </ul>
      )}
    </Notice>
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
      <Notice tone="good" title="They are here as drafts">
        <ul>
          {done.scenarios.map(({ name, problems }) => (
            <li key={name}>
              <a href={`#/scenarios/${name}`}>{name}</a>
              {problems.length > 0 && `: ${problems.length} problems`}
            </li>
          ))}
        </ul>
      </Notice>
      {needed.length > 0 && (
        <Notice tone="warn" title="They need what is not here">
          {needed.join(", ")}
        </Notice>
      )}
    </>
  );
}
