// What steps and exits are called: in the designer by the titles of their blocks, elsewhere by their ids.

import { useContext, useMemo } from "react";
import { DesignerContext } from "../context";
import { type Blocks, exitTitle, humanized, titles } from "../model/blocks";
import { instanceOf, type ScenarioDocument } from "../model/document";

export type Naming = {
  /** A step's place, such as `find`, or `start/1/find` within a scenario that `start` has started. */
  step: (place: string) => string;
  /** A step with its exit, such as `find:no_data`. */
  way: (entry: string) => string;
};

export const BY_ID: Naming = {
  step: (place) => place,
  way: (entry) => wayOf(entry, (place) => place, humanized),
};

/** The block instance of a place, which is in this document even where the step is in another one. */
export function outermostAt(place: string): string {
  return place.split(/[/:]/)[0] ?? "";
}

export function namingOf(document: ScenarioDocument, blocks: Blocks): Naming {
  const known = new Map(titles(document, blocks));
  const step = (place: string) => {
    const [first = "", ...within] = place.split("/");
    const inner = within.filter((_, index) => index % 2 === 1);
    return [known.get(first) ?? first, ...inner].join(" › ");
  };
  return {
    step,
    way: (entry) =>
      wayOf(entry, step, (exit, place) => {
        const instance = place.includes("/") ? undefined : instanceOf(document, place);
        return exitTitle(instance, exit, blocks);
      }),
  };
}

function wayOf(
  entry: string,
  step: (place: string) => string,
  exit: (id: string, place: string) => string,
): string {
  const [place = "", left] = entry.split(":");
  // Most steps just go on.
  return left === undefined || left === "next"
    ? step(place)
    : `${step(place)} (${exit(left, place)})`;
}

/** By title where it is a part of the designer. */
export function useNaming(): Naming {
  const designer = useContext(DesignerContext);
  return useMemo(
    () => (designer ? namingOf(designer.document, designer.blocks) : BY_ID),
    [designer],
  );
}
