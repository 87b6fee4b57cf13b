import { describe, expect, it } from "vitest";
import { readExact } from "./exact_json";

const ANSWER = `{"elapsed_ms":1.50,"case":{"answers":[{"records":[{"amount":25000.00,"id":12345678901234567890,"n":7}]}]}}`;

describe("readExact", () => {
  // Node has it from version 21 on.
  it.runIf("rawJSON" in JSON)("gives back the digits of a case", () => {
    const read = readExact(ANSWER) as { elapsed_ms: unknown; case: unknown };
    expect(read.elapsed_ms).toBe(1.5);
    expect(JSON.stringify(read.case)).toBe(ANSWER.slice(ANSWER.indexOf('{"answers'), -1));
  });

  it("reads the rest as ever", () => {
    expect(readExact('{"a":[1.50,null,{"b":"x"}]}')).toEqual({ a: [1.5, null, { b: "x" }] });
  });
});
