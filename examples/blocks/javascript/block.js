// Greet Caller: looks a caller up among the contacts and leaves a greeting.
import { log } from "patchcord:block/call@1.1.0";
import { find } from "patchcord:block/phone@1.1.0";

const PROPERTIES = {
  type: "object",
  properties: {
    number: {
      type: "string",
      description: "The caller's number in any notation, such as `$(item.from)`.",
      "x-patchcord-kind": "text",
    },
    greeting: {
      type: "string",
      description: "The variable that receives the greeting.",
      "x-patchcord-kind": "variable-name",
    },
  },
  required: ["number", "greeting"],
  additionalProperties: false,
  "x-patchcord-tables": ["contacts"],
};

const CONTACTS = {
  entitySet: "contacts",
  columns: ["telephone1", "mobilephone"],
  select: ["fullname"],
  activeOnly: true,
};

/** What this block is, and what it may do. */
export function describe() {
  return {
    id: "example.greet-caller-javascript",
    version: "0.1.0-dev",
    title: "Greet Caller",
    category: "Examples",
    description: "Looks a caller up among the contacts and leaves a greeting.",
    icon: "phone",
    properties: JSON.stringify(PROPERTIES),
    exits: [{ id: "no_data", title: "No Data", description: "Nobody has this number." }],
    outputs: [{ property: "greeting", kind: "variable", description: "The greeting." }],
    operations: ["query"],
    selectsAccount: false,
    popsScreen: false,
  };
}

/** Does the work. What `find` throws is an error of Dynamics 365, and leaves the step by `failed`. */
export function run(text) {
  const { number, greeting } = JSON.parse(text);
  const { verdict, records } = lookUp(number);
  if (verdict === "no-number" || verdict === "nobody") {
    log("info", "nobody has this number");
    return { exit: "no_data", effects: [] };
  }
  log("info", `${records.count()} contact(s) have this number`);
  const name = verdict === "one" ? JSON.parse(records.column(0, "fullname") ?? "null") : null;
  const value = JSON.stringify(name ? `Hello, ${name}!` : "Hello!");
  return { effects: [{ tag: "set-variable", val: { name: greeting, value } }] };
}

function lookUp(number) {
  try {
    return find(number, [CONTACTS], 2, { annotations: false, share: true });
  } catch (error) {
    throw { tag: "dynamics", val: error.payload ?? error };
  }
}
