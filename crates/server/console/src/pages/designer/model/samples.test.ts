import { expect, test } from "vitest";
import type { Block } from "../../../api/types";
import { blocksOf } from "./blocks";
import type { ScenarioDocument } from "./document";
import { broughtBy, rowsFor, writesOf } from "./samples";

const document: ScenarioDocument = {
  patchcord: "1.0",
  name: "open-case",
  start: "find",
  inputs: ["subject"],
  blocks: [
    { id: "find", block: "search", properties: { query: "name eq '$(item.from)'" } },
    { id: "set", block: "core.set-variable", properties: { value: "=upper(user.login) + item.n" } },
    { id: "make", block: "make", title: "Make it", properties: { object_type: "incidents" } },
    { id: "tell", block: "core.fetch-url", title: "Tell", properties: { method: "POST" } },
    { id: "ask", block: "core.fetch-url", title: "Ask", properties: { method: "GET" } },
  ],
};

test("there is a row for what the scenario reads, with what was typed last", () => {
  const kept = [
    { name: "more", text: "1", json: true },
    { name: "item.from", text: "+1", json: false },
  ];
  const rows = rowsFor(document, kept);
  expect(rows.map((row) => row.name)).toEqual([
    "item.from",
    "user.login",
    "item.n",
    "subject",
    "more",
  ]);
  expect(rows[0]?.text).toBe("+1");
});

test("texts stay texts, JSON is read, and what is empty is not brought", () => {
  const row = (name: string, text: string, json = false) => ({ name, text, json });
  const { variables, faults } = broughtBy([
    row("item.from", "42"),
    row("item.n", "42", true),
    row("item.list", "[1", true),
    row("item.to", ""),
    row("", "x"),
    row("item.from", "twice"),
  ]);
  expect(variables).toEqual({ "item.from": "42", "item.n": 42 });
  expect([...faults.keys()]).toEqual([2, 4, 5]);
});

test("what would be written is named with its table", () => {
  const block = (id: string, operations: string[]) =>
    ({ id, title: id, category: "", properties: {}, exits: [], operations }) as unknown as Block;
  const blocks = blocksOf([
    block("search", ["query"]),
    block("make", ["query", "create"]),
    block("core.fetch-url", []),
    block("core.set-variable", []),
  ]);
  expect(writesOf(document, blocks)).toEqual([
    "Make it (incidents)",
    "Tell (POST to a web server)",
  ]);
});
