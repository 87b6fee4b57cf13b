// What is offered while a property is typed: variables after `$(`, functions in an expression.

import { functions } from "virtual:language";
import type { Complete, Option } from "../../../ui/completed";
import type { Variable } from "../model/variables";

const VARIABLE = /\$\(\s*([A-Za-z0-9_.@]*)$/;
const REST = /^[A-Za-z0-9_.@]*/;
const FUNCTION = /(?:^=|[\s(,+\-*/%&<>=!])([a-z]*)$/;

/** Completes `$(…)`, and functions where the text is an expression. */
export function completeValue(variables: Variable[]): Complete {
  return (text, caret) => {
    const before = text.slice(0, caret);
    const rest = text.slice(caret);
    const variable = VARIABLE.exec(before);
    if (variable) {
      const typed = variable[1] ?? "";
      const from = caret - typed.length;
      const to = caret + restOf(before, rest);
      return { from, to, options: named(variables, typed) };
    }
    if (!isExpression(text) || inQuotes(before)) return null;
    const name = FUNCTION.exec(before)?.[1];
    if (name === undefined || (name === "" && before !== "=")) return null;
    return { from: caret - name.length, to: caret, options: called(name) };
  };
}

/** Completes `$(…)` alone, where a text is never an expression. */
export function completeVariables(variables: Variable[]): Complete {
  const complete = completeValue(variables);
  return (text, caret, typed) =>
    VARIABLE.test(text.slice(0, caret)) ? complete(text, caret, typed) : null;
}

/** As the first, and whole texts to choose from as long as no variable is being typed. */
export function completeChoice(whole: Complete, variables: Variable[]): Complete {
  const value = completeVariables(variables);
  return (text, caret, typed) =>
    value(text, caret, typed) ?? (text.includes("$(") ? null : whole(text, caret, typed));
}

/** How much of what follows belongs to the variable: its name, and a parenthesis that no call before it waits for. */
function restOf(before: string, rest: string): number {
  const length = REST.exec(rest)?.[0].length ?? 0;
  const count = (text: string, character: string) => text.split(character).length - 1;
  const open = count(before, "(") - count(before, ")");
  return rest[length] === ")" && count(rest, ")") >= open ? length + 1 : length;
}

function isExpression(text: string): boolean {
  return text.startsWith("=") && !text.startsWith("==");
}

function inQuotes(before: string): boolean {
  return before.split('"').length % 2 === 0;
}

function named(variables: Variable[], typed: string): Option[] {
  const wanted = typed.toLowerCase();
  const rank = (name: string) => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
  return variables
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((one, other) => rank(one.name) - rank(other.name))
    .map(({ name, from }) => ({ value: `${name})`, shown: name, hint: from }));
}

function called(typed: string): Option[] {
  return functions
    .filter(({ name }) => name.startsWith(typed))
    .map(({ name, call, gives }) => ({
      value: `${name}()`,
      shown: call,
      hint: gives.replaceAll("`", "").replaceAll("**", ""),
      back: 1,
    }));
}
