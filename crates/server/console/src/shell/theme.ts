// Light or dark: as the system has it, until somebody chooses.

import { useEffect, useState } from "react";
import { keep, kept } from "../ui/kept";

const KEY = "patchcord.theme";
const SYSTEM = matchMedia("(prefers-color-scheme: dark)");
type Theme = "light" | "dark";

function chosen(): Theme | undefined {
  const theme = kept(KEY);
  return theme === "light" || theme === "dark" ? theme : undefined;
}

function ofSystem(): Theme {
  return SYSTEM.matches ? "dark" : "light";
}

/** Before the first picture, so that it does not flash in the other colours. */
export function applyTheme(): void {
  const theme = chosen();
  if (theme) document.documentElement.dataset.theme = theme;
}

/** The theme shown, and what changes it. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(chosen() ?? ofSystem());
  useEffect(() => {
    const follow = () => chosen() ?? setTheme(ofSystem());
    SYSTEM.addEventListener("change", follow);
    return () => SYSTEM.removeEventListener("change", follow);
  }, []);
  const toggle = () => {
    const next = theme === "dark" ? "light" : "dark";
    keep(KEY, next);
    document.documentElement.dataset.theme = next;
    setTheme(next);
  };
  return [theme, toggle];
}
