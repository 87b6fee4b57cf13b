// What an agent has chosen, kept in the browser.

import { useState } from "react";
import { keep, kept } from "../../ui/kept";

const KEY = "patchcord.agent";

export type Settings = { login: string; opens: boolean; sounds: boolean; notifies: boolean };

const NOTHING: Settings = { login: "", opens: false, sounds: false, notifies: false };

export function useSettings(): [Settings, (change: Partial<Settings>) => void] {
  const [settings, setSettings] = useState<Settings>(() => ({
    ...NOTHING,
    ...(kept(KEY) as Partial<Settings> | undefined),
  }));
  const change = (change: Partial<Settings>) => {
    const next = { ...settings, ...change };
    keep(KEY, next);
    setSettings(next);
  };
  return [settings, change];
}
