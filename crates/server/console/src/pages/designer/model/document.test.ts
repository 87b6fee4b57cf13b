// Changes of a document, undo, the clipboard, and what is known where a block runs.

import { describe, expect, it } from "vitest";
import type { Block } from "../../../api/types";
import { completeValue } from "../form/completions";
import { blocksOf, exitsOf, palette, shownExits } from "./blocks";
import { copied, instancesIn, paste } from "./clipboard";
import {
  add,
  blank,
  connect,
  freeId,
  place,
  remove,
  rename,
  type ScenarioDocument,
  setProperty,
} from "./document";
import { arrange, besides, sizeOf } from "./layout";
import { inOrder } from "./order";
import { placed } from "./problems";
import { before, recordsetsAt, variablesAt } from "./variables";

function block(id: string, part: Partial<Block> = {}): Block {
  return {
    id,
    title: id,
    category: "Flow",
    description: "",
    icon: "block",
    properties: {},
    exits: [],
    outputs: [],
    operations: [],
    versions: [],
    takes_next: true,
    can_fail: true,
    ...part,
  } as unknown as Block;
}

const BLOCKS = blocksOf([
  block("core.exit", { takes_next: false, can_fail: false }),
  block("core.switch", {
    takes_next: false,
    can_fail: false,
    exits: [{ id: "default", title: "Default", description: "" }],
    properties: {
      properties: { branches: { type: "array", items: { $ref: "#/$defs/Branch" } } },
      $defs: { Branch: { properties: { exit: { "x-patchcord-kind": "exit-name" } } } },
    } as never,
  }),
  block("ms.search", {
    title: "Microsoft Dynamics Search",
    category: "CRM",
    operations: ["query"],
    exits: [{ id: "no_data", title: "No Data", description: "" }],
    outputs: [{ property: "recordset", kind: "recordset", description: "" }],
  }),
  block("core.set-variable", {
    can_fail: false,
    outputs: [{ property: "variable", kind: "variable", description: "" }],
  }),
]);

function greet(): ScenarioDocument {
  return {
    patchcord: "1.0",
    name: "greet",
    start: "find",
    inputs: ["language"],
    blocks: [
      {
        id: "find",
        block: "ms.search@1.0.0",
        title: "Find",
        properties: {
          object_type: "contacts",
          query: "$filter=telephone1 eq '$(item.ani)'&$select=fullname",
          recordset: "Caller",
        },
        exits: { next: "name", no_data: "end", failed: "end" },
      },
      {
        id: "name",
        block: "core.set-variable",
        properties: { variable: "caller_name", value: "$(Caller.fullname)" },
        exits: { next: "end" },
      },
      { id: "end", block: "core.exit", properties: { result: "done" } },
    ],
  };
}

describe("a document", () => {
  it("begins with its first block", () => {
    const document = add(blank("a", ""), { id: "x", block: "core.exit" });
    expect(document.start).toBe("x");
    expect(document).not.toHaveProperty("title");
  });

  it("gives each block an id of its own", () => {
    const document = add(add(blank("a", ""), { id: "log", block: "l" }), {
      id: "log-2",
      block: "l",
    });
    expect(freeId(document, "log")).toBe("log-3");
    expect(freeId(document, "log-2")).toBe("log-3");
    expect(freeId(document, "a b")).toBe("a-b");
  });

  it("loses the wires to what is taken out, and keeps everything else as it is", () => {
    const document = remove(greet(), new Set(["name"]));
    expect(document.blocks[0]?.exits).toEqual({ no_data: "end", failed: "end" });
    expect(document.blocks[1]).toEqual(greet().blocks[2]);
    expect(remove(greet(), new Set(["find"])).start).toBe("name");
    expect(remove(greet(), new Set(["find", "name", "end"])).start).toBe("");
  });

  it("renames a block wherever it is named, and never onto another", () => {
    const document = rename(rename(greet(), "end", "over"), "find", "look");
    expect(document.start).toBe("look");
    expect(document.blocks[0]?.exits).toEqual({ next: "name", no_data: "over", failed: "over" });
    expect(rename(greet(), "end", "find")).toEqual(greet());
  });

  it("takes out what is emptied, and keeps the order of what stays", () => {
    const document = setProperty(greet(), "find", "query", undefined);
    expect(Object.keys(document.blocks[0]?.properties ?? {})).toEqual(["object_type", "recordset"]);
    const changed = setProperty(greet(), "find", "object_type", "leads");
    expect(Object.keys(changed.blocks[0]?.properties ?? {})[0]).toBe("object_type");
    expect(connect(greet(), "name", "next", undefined).blocks[1]?.exits).toEqual({});
  });

  it("keeps places as whole pixels", () => {
    const document = place(greet(), new Map([["name", { x: 1.4, y: -2.6 }]]));
    expect(document.blocks[1]?.position).toEqual({ x: 1, y: -3 });
    expect(document.blocks[0]).not.toHaveProperty("position");
  });
});

describe("the clipboard", () => {
  it("brings blocks in under ids of their own, wired among themselves", () => {
    const text = copied(greet(), new Set(["find", "name"]));
    const { document, ids } = paste(greet(), instancesIn(text));
    expect([...ids]).toEqual(["find-2", "name-2"]);
    expect(document.blocks[3]?.exits).toEqual({ next: "name-2" });
    expect(document.blocks[4]?.exits).toEqual({});
    expect(document.blocks.slice(0, 3)).toEqual(greet().blocks);
  });

  it("takes nothing from any other text", () => {
    for (const text of ["", "null", "[]", "{}", "hello", '{"patchcord-blocks": [1, {"id": 2}]}']) {
      expect(instancesIn(text)).toEqual([]);
    }
  });
});

