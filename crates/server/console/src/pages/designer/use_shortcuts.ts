// Keys that work anywhere in the designer: undo, redo, save, copy and paste. Where a text is being typed they mean that
// text.

import { useEffect, useRef } from "react";
import { copied, instancesIn } from "./model/clipboard";
import type { Instance, ScenarioDocument } from "./model/document";

type Shortcuts = {
  document: ScenarioDocument;
  selection: ReadonlySet<string>;
  readOnly: boolean;
  undo: (() => void) | undefined;
  redo: (() => void) | undefined;
  save: () => void;
  paste: (instances: Instance[]) => void;
};

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function isElsewhere(event: Event): boolean {
  return isTyping(event.target) || document.querySelector("dialog[open]") !== null;
}

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const { undo, redo, save, readOnly } = latest.current;
      const key = event.key.toLowerCase();
      if (key === "s") {
        event.preventDefault();
        if (!readOnly) save();
      }
      if (readOnly || isElsewhere(event)) return;
      const back = key === "z" && !event.shiftKey;
      const again = key === "y" || (key === "z" && event.shiftKey);
      if (!back && !again) return;
      event.preventDefault();
      if (back) undo?.();
      else redo?.();
    };
    const copy = (event: ClipboardEvent) => {
      const { document, selection } = latest.current;
      if (isElsewhere(event) || selection.size === 0 || getSelection()?.isCollapsed === false)
        return;
      event.clipboardData?.setData("text/plain", copied(document, selection));
      event.preventDefault();
    };
    const paste = (event: ClipboardEvent) => {
      if (isElsewhere(event) || latest.current.readOnly) return;
      const instances = instancesIn(event.clipboardData?.getData("text/plain") ?? "");
      if (instances.length === 0) return;
      event.preventDefault();
      latest.current.paste(instances);
    };
    addEventListener("keydown", keys);
    addEventListener("copy", copy);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("keydown", keys);
      removeEventListener("copy", copy);
      removeEventListener("paste", paste);
    };
  }, []);
}
