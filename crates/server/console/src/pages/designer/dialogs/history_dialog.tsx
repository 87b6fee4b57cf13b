// The versions that were published, what differs between them, and the way back.

import { useState } from "react";
import { answer, api } from "../../../api/client";
import { messageOf } from "../../../api/problem";
import { Button } from "../../../ui/button";
import { Confirm, Dialog } from "../../../ui/dialog";
import { Notice } from "../../../ui/notice";
import { Shown } from "../../../ui/page";
import { Table } from "../../../ui/table";
import { Moment } from "../../../ui/text";
import { useToast } from "../../../ui/toast";
import { useLoaded } from "../../../ui/use_loaded";
import { useDesigner } from "../context";
import type { Editing } from "../use_editing";
import { Changes } from "./changes";

export function HistoryDialog({
  editing,
  onClose,
  onReload,
}: {
  editing: Editing;
  onClose: () => void;
  onReload: () => void;
}) {
  const { name } = editing.document;
  const { readOnly } = useDesigner();
  const toast = useToast();
  const path = { name };
  const versions = useLoaded(
    () => answer(api.GET("/v1/scenarios/{name}/versions", { params: { path } })),
    [name],
  );
  const [compared, setCompared] = useState<{ from: string; to: string }>();
  const [goBack, setGoBack] = useState<number>();
  const { published, revision } = editing.stored;
  const newest = revision === undefined ? String(published) : "draft";
  const rollBack = async (version: number) => {
    const body = { version };
    const saved = await answer(
      api.POST("/v1/scenarios/{name}/rollback", { params: { path }, body }),
    );
    toast(`Version ${version} is published again, as version ${saved.version}.`);
    onClose();
    onReload();
  };
  if (goBack !== undefined) {
    return (
      <Confirm
        title={`Go back to version ${goBack}?`}
        action="Publish it again"
        look="primary"
        onConfirm={() => rollBack(goBack)}
        onClose={() => setGoBack(undefined)}
      >
        Its document becomes a new version, which calls get from then on. The draft stays as it is.
      </Confirm>
    );
  }
  return (
    <Dialog title="History" wide onClose={onClose}>
      {editing.unsaved && (
        <Notice tone="info">What has not been saved is not compared: save the draft first.</Notice>
      )}
      <Shown loaded={versions}>
        {(versions) =>
          versions.length === 0 ? (
            <p>It was never published.</p>
          ) : (
            <Table
              caption="Versions"
              rows={versions}
              keyOf={(version) => String(version.version)}
              columns={[
                { title: "Version", narrow: true, cell: (one) => one.version },
                { title: "Published", cell: (one) => <Moment at={one.published_at} /> },
                { title: "By", cell: (one) => one.published_by ?? "" },
                {
                  title: "Note",
                  cell: (one) => one.note ?? (one.restores ? `Version ${one.restores} again` : ""),
                },
                {
                  title: "",
                  narrow: true,
                  cell: (one) => (
                    <>
                      <Button
                        look="quiet"
                        aria-label={`Compare version ${one.version}`}
                        disabled={String(one.version) === newest}
                        onClick={() => setCompared({ from: String(one.version), to: newest })}
                      >
                        Compare
                      </Button>
                      {!readOnly && (
                        <Button
                          look="quiet"
                          aria-label={`Go back to version ${one.version}`}
                          disabled={one.version === published}
                          onClick={() => setGoBack(one.version)}
                        >
                          Go back
                        </Button>
                      )}
                    </>
                  ),
                },
              ]}
            />
          )
        }
      </Shown>
      {compared && <Compared key={`${compared.from}-${compared.to}`} name={name} {...compared} />}
    </Dialog>
  );
}

function Compared({ name, from, to }: { name: string; from: string; to: string }) {
  const params = { path: { name }, query: { from, to } };
  const loaded = useLoaded(
    () => answer(api.GET("/v1/scenarios/{name}/diff", { params })),
    [name, from, to],
  );
  if (loaded.error !== undefined) return <Notice tone="bad">{messageOf(loaded.error)}</Notice>;
  return (
    <section aria-label={`From version ${from} to ${to}`}>
      <h3>
        From version {from} to {to === "draft" ? "the draft" : `version ${to}`}
      </h3>
      <Shown loaded={loaded}>{(diff) => <Changes diff={diff} />}</Shown>
    </section>
  );
}
