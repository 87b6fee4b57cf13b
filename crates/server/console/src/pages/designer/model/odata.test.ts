// Queries as rows and back: nothing of a query may be lost, whatever is in it.

import { describe, expect, it } from "vitest";
import { EMPTY, type Query, readQuery, writeQuery } from "./odata";
import { type Condition, OPERATORS, takesNoValue } from "./odata_filter";

const READ: [query: string, conditions: Condition[], join: "and" | "or"][] = [
  ["", [], "and"],
  ["$filter=a eq 'x'", [{ column: "a", operator: "eq", value: "x", text: true }], "and"],
  [
    "$filter=lastname eq 'O''Brien'",
    [{ column: "lastname", operator: "eq", value: "O'Brien", text: true }],
    "and",
  ],
  [
    "$filter=a eq 'x & y = z' and b ge 5",
    [
      { column: "a", operator: "eq", value: "x & y = z", text: true },
      { column: "b", operator: "ge", value: "5", text: false },
    ],
    "and",
  ],
  [
    "$filter=telephone1 eq '$(item.from)' or mobilephone eq '$(item.from)'",
    [
      { column: "telephone1", operator: "eq", value: "$(item.from)", text: true },
      { column: "mobilephone", operator: "eq", value: "$(item.from)", text: true },
    ],
    "or",
  ],
  [
    "$filter=_parentcustomerid_value eq $(id,escapeodata)",
    [
      {
        column: "_parentcustomerid_value",
        operator: "eq",
        value: "$(id,escapeodata)",
        text: false,
      },
    ],
    "and",
  ],
  [
    "$filter=contains(name,'a (b)') and not contains(name, 'c')",
    [
      { column: "name", operator: "contains", value: "a (b)", text: true },
      { column: "name", operator: "not contains", value: "c", text: true },
    ],
    "and",
  ],
  [
    "$filter=a eq null and b ne null",
    [
      { column: "a", operator: "empty", value: "", text: false },
      { column: "b", operator: "not empty", value: "", text: false },
    ],
    "and",
  ],
];

/** What rows cannot say stays text. */
const TEXT_ONLY = [
  "<fetch><entity name='contact'/></fetch>",
  "$filter=a eq 'x' and b eq 'y' or c eq 'z'",
  "$filter=(a eq 'x')",
  "$filter=not (a eq 'x')",
  "$filter=not startswith(a,'x')",
  "$filter=a eq 'x",
  "$filter=a eq",
  "$filter=a in ('x','y')",
  "$filter=tolower(a) eq 'x'",
  "$filter=startswith(a,$(b))",
  "$filter=Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=7)",
  "$filter=contacts/any(o:o/name eq 'x')",
  "$filter=",
  "$filter=a eq 'x'&$filter=b eq 'y'",
  "$select=a,,b",
  "$select=*",
  "$orderby=a asc",
  "$orderby=a,",
  "contacts?$select=a",
  "$top=1&",
  "&$top=1",
];

/** What is read as rows and written from them unchanged is the same text. */
const KEPT = [
  "$select=fullname,telephone1",
  "$top=2&$select=a",
  "$orderby=createdon desc,name",
  "$expand=primarycontactid($select=fullname)&$filter=a eq 1",
  "$count=true&$select=a&$filter=a ne 'b'",
  "$filter=a eq 2026-01-31T10:00:00Z",
  "$filter=a eq 716fda69-ddea-5595-8680-62a9dcab75a3 or b eq true",
  "$filter=parentcustomerid_account/name eq 'x'",
  "$top=$(n)",
  "$filter=a eq ''",
  "$apply=groupby((statuscode),aggregate($count as total))",
  "$select=a&$expand=b($filter=c eq 'x&y')",
];

describe("queries", () => {
  it.each(READ)("are read as rows: %s", (text, conditions, join) => {
    const query = readQuery(text);
    expect(query?.conditions).toEqual(conditions);
    expect(query?.join).toBe(join);
  });

  it.each(TEXT_ONLY)("stay text where rows cannot say the same: %s", (text) => {
    expect(readQuery(text)).toBeNull();
  });

  it.each([...KEPT, ...READ.map(([text]) => text)])("lose nothing: %s", (text) => {
    const query = readQuery(text);
    expect(query).not.toBeNull();
    const written = writeQuery(query as Query);
    expect(written.replaceAll(", ", ",")).toBe(text.replaceAll(", ", ","));
    expect(readQuery(written)).toEqual(query);
  });

  it("count blanks outside of quotes as one, and inside as what they are", () => {
    expect(writeQuery(readQuery("$filter=a  eq   'x  y'") as Query)).toBe("$filter=a eq 'x  y'");
  });

  it("are added in their usual order, and left out where they are empty", () => {
    const conditions = [{ column: "a", operator: "eq", value: "1", text: false }];
    const query = { ...EMPTY, conditions, select: ["b", ""], top: "3" };
    expect(writeQuery(query)).toBe("$filter=a eq 1&$select=b&$top=3");
    expect(writeQuery({ ...EMPTY })).toBe("");
  });
});

describe("conditions", () => {
  const columns = ["a", "_x_value", "parent/name"];
  const values = [
    "",
    "x",
    "O'Brien",
    "''",
    "a&b=c",
    "$(item.from)",
    "ü (1), 2",
    "5",
    "a and b",
    "-1.5",
  ];
  const cases = columns.flatMap((column) =>
    OPERATORS.flatMap(([operator]) =>
      values.flatMap((value) => [true, false].map((text) => ({ column, operator, value, text }))),
    ),
  );

  it("survive every column, operator and value", () => {
    for (const condition of cases) {
      const [back] = roundTrip([condition]) ?? [];
      const { value, text, ...rest } = condition;
      expect(back, JSON.stringify(condition)).toMatchObject(rest);
      if (!takesNoValue(condition.operator)) expect(back?.value).toBe(value);
      // What is no number, date or variable can only be text.
      if (text && !takesNoValue(condition.operator)) expect(back?.text).toBe(true);
    }
  });

  it("survive beside one another", () => {
    for (let at = 0; at + 3 < cases.length; at += 3) {
      const some = cases.slice(at, at + 3);
      expect(roundTrip(some)?.map((one) => one.column)).toEqual(some.map((one) => one.column));
    }
  });

  it("that name no column yet are not written", () => {
    const unfinished = { column: "first name", operator: "eq", value: "x", text: true };
    expect(writeQuery({ ...EMPTY, conditions: [unfinished] })).toBe("");
  });
});

function roundTrip(conditions: Condition[]): Condition[] | undefined {
  return readQuery(writeQuery({ ...EMPTY, conditions }))?.conditions;
}
