import { describe, expect, test } from "vitest";
import type { Block } from "../../../api/types";
import { blocksOf } from "./blocks";
import { compare, counts, fieldsOf, type Side, together } from "./comparison";
import type { Instance, ScenarioDocument } from "./document";
import { linesOf, marked } from "./marked";
import { places } from "./picture";

const block = (id: string, properties: object): Block =>
  ({
    id,
    version: "1.0.0",
    title: id,
    category: "Test",
    description: "",
    icon: "block",
    properties: { type: "object", properties },
    exits: [{ id: "no_data", title: "No Data", description: "" }],
    outputs: [],
    operations: [],
    takes_next: true,
    can_fail: true,
  }) as unknown as Block;

const blocks = blocksOf([
  block("find", {
    query: { type: "string", title: "Query", "x-patchcord-kind": "odata-query" },
    fields: { type: "object", additionalProperties: { type: "string" } },
  }),
]);

function side(instances: Instance[], rest: Partial<ScenarioDocument> = {}, pins = {}): Side {
  const start = instances[0]?.id ?? "";
  return { document: { patchcord: "1.0", name: "greet", start, blocks: instances, ...rest }, pins };
}

const one = (id: string, rest: Partial<Instance> = {}): Instance => ({
  id,
  block: "find",
  ...rest,
});
const stateOf = (old: Side, now: Side, id: string) =>
  compare(old, now, blocks).blocks.find((block) => block.id === id)?.state;

describe("what became of a block", () => {
  const at = (x: number): Partial<Instance> => ({ position: { x, y: 0 } });

  test("added, removed, and what is the same", () => {
    const [old, now] = [side([one("a"), one("b")]), side([one("a"), one("c")])];
    expect(["a", "b", "c"].map((id) => stateOf(old, now, id))).toEqual([
      "same",
      "removed",
      "added",
    ]);
    expect(compare(old, now, blocks).blocks.map(({ id }) => id)).toEqual(["a", "c", "b"]);
    expect(counts(compare(old, now, blocks))).toMatchObject({ added: 1, removed: 1, same: 1 });
  });

  test("moved, where both say where it stands", () => {
    expect(stateOf(side([one("a", at(0))]), side([one("a", at(20))]), "a")).toBe("moved");
    expect(stateOf(side([one("a")]), side([one("a", at(20))]), "a")).toBe("same");
  });

  test("changed, by a property, the title or the version of its block", () => {
    const query = (text: string) => one("a", { ...at(0), properties: { query: text } });
    const changed = compare(
      side([query("$top=1")]),
      side([{ ...query("$top=2"), ...at(9) }]),
      blocks,
    );
    expect(changed.blocks[0]).toMatchObject({ state: "changed", moved: true });
    expect(changed.blocks[0]?.values).toEqual([
      { name: "properties/query", label: "Query", kind: "query", old: "$top=1", new: "$top=2" },
    ]);
    const titled = compare(
      side([one("a", { title: null })]),
      side([one("a", { title: "A" })]),
      blocks,
    );
    expect(titled.blocks[0]?.values).toMatchObject([{ label: "Title", new: "A" }]);
    const pinned = compare(
      side([one("a")], {}, { find: "1.0.0" }),
      side([one("a")], {}, { find: "1.1.0" }),
      blocks,
    );
    expect(pinned.blocks[0]?.values).toMatchObject([
      { name: "version", old: "1.0.0", new: "1.1.0" },
    ]);
  });

  test("rewired, with the wires that came and went", () => {
    const wired = (exits: Record<string, string>) =>
      side([one("a", { exits }), one("b"), one("c")]);
    const { blocks: all, wires } = compare(
      wired({ next: "b", no_data: "b" }),
      wired({ next: "b", no_data: "c" }),
      blocks,
    );
    expect(all[0]).toMatchObject({ state: "rewired" });
    expect(wires).toEqual([
      { from: "a", exit: "next", to: "b", state: "same" },
      { from: "a", exit: "no_data", to: "c", state: "added" },
      { from: "a", exit: "no_data", to: "b", state: "removed" },
    ]);
  });

  test("what says nothing is no difference", () => {
    const old = one("a", { title: null, account: null, properties: {}, exits: {} });
    expect(stateOf(side([old]), side([one("a")]), "a")).toBe("same");
    const [first, second] = [{ fields: { x: 1, y: 2 } }, { fields: { y: 2, x: 1 } }];
    expect(
      stateOf(
        side([one("a", { properties: first })]),
        side([one("a", { properties: second })]),
        "a",
      ),
    ).toBe("same");
  });
});

test("of an object each part that differs stands for itself", () => {
  const fields = (of: object) => side([one("a", { properties: { fields: of } })]);
  const { blocks: all } = compare(
    fields({ telephone1: "1", name: "x", gone: true }),
    fields({ telephone1: "2", name: "x" }),
    blocks,
  );
  expect(all[0]?.values).toEqual([
    {
      name: "properties/fields/telephone1",
      label: "Fields › telephone1",
      kind: "value",
      old: "1",
      new: "2",
    },
    { name: "properties/fields/gone", label: "Fields › gone", kind: "value", old: true },
  ]);
});

