// The designer's bar: what is open and how it stands, and what can be done with the whole of it.

import { Button, IconButton } from "../../ui/button";
import { Badge } from "../../ui/notice";
import { Segments } from "../../ui/segments";
import { Cut } from "../../ui/text";
import styles from "./bar.module.css";
import { useDesigner } from "./context";
import { counted, told } from "./model/problems";
import type { Editing } from "./use_editing";
import type { View } from "./use_view";

export function Bar({
  editing,
  checking,
  busy,
  view,
  problems,
  tests,
  onView,
  onSave,
  onPublish,
  onHistory,
  onTests,
  onSettings,
  onProblems,
  onLayOut,
  onAdd,
  trying,
  onTry,
}: {
  editing: Editing;
  checking: boolean;
  busy: boolean;
  view: View;
  problems: boolean;
  /** How many tests are kept with it; none while that is not known. */
  tests: number | undefined;
  onView: (view: View) => void;
  onSave: () => void;
  onPublish: () => void;
  onHistory: () => void;
  onTests: () => void;
  onSettings: () => void;
  onProblems: () => void;
  onLayOut: () => void;
  onAdd: () => void;
  /** Whether the Run panel is open. */
  trying: boolean;
  onTry: () => void;
}) {
  const { document, readOnly } = useDesigner();
  return (
    <header className={styles.bar}>
      <div className={styles.names}>
        <div className={styles.above}>
          <a className={styles.back} href="#/scenarios">
            ← Scenarios
          </a>
          <State editing={editing} />
        </div>
        <h1>
          <Cut>{document.title || document.name}</Cut>
        </h1>
      </div>
      <div className={styles.actions}>
        <Button className={styles.tests} look="quiet" onClick={onTests}>
          Tests{tests ? ` (${tests})` : ""}
        </Button>
        {!readOnly && (
          <>
            <Button icon="run" aria-expanded={trying} title="Ctrl+Enter" onClick={onTry}>
              Run
            </Button>
            <Button busy={busy} disabled={!editing.unsaved} onClick={onSave}>
              Save draft
            </Button>
            <Button look="primary" onClick={onPublish}>
              Publish
            </Button>
          </>
        )}
      </div>
      <div className={styles.tools}>
        <Segments
          label="View"
          options={[
            ["canvas", "Canvas"],
            ["list", "List"],
          ]}
          chosen={view}
          onChoose={onView}
        />
        {!readOnly && (
          <>
            <IconButton icon="undo" label="Undo" disabled={!editing.undo} onClick={editing.undo} />
            <IconButton icon="redo" label="Redo" disabled={!editing.redo} onClick={editing.redo} />
            {view === "canvas" && (
              <IconButton icon="layout" label="Lay out the blocks" onClick={onLayOut} />
            )}
            <IconButton className={styles.add} icon="create" label="Add block" onClick={onAdd} />
          </>
        )}
        <IconButton icon="settings" label="Settings of the scenario" onClick={onSettings} />
        <IconButton icon="clock" label="History" onClick={onHistory} />
        {!readOnly && <Checks checking={checking} open={problems} onToggle={onProblems} />}
      </div>
    </header>
  );
}

function State({ editing }: { editing: Editing }) {
  const { stored, unsaved } = editing;
  if (unsaved) return <Badge tone="info">Not saved</Badge>;
  if (stored.revision !== undefined) return <Badge tone="neutral">Draft</Badge>;
  return <Badge tone="good">Version {stored.published}</Badge>;
}

function Checks({
  checking,
  open,
  onToggle,
}: {
  checking: boolean;
  open: boolean;
  onToggle: () => void;
}) {
  const { found } = useDesigner();
  const { errors, warnings } = counted(found);
  if (found.length === 0) {
    return (
      <span className={styles.checks} role="status">
        <Badge tone={checking ? "neutral" : "good"} icon={checking ? "clock" : "check"}>
          {checking ? "Checking …" : "No problems"}
        </Badge>
      </span>
    );
  }
  return (
    <button
      type="button"
      className={styles.checks}
      aria-expanded={open}
      aria-label={`Problems: ${told(errors, warnings)}`}
      onClick={onToggle}
    >
      <Badge tone={errors ? "bad" : "warn"} icon="warning">
        {told(errors, warnings)}
      </Badge>
    </button>
  );
}
