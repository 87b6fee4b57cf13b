// The blocks of the palette. One that is installed appears by itself.

import { useEffect, useState } from "react";
import { answer, api } from "../../api/client";
import type { Block } from "../../api/types";

/** How long it is until they are asked for again: longer each time that nothing is new. */
const PAUSE_MS = { first: 5_000, longest: 15_000 };

export function useBlocks(first: Block[]): Block[] {
  const [blocks, setBlocks] = useState(first);
  useEffect(() => {
    let current = true;
    let known = JSON.stringify(first);
    let pause = PAUSE_MS.first;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      clearTimeout(timer);
      const told = await answer(api.GET("/v1/blocks")).catch(() => undefined);
      if (!current) return;
      const text = told ? JSON.stringify(told) : known;
      pause = text === known ? Math.min(pause * 1.5, PAUSE_MS.longest) : PAUSE_MS.first;
      known = text;
      if (told) setBlocks((before) => (JSON.stringify(before) === text ? before : told));
      wait();
    };
    const wait = () => {
      clearTimeout(timer);
      if (!document.hidden) timer = setTimeout(ask, pause);
    };
    // Nobody looks at a window that is hidden; who comes back may have installed something meanwhile.
    const turn = () => {
      pause = PAUSE_MS.first;
      if (document.hidden) clearTimeout(timer);
      else ask();
    };
    wait();
    document.addEventListener("visibilitychange", turn);
    addEventListener("focus", turn);
    return () => {
      current = false;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", turn);
      removeEventListener("focus", turn);
    };
  }, [first]);
  return blocks;
}
