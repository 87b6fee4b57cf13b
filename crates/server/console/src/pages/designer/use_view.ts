// Whether the scenario is looked at as a canvas or as a list, kept for the next time.

import { useState } from "react";
import { keep, kept } from "../../ui/kept";

export type View = "canvas" | "list";

const KEY = "patchcord.designer.view";

function firstView(): View {
  const view = kept(KEY);
  if (view === "list" || view === "canvas") return view;
  return matchMedia("(max-width: 45rem)").matches ? "list" : "canvas";
}

export function useView(): [View, (view: View) => void] {
  const [view, setView] = useState(firstView);
  const choose = (view: View) => {
    keep(KEY, view);
    setView(view);
  };
  return [view, choose];
}
