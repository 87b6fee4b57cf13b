// The designer with a scenario in it.

import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { messageOf } from "../../api/problem";
import { useUnsavedGuard } from "../../shell/router";
import { useMay } from "../../shell/session_context";
import { Dialog } from "../../ui/dialog";
import { Notice } from "../../ui/notice";
import { Loading } from "../../ui/page";
import { useToast } from "../../ui/toast";
import { useWork } from "../../ui/use_work";
import { Bar } from "./bar";
import { TestsDialog } from "./cases/tests_dialog";
import { useTests } from "./cases/use_tests";
import { type Designer, DesignerContext } from "./context";
import { ConflictDialog } from "./dialogs/conflict_dialog";
import { ConnectDialog } from "./dialogs/connect_dialog";
import { HistoryDialog } from "./dialogs/history_dialog";
import { PublishDialog } from "./dialogs/publish_dialog";
import { EditPane } from "./edit_pane";
import styles from "./editor.module.css";
import { ListView } from "./list_view";
import { blocksOf, shownExits } from "./model/blocks";
import { paste } from "./model/clipboard";
import {
  add,
  connect,
  freeId,
  instanceOf,
  type Position,
  place,
  shortName,
} from "./model/document";
import { arrange, besides, sizesOf } from "./model/layout";
import type { Found } from "./model/problems";
import type { Opened, Wanted } from "./page";
import { Palette } from "./palette";
import { ProblemList } from "./problem_list";
import { SettingsPane } from "./settings_pane";
import { isConflict } from "./stored";
import { usePanel } from "./trying/use_panel";
import { useRunKey } from "./trying/use_run_key";
import { useTrying } from "./trying/use_trying";
import { useBlocks } from "./use_blocks";
import { useCheck } from "./use_check";
import { useEditing } from "./use_editing";
import { usePlaces } from "./use_places";
import { useSelection } from "./use_selection";
import { useShortcuts } from "./use_shortcuts";
import { useView } from "./use_view";

const Canvas = lazy(() => import("./canvas/canvas").then((module) => ({ default: module.Canvas })));
const TryPanel = lazy(() =>
  import("./trying/panel").then(({ TryPanel }) => ({ default: TryPanel })),
);

type Shown =
  | "publish"
  | "history"
  | "tests"
  | "palette"
  | { connect: string }
  | { conflict: string };

