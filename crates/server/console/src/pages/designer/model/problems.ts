// Problems of a document, brought to the block and the field that they are of.

import type { Place } from "../../../api/problem";
import { sentence } from "../../../api/problem";
import type { ScenarioDocument } from "./document";

export type Found = {
  severity: "error" | "warning";
  message: string;
  /** The instance that it is of; none where it is the scenario's own. */
  instance: string | undefined;
  /** A JSON pointer within the instance, or the document: `/properties/query`. */
  field: string;
};

const OF_A_BLOCK = /^\/blocks\/(\d+)(\/.*)?$/;

/** `document` is the one that was checked: the places count its instances. */
export function placed(places: Place[], document: ScenarioDocument): Found[] {
  return places.map(({ pointer, severity, message }) => {
    const found = OF_A_BLOCK.exec(pointer);
    const instance = found ? document.blocks[Number(found[1])]?.id : undefined;
    const field = found ? (found[2] ?? "") : pointer;
    const told = sentence(message.replace(/`([^`]*)`/g, "“$1”"));
    return { severity, message: told, instance, field };
  });
}

/** The messages of an instance's field, and of all that is within it. */
export function messagesAt(found: Found[], field: string): string | undefined {
  const of = found.filter((one) => one.field === field || one.field.startsWith(`${field}/`));
  return of.length > 0 ? of.map((one) => one.message).join(" ") : undefined;
}

export function ofInstance(found: Found[], id: string | undefined): Found[] {
  return found.filter((one) => one.instance === id);
}

export function counted(found: { severity: Found["severity"] }[]): {
  errors: number;
  warnings: number;
} {
  const errors = found.filter((one) => one.severity === "error").length;
  return { errors, warnings: found.length - errors };
}

/** `1 error, 2 warnings` */
export function told(errors: number, warnings: number): string {
  const parts = [
    errors && `${errors} ${errors === 1 ? "error" : "errors"}`,
    warnings && `${warnings} ${warnings === 1 ? "warning" : "warnings"}`,
  ];
  return parts.filter(Boolean).join(", ");
}
