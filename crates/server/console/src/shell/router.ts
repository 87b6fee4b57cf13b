// Where in the console we are. Addresses stand behind a `#`: the server serves one document wherever it stands, and
// every page can be linked to. A form with unsaved changes is asked before it is left.

import { useEffect, useSyncExternalStore } from "react";

/** `#/accounts/42?tab=policy` is the path `accounts/42` with a query. */
export type Location = { path: string; query: URLSearchParams };

let shown = location.hash;
/** Asks whether what is not saved may be lost. */
let mayLeave: (() => boolean) | undefined;

function parse(hash: string): Location {
  // What does not begin so is no page: the code of a set-up link.
  const [path = "", query = ""] = hash.startsWith("#/") ? hash.slice(2).split("?") : [];
  return { path: path.replace(/\/$/, ""), query: new URLSearchParams(query) };
}

function subscribe(changed: () => void): () => void {
  const follow = () => {
    if (location.hash === shown) return;
    if (mayLeave && !mayLeave()) {
      history.replaceState(null, "", shown || "#/");
      return;
    }
    mayLeave = undefined;
    shown = location.hash;
    changed();
  };
  shown = location.hash;
  addEventListener("hashchange", follow);
  return () => removeEventListener("hashchange", follow);
}

export function useLocation(): Location {
  return parse(useSyncExternalStore(subscribe, () => shown));
}

/** Goes to another page, such as `#/accounts`. */
export function go(address: string): void {
  location.hash = address;
}

/** Goes there without asking after unsaved changes: they have just been saved or given up. */
export function goSaved(address: string): void {
  mayLeave = undefined;
  go(address);
}

/** Gives the page that is open another address, without opening it anew: what was new is stored now. */
export function renamePage(address: string): void {
  history.replaceState(null, "", address);
}

const QUESTION = "There are changes that have not been applied. Leave this page and lose them?";

/** Keeps people from leaving the page by accident while `unsaved` holds. */
export function useUnsavedGuard(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const ask = () => confirm(QUESTION);
    const beforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    mayLeave = ask;
    addEventListener("beforeunload", beforeUnload);
    return () => {
      if (mayLeave === ask) mayLeave = undefined;
      removeEventListener("beforeunload", beforeUnload);
    };
  }, [unsaved]);
}

/** The values of a pattern such as `accounts/:id` in a path; null where it does not fit. */
export function matched(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  if (wanted.length !== given.length) return null;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const there = given[index] ?? "";
    if (part.startsWith(":")) values[part.slice(1)] = decodeURIComponent(there);
    else if (part !== there) return null;
  }
  return values;
}
