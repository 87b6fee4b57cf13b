// The versions that were published, what differs between any two of them and what is worked on, and the way back.

import { lazy, Suspense, useState } from "react";
import { answer, api } from "../../../api/client";
import { Button } from "../../../ui/button";
import { Confirm, Dialog } from "../../../ui/dialog";
import { Shown } from "../../../ui/page";
import { Table } from "../../../ui/table";
import { Moment } from "../../../ui/text";
import { useToast } from "../../../ui/toast";
import { useLoaded } from "../../../ui/use_loaded";
import { useDesigner } from "../context";
import { newest, type Pair } from "../diff/sides";
import type { Editing } from "../use_editing";

const CompareDialog = lazy(() => import("../diff/compare_dialog"));

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
  const [compared, setCompared] = useState<Pair>();
  const [goBack, setGoBack] = useState<number>();
  const { published } = editing.stored;
  const now = newest(editing);
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
    <Dialog title="History" size="wide" onClose={onClose}>
      <Shown loaded={versions}>
        {(versions) =>
          versions.length === 0 ? (
            <p>It has not been published yet. Publish makes its first version.</p>
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
                  title: "Actions",
                  untitled: true,
                  narrow: true,
                  cell: (one) => (
                    <>
                      <Button
                        look="quiet"
                        aria-label={`Compare version ${one.version}`}
                        disabled={`${one.version}` === now}
                        onClick={() => setCompared({ from: `${one.version}`, to: now })}
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
      {compared && (
        <Suspense>
          <CompareDialog
            editing={editing}
            first={compared}
            {...(readOnly ? {} : { onGoBack: setGoBack })}
            onClose={() => setCompared(undefined)}
          />
        </Suspense>
      )}
    </Dialog>
  );
}