describe("exits", () => {
  it("are those of the manifest, those that properties name, and those for failures", () => {
    const instance = {
      id: "s",
      block: "core.switch",
      properties: { branches: [{ exit: "gold" }, { exit: "gold" }, {}] },
    };
    const shown = shownExits(instance, BLOCKS.find("core.switch"));
    expect(shown.map((exit) => exit.id)).toEqual(["gold", "default"]);
    const find = greet().blocks[0];
    const exits = find ? exitsOf(find, BLOCKS.find(find.block)).map((exit) => exit.id) : [];
    expect(exits.slice(0, 3)).toEqual(["next", "no_data", "failed"]);
    expect(exits).toContain("consent_required");
  });

  it("that are wired are shown, whatever the block says", () => {
    const instance = { id: "e", block: "core.exit", exits: { gone: "x" } };
    expect(shownExits(instance, BLOCKS.find("core.exit")).map((exit) => exit.id)).toEqual(["gone"]);
    expect(shownExits({ id: "e", block: "core.exit" }, BLOCKS.find("core.exit"))).toEqual([]);
  });
});

describe("what is known where a block runs", () => {
  it("is what blocks before it leave, and what the call flow brings", () => {
    const names = variablesAt(
      greet(),
      BLOCKS,
      "end",
      new Map([["contacts", ["emailaddress1"]]]),
    ).map(({ name }) => name);
    for (const name of [
      "language",
      "Caller.fullname",
      "Caller.__count__",
      "Caller.emailaddress1",
      "caller_name",
      "integrationResultKind",
      "item.from",
      "item.ani",
    ]) {
      expect(names).toContain(name);
    }
    const first = variablesAt(greet(), BLOCKS, "find", new Map()).map(({ name }) => name);
    expect(first).not.toContain("caller_name");
    expect(first).not.toContain("integrationResultKind");
    expect(recordsetsAt(greet(), BLOCKS, "name")).toEqual([
      { name: "Caller", table: "contacts", columns: ["fullname"] },
    ]);
  });

  it("includes the blocks of a loop", () => {
    const looped = connect(greet(), "name", "next", "find");
    expect(before(looped, "find").map((one) => one.id)).toEqual(["find", "name"]);
  });

  it("is offered after `$(`, and functions in expressions", () => {
    const complete = completeValue([
      { name: "caller_name", from: "" },
      { name: "item.from", from: "" },
    ]);
    expect(complete("Hello $(fro", 11, true)).toMatchObject({
      from: 8,
      to: 11,
      options: [{ value: "item.from)" }],
    });
    expect(complete("$(item.x) b", 7, true)).toMatchObject({
      from: 2,
      to: 9,
      options: [{ value: "item.from)" }],
    });
    // The parenthesis is that of the function.
    expect(complete("=trim($(fro)", 11, true)).toMatchObject({ from: 8, to: 11 });
    expect(complete("=upper", 6, true)?.options[0]).toMatchObject({
      value: "uppercase()",
      back: 1,
    });
    expect(complete("upper", 5, true)).toBeNull();
    expect(complete("==upper", 7, true)).toBeNull();
    expect(complete('="upper', 7, true)).toBeNull();
    expect(complete("=", 1, true)?.options.length).toBeGreaterThan(20);
  });
});

describe("problems", () => {
  it("come to their block and field", () => {
    const at = (pointer: string) =>
      placed([{ pointer, severity: "error", message: "is wrong" }], greet())[0];
    expect(at("/blocks/1/properties/value")).toMatchObject({
      instance: "name",
      field: "/properties/value",
    });
    expect(at("/blocks/0/exits/no_data")?.field).toBe("/exits/no_data");
    expect(at("/start")).toMatchObject({ instance: undefined, field: "/start" });
  });
});

describe("the canvas", () => {
  it("lays blocks out from top to bottom, without one over another", async () => {
    const places = await arrange(greet(), () => sizeOf(3));
    const y = (id: string) => places.get(id)?.y ?? 0;
    expect(y("find")).toBeLessThan(y("name"));
    expect(y("name")).toBeLessThan(y("end"));
  });

  it("finds free places", () => {
    let document = greet();
    for (const id of ["a", "b", "c"]) {
      const anchored = place(document, new Map([["find", { x: 0, y: 0 }]]));
      document = add(anchored, { id, block: "core.exit", position: besides(anchored, "find") });
    }
    const places = document.blocks.slice(3).map((one) => JSON.stringify(one.position));
    expect(new Set(places).size).toBe(3);
  });

  it("is read in the order of a run, failures last", () => {
    const document = connect(greet(), "find", "failed", "name");
    const failing = connect(document, "find", "next", "end");
    expect(inOrder(failing, BLOCKS).map((one) => one.id)).toEqual(["find", "end", "name"]);
  });
});

describe("the palette", () => {
  it("finds blocks by every word, by category", () => {
    expect(
      palette(BLOCKS.all, "search dynamics").map(([category, found]) => [category, found.length]),
    ).toEqual([["CRM", 1]]);
    expect(palette(BLOCKS.all, "").map(([category]) => category)).toEqual(["Flow", "CRM"]);
  });
});
