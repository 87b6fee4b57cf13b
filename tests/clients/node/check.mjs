// Checks that are told one line each, and the exit status that sums them up: as python/check.py.

import { deepStrictEqual } from "node:assert";

const results = [];

// A client that throws where nobody can catch it ends its program, and the checks so far are told.
process.on("uncaughtException", (error) => {
    console.log(`FAIL uncaught: ${error.stack.split("\n").slice(0, 3).join(" ")}`);
    process.exit(1);
});

/** Runs `work`; says `ok name`, or `FAIL name: why` where it threw. */
export async function check(name, work) {
    try {
        await work();
        results.push(true);
        console.log(`ok ${name}`);
    } catch (error) {
        results.push(false);
        const errors = Array.isArray(error) ? error : [error];
        const why = errors.map((one) => `${one?.code ?? ""} ${one?.status ?? ""} ${one?.message ?? JSON.stringify(one)}`).join("; ");
        const place = /(\w+\.mjs:\d+):\d+\)?$/m.exec(errors[0]?.stack?.split("\n").filter((line) => !/check\.mjs/.test(line)).join("\n") ?? "");
        console.log(`FAIL ${name}: ${why.replace(/\s+/g, " ").trim().slice(0, 900)} (${place?.[1] ?? "?"})`);
    }
}

/** Both values in the message, so that the line alone says what is wrong. */
export function equal(got, want) {
    try {
        deepStrictEqual(got, want);
    } catch {
        throw new Error(`got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
    }
}

/** For what is no equality; `otherwise` is shown when it does not hold. */
export function holds(truth, otherwise) {
    if (!truth) throw new Error(typeof otherwise === "string" ? otherwise : JSON.stringify(otherwise));
}

/** The error with which `work` must end. */
export async function raised(work) {
    let value;
    try {
        value = await work();
    } catch (error) {
        return error;
    }
    throw new Error(`nothing was raised, got ${JSON.stringify(value)}`);
}

/** Ends the program: 0 only where something was checked and nothing failed. */
export function finish() {
    const failed = results.filter((result) => !result).length;
    console.log(`${results.length} checks, ${failed} failed`);
    process.exit(failed || results.length === 0 ? 1 : 0);
}
