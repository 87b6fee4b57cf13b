import { describe, expect, it } from "vitest";
import type { CaseReport, TestCase } from "../../../api/types";
import { casesIn, takeIn } from "../../../run/case_file";
import type { ScenarioDocument } from "../model/document";
import { failedAt, told } from "./differences";
import { BY_ID, namingOf, outermostAt } from "./naming";
import { expectations } from "./words";

const DOCUMENT: ScenarioDocument = {
  patchcord: "1.0",
  name: "greet",
  start: "find",
  blocks: [
    { id: "find", block: "x.search", title: "Find the caller", exits: { no_data: "end" } },
    { id: "end", block: "core.exit", title: "Known" },
  ],
};
const SEARCH = {
  takes_next: true,
  can_fail: true,
  properties: {},
  exits: [{ id: "no_data", title: "No data", description: "" }],
};
const NAMING = namingOf(DOCUMENT, { find: () => SEARCH } as never);

const difference = (what: string, expected: unknown, came: unknown) => ({
  what,
  diff: "",
  expected,
  came,
});

function report(of: Partial<CaseReport>): CaseReport {
  return {
    name: "a",
    passed: false,
    differences: [],
    unanswered: [],
    left: [],
    missing: [],
    elapsed_ms: 1,
    done: { result: "x", variables: {}, answer: {}, steps: [], requests: [], fetches: [] },
    ...of,
  };
}

describe("names", () => {
  it("are the titles of blocks, also of those that start a scenario", () => {
    expect(NAMING.step("find")).toBe("Find the caller");
    expect(NAMING.step("find/1/look/2/up")).toBe("Find the caller › look › up");
    expect(NAMING.step("gone")).toBe("gone");
  });

  it("say by which exit a step was left, unless it just went on", () => {
    expect(NAMING.way("find:next")).toBe("Find the caller");
    expect(NAMING.way("find:no_data")).toBe("Find the caller (No data)");
    expect(BY_ID.way("find:no_data")).toBe("find (No data)");
    expect(outermostAt("find/1/look:next")).toBe("find");
  });
});

describe("what is expected", () => {
  it("is told in words, and nothing where nothing is said", () => {
    const case_: TestCase = {
      name: "a",
      expect: {
        result: "known",
        path: ["find:next", "end"],
        answer: { name: "Ann", left: null },
        screen_pop: null,
        requests: [
          { step: "find", call: "query", table: "contacts", asked: "telephone1 eq '1'" },
          { call: "create", table: "incidents", columns: { title: "Broken" } },
        ],
      },
    };
    expect(expectations(case_, NAMING)).toEqual([
      ["Result", ["known"]],
      ["Way", ["Find the caller", "Known"]],
      ["Answer", ["name: Ann", "left: nothing"]],
      ["Shown to the agent", ["no record"]],
      [
        "Asked of Dynamics 365",
        [
          "Find the caller: search contacts; telephone1 eq '1'",
          "create a record of incidents; title: Broken",
        ],
      ],
    ]);
  });
});

describe("differences", () => {
  it("show of variables those that differ", () => {
    const { what, rows } = told(
      difference("variables", { a: 1, b: "x", c: true }, { a: 1, b: "y" }),
      NAMING,
    );
    expect(what).toBe("Variables");
    expect(rows).toEqual([
      { label: "b", expected: "x", came: "y" },
      { label: "c", expected: "true", came: "nothing" },
    ]);
  });

  it("show where two ways part", () => {
    const parted = difference("path", ["find:next", "end"], ["find:no_data", "other:next", "end"]);
    expect(told(parted, NAMING).rows).toEqual([
      { expected: "Find the caller", came: "Find the caller (No data) → other" },
    ]);
    const longer = difference("path", ["find:next"], ["find:next", "end"]);
    expect(told(longer, NAMING).rows).toEqual([
      { label: "after Find the caller", expected: "nothing more", came: "Known" },
    ]);
  });

  it("show of requests those that are not alike", () => {
    const one = { step: "find", call: "query", table: "contacts" };
    const rows = told(difference("requests", [one], [one, { ...one, call: "count" }]), NAMING).rows;
    expect(rows).toEqual([{ expected: "nothing", came: "Find the caller: count contacts" }]);
  });

  it("tell a failure", () => {
    const came = { step: "find", kind: "not_found", message: "no such table" };
    expect(told(difference("failure", null, came), NAMING).rows).toEqual([
      { expected: "no failure", came: "Not found at Find the caller: no such table" },
    ]);
  });
});

describe("the block to look at first", () => {
  const known = (id: string) => DOCUMENT.blocks.some((one) => one.id === id);

  it("is where something was asked or the way parted, and in the document", () => {
    const asked = report({ unanswered: [{ step: "find/1/x", visit: 1, call: "query" }] });
    expect(failedAt(asked, known)).toBe("find");
    const path = report({
      differences: [difference("path", ["find:next", "end"], ["find:no_data"])],
    });
    expect(failedAt(path, known)).toBe("find");
    const gone = report({ differences: [difference("path", ["end"], ["gone", "end"])] });
    expect(failedAt(gone, known)).toBeUndefined();
    const last = report({ differences: [difference("result", "a", "b")] });
    last.done.steps = [{ step: "end", visit: 1, way: "end" }];
    expect(failedAt(last, known)).toBe("end");
  });
});

describe("files", () => {
  const named = (name: string, result: string): TestCase => ({ name, expect: { result } });

  it("take the place of tests of the same name", () => {
    const kept = [named("a", "1"), named("b", "1")];
    expect(takeIn(kept, [named("c", "2"), named("b", "2")])).toEqual([
      named("a", "1"),
      named("b", "2"),
      named("c", "2"),
    ]);
  });

  it("are refused in words where there is no test in them", () => {
    expect(() => casesIn("{")).toThrow("The file is no JSON");
    expect(() => casesIn('{"cases": []}')).toThrow("There are no test cases in the file");
    expect(() => casesIn("null")).toThrow("There are no test cases in the file");
    expect(casesIn('{"cases": [{"name": "a"}]}')).toHaveLength(1);
  });
});
