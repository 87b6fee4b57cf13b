// What an agent has chosen, kept in the browser.

import { useState } from "react";

const KEY = "patchcord.agent";

export type Settings = { login: string; opens: boolean; sounds: boolean; notifies: boolean };

const NOTHING: Settings = { login: "", opens: false, sounds: false, notifies: false };

function kept(): Settings {
  try {
    return { ...NOTHING, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return NOTHING;
  }
}

export function useSettings(): [Settings, (change: Partial<Settings>) => void] {
  const [settings, setSettings] = useState(kept);
  const change = (change: Partial<Settings>) => {
    const next = { ...settings, ...change };
    localStorage.setItem(KEY, JSON.stringify(next));
    setSettings(next);
  };
  return [settings, change];
}
