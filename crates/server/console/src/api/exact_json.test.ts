import { describe, expect, it } from "vitest";
import { readExact } from "./exact_json";

const CASE = `{"expect":{},"answers":[{"records":[{"amount":25000.00,"id":12345678901234567890,"n":7}]}]}`;

describe("readExact", () => {
  // Node has it from version 21 on.
  it.runIf("rawJSON" in JSON)("gives back the digits of a case", () => {
    const recorded = `{"case":${CASE},"report":{"elapsed_ms":1.50}}`;
    const trial = `{"variables":{"case":{"n":1.50}},"case":${recorded}}`;
    const read = readExact(trial) as {
      variables: unknown;
      case: { case: unknown; report: unknown };
    };
    expect(JSON.stringify(read.case.case)).toBe(CASE);
    expect(read.case.report).toEqual({ elapsed_ms: 1.5 });
    expect(read.variables).toEqual({ case: { n: 1.5 } });
    expect(JSON.stringify(readExact(`{"cases":[${CASE}]}`))).toBe(`{"cases":[${CASE}]}`);
  });

  it("reads the rest as ever", () => {
    expect(readExact('{"a":[1.50,null,{"b":"x"}]}')).toEqual({ a: [1.5, null, { b: "x" }] });
  });
});
