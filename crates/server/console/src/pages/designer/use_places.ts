// Where blocks stand that have no place in the document: laid out when the scenario is opened, and kept once something
// is moved.

import { useCallback, useEffect, useRef, useState } from "react";
import { type Blocks, shownExits } from "./model/blocks";
import type { Instance, Position, ScenarioDocument } from "./model/document";
import { arrange, besides, type Size, sizeOf } from "./model/layout";

export function sizes(document: ScenarioDocument, blocks: Blocks): (id: string) => Size {
  const byId = new Map(
    document.blocks.map((one) => [one.id, sizeOf(shownExits(one, blocks.find(one.block)).length)]),
  );
  return (id) => byId.get(id) ?? sizeOf(1);
}

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
    arrange(document, sizes(document, blocks)).then(
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