export function Editor({
  opened,
  replayed,
  onReload,
}: {
  opened: Opened;
  replayed: Wanted | undefined;
  onReload: () => void;
}) {
  const editing = useEditing(opened.stored);
  const { document, edit, unsaved } = editing;
  const { title: name, name: id } = document;
  const all = useBlocks(opened.blocks);
  const blocks = useMemo(() => blocksOf(all), [all]);
  const { placeOf, ready } = usePlaces(document, blocks);
  const [settings, setSettings] = useState(false);
  const { selection, select, reselect } = useSelection(useCallback(() => setSettings(false), []));
  const [problems, setProblems] = useState(false);
  const [shown, setShown] = useState<Shown>();
  const [view, setView] = useView();
  const [fitRound, setFitRound] = useState(0);
  const mayEdit = useMay("designer");
  const trying = useTrying(document);
  const panel = usePanel(trying, mayEdit ? replayed : undefined, id);
  const checked = useCheck(document, mayEdit);
  const tests = useTests(document);
  const toast = useToast();
  const work = useWork();
  useUnsavedGuard(unsaved);
  useRunKey(mayEdit && !panel.isOpen ? panel.open : undefined);
  // The panel takes some of the canvas.
  // biome-ignore lint/correctness/useExhaustiveDependencies: its coming and going is what is waited for
  useEffect(() => setFitRound((round) => round + 1), [panel.isOpen]);
  useEffect(() => {
    window.document.title = `${name || id} · Patchcord`;
  }, [name, id]);

  /** Puts a block somewhere, and has a wire lead to it. */
  const put = useCallback(
    (block: string, at: Position | undefined) => {
      const id = freeId(document, shortName(block));
      const anchor = selection.size === 1 ? [...selection][0] : document.blocks.at(-1)?.id;
      const from = at || !anchor ? undefined : instanceOf(document, anchor);
      const exits = from ? shownExits(from, blocks.find(from.block)) : [];
      const free = exits.find((exit) => !exit.failure && !(exit.id in (from?.exits ?? {})));
      edit((before) => {
        const all = before.blocks.map((one) => [one.id, placeOf(one)] as const);
        const fixed = place(before, new Map(all));
        const position = at ?? besides(fixed, anchor);
        const added = add(fixed, { id, block, position });
        return from && free ? connect(added, from.id, free.id, id) : added;
      });
      select([id]);
    },
    [document, selection, blocks, edit, select, placeOf],
  );
  const designer: Designer = useMemo(
    () => ({
      document,
      blocks,
      accounts: opened.accounts,
      scenarios: opened.scenarios,
      found: checked.found,
      marks: panel.isOpen ? trying.marks : undefined,
      readOnly: !mayEdit,
      selection,
      select,
      reselect,
      edit,
      addBlock: (block) => put(block, undefined),
      openConnect: (id) => setShown({ connect: id }),
    }),
    [
      document,
      blocks,
      opened,
      checked.found,
      panel.isOpen,
      trying.marks,
      mayEdit,
      selection,
      select,
      reselect,
      edit,
      put,
    ],
  );

  const failed = (error: unknown) => {
    if (isConflict(error)) setShown({ conflict: messageOf(error) });
    else toast(messageOf(error), "bad");
  };
  const save = () =>
    work.run(async () => {
      await editing.save().then(() => toast("The draft has been saved."), failed);
    });
  const layOut = async () => {
    const places = await arrange(document, sizesOf(document, blocks));
    edit((before) => place(before, places));
    setFitRound((round) => round + 1);
  };
  useShortcuts({
    document,
    selection,
    readOnly: !mayEdit,
    undo: editing.undo,
    redo: editing.redo,
    save,
    paste: (instances) => {
      const pasted = paste(document, instances);
      edit(() => pasted.document);
      select(pasted.ids);
    },
  });
  const jump = (found: Found) => {
    if (found.instance) select([found.instance]);
    else {
      select([]);
      setSettings(true);
    }
  };
  const single = selection.size === 1 ? instanceOf(document, [...selection][0] ?? "") : undefined;
  const close = () => setShown(undefined);
  return (
    <DesignerContext value={designer}>
      <div className={styles.designer}>
        <Bar
          editing={editing}
          checking={checked.of !== document}
          busy={work.busy}
          view={view}
          problems={problems}
          tests={tests.loaded.value?.cases.length}
          onView={setView}
          onSave={save}
          onPublish={() => setShown("publish")}
          onHistory={() => setShown("history")}
          onTests={() => setShown("tests")}
          onSettings={() => {
            select([]);
            setSettings(!settings);
          }}
          onProblems={() => setProblems(!problems)}
          onLayOut={layOut}
          onAdd={() => setShown("palette")}
          trying={panel.isOpen}
          onTry={panel.isOpen ? panel.close : panel.open}
        />
        <div className={styles.body}>
          {mayEdit && (
            <aside className={styles.side} aria-label="Palette">
              <Palette />
            </aside>
          )}
          <div className={styles.middle}>
            <div className={styles.view}>
              {view === "list" && <ListView onAdd={() => setShown("palette")} />}
              {view === "canvas" && ready && (
                <Suspense fallback={<Loading />}>
                  <Canvas placeOf={placeOf} onDropBlock={put} fitRound={fitRound} />
                </Suspense>
              )}
            </div>
            {problems && checked.found.length > 0 && (
              <div className={styles.problems}>
                <ProblemList found={checked.found} label="Problems" onJump={jump} />
              </div>
            )}
          </div>
          {(single || settings) && (
            <aside className={styles.pane} aria-label="Properties">
              {single ? (
                <EditPane key={single.id} instance={single} onClose={() => select([])} />
              ) : (
                <SettingsPane onClose={() => setSettings(false)} />
              )}
            </aside>
          )}
        </div>
        {panel.isOpen && (
          <div className={styles.dock}>
            {panel.error !== undefined && (
              <Notice tone="bad" title="This call cannot be replayed">
                {messageOf(panel.error)}
              </Notice>
            )}
            <Suspense fallback={<Loading />}>
              <TryPanel trying={trying} editing={editing} onJump={jump} onClose={panel.close} />
            </Suspense>
          </div>
        )}
      </div>
      {shown === "palette" && (
        <Dialog title="Add a block" onClose={close}>
          <Palette onAdded={close} />
        </Dialog>
      )}
      {shown === "publish" && (
        <PublishDialog
          editing={editing}
          found={checked.found}
          tests={tests}
          onClose={close}
          onFailed={failed}
        />
      )}
      {shown === "history" && (
        <HistoryDialog editing={editing} onClose={close} onReload={onReload} />
      )}
      {shown === "tests" && <TestsDialog tests={tests} onClose={close} />}
      {typeof shown === "object" && "connect" in shown && (
        <ConnectDialog id={shown.connect} onClose={close} />
      )}
      {typeof shown === "object" && "conflict" in shown && (
        <ConflictDialog
          why={shown.conflict}
          document={document}
          onReload={onReload}
          onClose={close}
        />
      )}
    </DesignerContext>
  );
}
