import { expect, test } from "vitest";
import type { ImportPreview } from "../../api/types";
import { type Choices, faultOf, firstChoices, isReady, queryOf } from "./import_choices";

const scenario = (name: string, draft: boolean) => ({
  name,
  title: null,
  exported_version: 1,
  version: null,
  draft,
  problems: [],
});
const preview: ImportPreview = {
  scenarios: [scenario("greet", true), scenario("chat", false)],
  installs: [],
  missing: { accounts: ["Sales"], blocks: [] },
  routes: 2,
};

function chosen(change: (choices: Choices) => void): Choices {
  const choices = firstChoices(preview);
  change(choices);
  return choices;
}

test("a draft that is here gives way only where somebody says so", () => {
  const query = queryOf(firstChoices(preview), preview);
  expect([...query]).toEqual([["skip", "greet"]]);
  const over = chosen((choices) => {
    choices.scenarios.greet = { fate: "take", name: "" };
  });
  expect([...queryOf(over, preview)]).toEqual([["overwrite", "true"]]);
});

test("other names, accounts, routes and grants go with the request", () => {
  const choices = chosen((choices) => {
    choices.scenarios.greet = { fate: "rename", name: " greet-2 " };
    choices.accounts.Sales = "CRM";
    choices.publish = true;
    choices.routes = true;
    choices.grants = ["query"];
  });
  const query = queryOf(choices, preview);
  expect(query.get("rename")).toBe("greet=greet-2");
  expect(query.get("account")).toBe("Sales=CRM");
  expect([query.get("publish"), query.get("routes"), query.get("grant")]).toEqual([
    "true",
    "true",
    "query",
  ]);
  choices.publish = false;
  expect(queryOf(choices, preview).has("routes")).toBe(false);
});

test("a name that is taken, or no name, is told before anything is sent", () => {
  const named = (name: string) =>
    chosen((choices) => {
      choices.scenarios.greet = { fate: "rename", name };
    });
  expect(faultOf(named("greet-2"), "greet", ["greet"])).toBeUndefined();
  expect(faultOf(named("greet"), "greet", ["greet"])).toBe("There is a scenario of this name.");
  expect(faultOf(named("Greet 2"), "greet", [])).toMatch(/lower-case/);
  expect(faultOf(named("chat"), "greet", [])).toMatch(/Another scenario/);
  expect(isReady(named("chat"), [])).toBe(false);
  const none = chosen((choices) => {
    choices.scenarios.chat = { fate: "skip", name: "" };
  });
  expect(isReady(none, [])).toBe(false);
});