test("the scenario's own settings are told as the settings pane has them", () => {
  const old = side([one("a"), one("b")], { start: "a", sensitive: ["item.from"] });
  const now = side([one("a"), one("b")], { start: "b", on_hang_up: "finish" });
  const told = compare(old, now, blocks).settings.map((value) => [
    value.label,
    value.old,
    value.new,
  ]);
  expect(told).toEqual([
    ["When the caller hangs up", "The run is cancelled", "The run goes on to its end"],
    ["Sensitive variables", "item.from", undefined],
    ["Begins with", "a", "b"],
  ]);
  expect(compare(old, old, blocks).settings).toEqual([]);
});

test("a block that came or went is told with all that it says", () => {
  const added = one("a", { title: "A", properties: { query: "$top=1" }, exits: { next: "b" } });
  const names = (removed: boolean) =>
    fieldsOf(added, blocks, removed).map((value) => [value.name, "new" in value]);
  expect(names(false)).toEqual([
    ["title", true],
    ["properties/query", true],
  ]);
  expect(names(true)).toEqual([
    ["title", false],
    ["properties/query", false],
  ]);
});

describe("one picture of both", () => {
  const standing = (id: string, x: number, y: number) => one(id, { position: { x, y } });

  test("has what was removed, and every exit that was wired in either", () => {
    const old = side([one("a", { exits: { next: "b", no_data: "b" } }), one("b")]);
    const now = side([one("a", { exits: { next: "c" } }), one("c")]);
    const whole = together(old.document, now.document, compare(old, now, blocks));
    expect(whole.blocks.map(({ id }) => id)).toEqual(["a", "c", "b"]);
    expect(whole.blocks[0]?.exits).toEqual({ next: "c", no_data: "b" });
  });

  test("shows blocks where the newer one has them, and what was removed where there is room", async () => {
    const old = side([standing("a", 0, 0), standing("b", 0, 200)]);
    const now = side([standing("a", 0, 0), standing("c", 10, 210)]);
    const comparison = compare(old, now, blocks);
    const whole = together(old.document, now.document, comparison);
    const found = await places(whole, comparison, blocks);
    expect(found.get("c")).toEqual({ x: 10, y: 210 });
    expect(found.get("b")).toMatchObject({ y: 200 });
    expect(found.get("b")?.x).toBeGreaterThanOrEqual(218);
  });

  test("lays everything out where a block has no place", async () => {
    const old = side([standing("a", 0, 0)]);
    const now = side([{ ...standing("a", 0, 0), exits: { next: "c" } }, one("c")]);
    const comparison = compare(old, now, blocks);
    const found = await places(
      together(old.document, now.document, comparison),
      comparison,
      blocks,
    );
    expect(found.get("c")?.y).toBeGreaterThan(found.get("a")?.y ?? 0);
  });
});

describe("texts that differ", () => {
  const told = (old: unknown, now: unknown, kind: "text" | "query" | "value" = "text") =>
    marked(old, now, kind).map((line) =>
      line.state === "left-out"
        ? `⋯${line.count}`
        : `${{ same: " ", added: "+", removed: "-" }[line.state]}${line.pieces
            .map(({ text, changed }) => (changed ? `[${text}]` : text))
            .join("")}`,
    );

  test("have the changed part marked", () => {
    expect(told("Good morning, Ann", "Good evening, Ann")).toEqual([
      "-Good [morning], Ann",
      "+Good [evening], Ann",
    ]);
    expect(told("failed", "lost")).toEqual(["-failed", "+lost"]);
    expect(told(undefined, "new")).toEqual(["+new"]);
  });

  test("are told line by line, a query by its options", () => {
    expect(linesOf("$filter=name eq 'R&D'&$top=1", "query")).toEqual([
      "$filter=name eq 'R&D'",
      "&$top=1",
    ]);
    expect(told("$filter=a eq 1&$top=1", "$filter=a eq 1&$top=2", "query")).toEqual([
      " $filter=a eq 1",
      "-&$top=[1]",
      "+&$top=[2]",
    ]);
    expect(linesOf("<fetch><entity name='a'/></fetch>", "query")).toHaveLength(3);
  });

  test("leave out what stays the same, but for the lines around a change", () => {
    const lines = Array.from({ length: 12 }, (_, index) => `line ${index}`);
    const changed = lines.with(6, "another");
    expect(told(lines.join("\n"), changed.join("\n"))).toEqual([
      "⋯4",
      " line 4",
      " line 5",
      "-line 6",
      "+another",
      " line 7",
      " line 8",
      "⋯3",
    ]);
  });

  test("of other values are those of their JSON", () => {
    expect(told({ a: [1, 2] }, { a: [1, 3] }, "value")).toEqual([
      " {",
      '   "a": [',
      "     1,",
      "-    2",
      "+    3",
      "   ]",
      " }",
    ]);
  });
});
