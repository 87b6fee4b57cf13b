// Where blocks stand that have no place in the document: laid out when the scenario is opened, and kept once something
// is moved.

import { useCallback, useEffect, useRef, useState } from "react";
import type { Blocks } from "./model/blocks";
import type { Instance, Position, ScenarioDocument } from "./model/document";
import { arrange, besides, sizesOf } from "./model/layout";

/** Answers where an instance stands, and whether the first layout is there. */
export function usePlaces(
  document: ScenarioDocument,
  blocks: Blocks,
): { placeOf: (instance: Instance) => Position; ready: boolean } {
  const [laidOut, setLaidOut] = useState<ReadonlyMap<string, Position>>();
  const first = useRef({ document, blocks });
  useEffect(() => {
    const { document, blocks } = first.current;
    let current = true;
    if (document.blocks.every((instance) => instance.position)) {
      setLaidOut(new Map());
      return;
    }
    arrange(document, sizesOf(document, blocks)).then(
      (places) => current && setLaidOut(places),
      () => current && setLaidOut(new Map()),
    );
    return () => {
      current = false;
    };
  }, []);
  const placeOf = useCallback(
    (instance: Instance) =>
      instance.position ?? laidOut?.get(instance.id) ?? besides(document, undefined),
    [laidOut, document],
  );
  return { placeOf, ready: laidOut !== undefined };
}
