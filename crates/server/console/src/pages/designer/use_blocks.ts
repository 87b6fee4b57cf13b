// The blocks of the palette. One that is installed appears by itself.

import { useEffect, useState } from "react";
import { answer, api } from "../../api/client";
import type { Block } from "../../api/types";

const EVERY_MS = 5000;

export function useBlocks(first: Block[]): Block[] {
  const [blocks, setBlocks] = useState(first);
  useEffect(() => {
    let current = true;
    const ask = async () => {
      if (document.hidden) return;
      const told = await answer(api.GET("/v1/blocks")).catch(() => undefined);
      if (!current || !told) return;
      setBlocks((before) => (JSON.stringify(before) === JSON.stringify(told) ? before : told));
    };
    const timer = setInterval(ask, EVERY_MS);
    document.addEventListener("visibilitychange", ask);
    return () => {
      current = false;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, []);
  return blocks;
}
