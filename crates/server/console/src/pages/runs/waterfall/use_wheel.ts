// The wheel over the waterfall: with Ctrl (or a pinch) closer and farther, sideways along the time.

import { type RefObject, useEffect, useRef } from "react";
import { moved, type View, zoomed } from "../model/view";

export function useWheel(
  track: RefObject<HTMLElement | null>,
  tree: RefObject<HTMLElement | null>,
  { view, wholeUs, setView }: { view: View; wholeUs: number; setView: (view: View) => void },
): void {
  const now = useRef({ view, wholeUs });
  now.current = { view, wholeUs };
  useEffect(() => {
    const areas = [track.current, tree.current];
    const turn = (event: WheelEvent) => {
      const { view, wholeUs } = now.current;
      const area = track.current?.getBoundingClientRect();
      if (!area) return;
      if (event.ctrlKey) {
        const part = Math.min(1, Math.max(0, (event.clientX - area.left) / area.width));
        const around = view.fromUs + part * (view.toUs - view.fromUs);
        setView(zoomed(view, wholeUs, 1.0015 ** -event.deltaY, around));
      } else {
        const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
        const isWhole = view.toUs - view.fromUs >= wholeUs;
        if (isWhole || Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
        setView(moved(view, wholeUs, sideways / area.width));
      }
      event.preventDefault();
    };
    // What React adds may not keep the page from scrolling.
    for (const area of areas) area?.addEventListener("wheel", turn, { passive: false });
    return () => {
      for (const area of areas) area?.removeEventListener("wheel", turn);
    };
  }, [track, tree, setView]);
}
