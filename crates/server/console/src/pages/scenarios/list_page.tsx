// Every scenario: what calls get, and what is being worked on.

import { useState } from "react";
import { answer, api, root } from "../../api/client";
import type { ScenarioSummary } from "../../api/types";
import { useMay } from "../../shell/session_context";
import { Button, IconButton } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { TextField } from "../../ui/field";
import { Badge } from "../../ui/notice";
import { Empty, Page, Shown } from "../../ui/page";
import { Table } from "../../ui/table";
import { Cut, Moment } from "../../ui/text";
import { useToast } from "../../ui/toast";
import { useLoaded } from "../../ui/use_loaded";
import { useSeen } from "../../ui/use_seen";
import { counted, told } from "../designer/model/problems";
import { ExportDialog } from "./export_dialog";
import { ImportDialog } from "./import_dialog";
import { NewDialog } from "./new_dialog";
import styles from "./scenarios.module.css";

export default function ScenariosPage() {
  const scenarios = useLoaded(() => answer(api.GET("/v1/scenarios")), []);
  const [search, setSearch] = useState("");
  const [shown, setShown] = useState<"new" | "import" | "export">();
  const [deleting, setDeleting] = useState<ScenarioSummary>();
  const mayChange = useMay("designer");
  const toast = useToast();
  const all = scenarios.value ?? [];
  const found = all.filter((one) => fits(one, search));
  const making = mayChange && (
    <>
      <Button icon="import" onClick={() => setShown("import")}>
        Import
      </Button>
      <Button look="primary" icon="create" onClick={() => setShown("new")}>
        New scenario
      </Button>
    </>
  );
  const actions = (
    <>
      {all.length > 0 && (
        <Button icon="export" onClick={() => setShown("export")}>
          Export
        </Button>
      )}
      {making}
    </>
  );
  const remove = async ({ name, version }: ScenarioSummary) => {
    const params = { path: { name } };
    if (version === null) {
      const header = { "If-Match": "*" };
      await api.DELETE("/v1/scenarios/{name}/draft", { params: { ...params, header } });
    } else await api.DELETE("/v1/scenarios/{name}", { params });
    toast(`${name} has been deleted.`);
    scenarios.reload();
  };
  return (
    <Page
      title="Scenarios"
      lead="What happens when a call flow asks: which blocks run, and which exit leads where."
      actions={actions}
    >
      <Shown loaded={scenarios}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="scenario" title="No scenario yet" actions={making}>
              {mayChange
                ? "Begin with an empty canvas, with an example, or with what was exported elsewhere."
                : "A designer has to make one first."}
            </Empty>
          ) : (
            <>
              <div className={styles.search}>
                <TextField
                  label="Find a scenario"
                  type="search"
                  value={search}
                  onChange={setSearch}
                />
              </div>
              {found.length === 0 ? (
                <Empty icon="search" title="No scenario is called that">
                  Its title or name must contain what you look for.
                </Empty>
              ) : (
                <Scenarios scenarios={found} onDelete={mayChange ? setDeleting : undefined} />
              )}
            </>
          )
        }
      </Shown>
      {shown === "new" && (
        <NewDialog taken={all.map(({ name }) => name)} onClose={() => setShown(undefined)} />
      )}
      {shown === "import" && (
        <ImportDialog
          taken={all.map(({ name }) => name)}
          onDone={scenarios.reload}
          onClose={() => setShown(undefined)}
        />
      )}
      {shown === "export" && <ExportDialog scenarios={all} onClose={() => setShown(undefined)} />}
      {deleting && (
        <Confirm
          title={`Delete ${deleting.title ?? deleting.name}?`}
          action="Delete scenario"
          onConfirm={() => remove(deleting)}
          onClose={() => setDeleting(undefined)}
        >
          {deleting.version === null
            ? "Its draft was never published. It is gone for good."
            : "Calls that ask for it are not taken any more, and its draft is gone. Its versions stay; a roll-back brings it back."}
        </Confirm>
      )}
    </Page>
  );
}

function fits({ name, title }: ScenarioSummary, search: string): boolean {
  return `${name} ${title ?? ""}`.toLowerCase().includes(search.trim().toLowerCase());
}

function Scenarios({
  scenarios,
  onDelete,
}: {
  scenarios: ScenarioSummary[];
  onDelete: ((scenario: ScenarioSummary) => void) | undefined;
}) {
  return (
    <Table
      caption="Scenarios"
      rows={scenarios}
      keyOf={({ name }) => name}
      columns={[
        {
          title: "Scenario",
          cell: ({ name, title }) => (
            <div className={styles.name}>
              <a href={`#/scenarios/${name}`}>
                <Cut>{title ?? name}</Cut>
              </a>
              {title && <Cut className={styles.soft}>{name}</Cut>}
            </div>
          ),
        },
        {
          title: "State",
          cell: (scenario) => <State scenario={scenario} />,
        },
        {
          title: "Last change",
          cell: ({ draft, published_at, published_by }) => {
            const [at, by] = draft
              ? [draft.saved_at, draft.saved_by]
              : [published_at, published_by];
            return (
              <div className={styles.change}>
                {at && <Moment at={at} />}
                {by && <Cut className={styles.soft}>{by}</Cut>}
              </div>
            );
          },
        },
        {
          title: "",
          narrow: true,
          cell: (scenario) => (
            <div className={styles.actions}>
              {scenario.version !== null && (
                <a
                  className={styles.export}
                  href={new URL(`v1/export?scenario=${scenario.name}`, root).href}
                  download={`${scenario.name}.json`}
                  aria-label={`Export ${scenario.name}`}
                >
                  Export
                </a>
              )}
              {onDelete && (
                <IconButton
                  icon="delete"
                  label={`Delete ${scenario.name}`}
                  onClick={() => onDelete(scenario)}
                />
              )}
            </div>
          ),
        },
      ]}
    />
  );
}

/** What is wrong with a draft, counted; asked for once it is in sight. */
function DraftProblems({ name }: { name: string }) {
  const [shown, seen] = useSeen<HTMLSpanElement>();
  const params = { path: { name } };
  const loaded = useLoaded(
    async () => (seen ? answer(api.GET("/v1/scenarios/{name}/draft", { params })) : undefined),
    [name, seen],
  );
  if (!seen) return <span ref={shown} className={styles.unseen} />;
  const { errors, warnings } = counted(loaded.value?.problems ?? []);
  if (errors + warnings === 0) return null;
  return (
    <Badge tone={errors ? "bad" : "warn"} icon="warning">
      {told(errors, warnings)}
    </Badge>
  );
}

function State({ scenario }: { scenario: ScenarioSummary }) {
  const { name, version, can_run: canRun, draft } = scenario;
  return (
    <div className={styles.badges}>
      {version !== null && canRun && <Badge tone="good">Published, version {version}</Badge>}
      {version !== null && !canRun && (
        <Badge tone="bad" icon="warning">
          Version {version} cannot run
        </Badge>
      )}
      {draft && <Badge tone="info">{version === null ? "Draft" : "Draft waits"}</Badge>}
      {draft && <DraftProblems key={draft.revision} name={name} />}
    </div>
  );
}
