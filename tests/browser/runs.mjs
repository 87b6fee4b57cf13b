// Runs as people see them: the list, the waterfall of a run that repeated a request, of one that failed and of one that started another
// scenario; a run while it is under way; and the page of an agent.

import { connected } from "./connected.mjs";
import { ask, check, comesTo, emulator, finish, holds, open, pictures, setUp, setup, signIn, visitor } from "./kit.mjs";

const page = await (await visitor({ acceptDownloads: true })).newPage();
await setUp(page, "ann", "a patch panel of 1921");
await connected(page);

/** What goes wrong in the emulator with the next requests for contacts. */
async function faults(...those) {
    for (const fault of those) {
        const body = JSON.stringify({ path: "/api/data/*/contacts", method: "GET", ...fault });
        const headers = { "content-type": "application/json" };
        const answer = await fetch(new URL("/_emulator/faults", emulator.http_url), { method: "POST", headers, body });
        holds(answer.ok, `the emulator refuses the fault: ${await answer.text()}`);
    }
}

const block = (id, block, title, properties, exits) => ({ id, block, title, properties, exits });
const scenario = (name, ...blocks) => ask("PUT", `v1/scenarios/${name}`, {
    patchcord: "1.0", name, title: name, deadline_ms: 60_000, start: blocks[0].id, blocks,
});
const run = (name, variables = {}) => ask("POST", `v1/scenarios/${name}/runs`, { variables, deadline_ms: 60_000 });

const { blocks } = setup.scenario;
const unhandled = blocks.map((one) => ({ ...one, exits: { ...one.exits, failed: undefined } }));
await ask("PUT", "v1/scenarios/identify-caller", setup.scenario);
await scenario("frail", ...unhandled);
await scenario(
    "front-desk",
    block("note", "core.log", "Note the call", { message: "a call of $(item.from)", level: "info" }, { next: "identify" }),
    block("identify", "core.start-scenario", "Identify the caller", { scenario: "identify-caller", result_variable: "found" }, { next: "end" }),
    block("end", "core.exit", "Answer", { result: "$(found)" }),
);
await scenario(
    "patient",
    block("hello", "core.log", "Say hello", { message: "here", level: "info" }, { next: "short" }),
    block("short", "core.wait", "Wait a moment", { milliseconds: 2000 }, { next: "rest" }),
    block("rest", "core.wait", "Wait for the caller", { milliseconds: 50_000 }, { next: "end" }),
    block("end", "core.exit", "Done", { result: "done" }),
);
// Somebody whom the emulator knows; the first contact has a plain number.
await scenario(
    "somebody",
    block("find", "microsoft-dynamics.search-object", "Find", {
        object_type: "contacts", query: "$filter=startswith(mobilephone,'+1')&$select=mobilephone&$top=1", recordset: "Somebody",
    }, { next: "end", no_data: "end" }),
    block("end", "core.exit", "Done", { result: "done", answer: { number: "$(Somebody.mobilephone)" } }),
);
const known = { item: { from: (await run("somebody")).variables.number } };

const tree = page.getByRole("tree", { name: "Steps of the run" });
const row = (name) => tree.getByRole("treeitem", { name });
const details = (name) => page.getByRole("region", { name: `Details of ${name}` });

await check("the waterfall shows what repeated a request, by mouse", async () => {
    await faults({ kind: "status", code: 503 }, { kind: "throttle", limit: "requests", retry_after: 1 });
    const { run: id } = await run("front-desk", known);
    await open(page, `runs/${id}`);
    await row(/^Identify the caller/).waitFor();
    await row(/^Request 1\W+HTTP 503\W+failed/).waitFor();
    await row(/^Request 2\W+HTTP 429\W+failed/).waitFor();
    await row(/^Request 3\W+HTTP 200/).waitFor();
    const call = row(/^query contacts/);
    await call.hover();
    const tip = page.getByRole("tooltip");
    await tip.getByText("Pause before the next request").waitFor();
    await tip.getByText("Wait until the account may send").last().waitFor();
    await call.click();
    const shown = details("query contacts");
    await shown.getByText("contacts?$filter=").waitFor();
    await comesTo(() => shown.getByRole("listitem").count(), 3, "the details do not list three requests");
    await page.mouse.move(0, 0);
    await pictures(page, "run");
});

await check("each bar is reached by keyboard, and its details follow", async () => {
    await tree.focus();
    await page.keyboard.press("Home");
    await details("Note the call").getByText("a call of").waitFor();
    await page.keyboard.press("ArrowDown");
    await details("Identify the caller").waitFor();
    await page.getByRole("tooltip").getByText("Identify the caller").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("tooltip").waitFor({ state: "detached" });
    await page.keyboard.press("ArrowLeft");
    await comesTo(() => tree.getByRole("treeitem").count(), 3, "the step is not folded");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await details("Use the demo account").waitFor();
    const whole = page.getByRole("button", { name: "Whole run" });
    await page.keyboard.press("Enter");
    await comesTo(() => whole.isEnabled(), true, "Enter brings the step no closer");
    await page.keyboard.press("0");
    await comesTo(() => whole.isDisabled(), true, "0 does not show the whole run");
    for (let left = 10; left > 0 && (await details("query contacts").count()) === 0; left -= 1) await page.keyboard.press("ArrowDown");
    const isSelected = async () => {
        const active = await tree.getAttribute("aria-activedescendant");
        return page.locator(`[id="${active}"]`).getAttribute("aria-selected");
    };
    await comesTo(isSelected, "true", "the active row is not the selected one");
});

await check("the same rows as a table", async () => {
    await page.getByRole("tab", { name: "Table" }).click();
    const table = page.getByRole("table", { name: "Steps, host calls and requests" });
    await table.getByRole("button", { name: "Request 2" }).click();
    await details("Request 2").getByText("HTTP 429").waitFor();
});

await check("what can be taken along", async () => {
    const traced = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download trace" }).click();
    holds((await traced).suggestedFilename().startsWith("run-"), "the trace has no name of its own");
    const made = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download test case" }).click();
    holds((await made).suggestedFilename() === "front-desk.test.json", "the test case is called otherwise");
});

await check("a run that failed leads to its replay", async () => {
    await faults({ kind: "dataverse-error", code: "0x80040220", message: "Principal user is missing prvReadContact privilege", status: 403 });
    const { run: id } = await run("frail", known);
    await open(page, "runs");
    const line = page.getByRole("row").filter({ hasText: "frail" });
    const leads = () => line.getByRole("link", { name: /^Replay/ }).getAttribute("href");
    await comesTo(leads, `#/scenarios/frail?replay=${id}`, "the list does not lead to the replay");
    await line.getByRole("link").first().click();
    await page.getByText("Forbidden in the step find").waitFor();
    const replay = page.getByRole("link", { name: "Replay in the designer" });
    await comesTo(() => replay.getAttribute("href"), `#/scenarios/frail?replay=${id}`, "the replay is elsewhere");
    const from = details("Find the caller by number").getByRole("link", { name: "Replay from here" });
    await comesTo(() => from.getAttribute("href"), `#/scenarios/frail?replay=${id}&step=find&visit=1`, "the replay begins elsewhere");
    await row(/^query contacts\W+Forbidden\W+failed/).click();
    await details("query contacts").getByText("0x80040220").waitFor();
    await page.mouse.move(0, 0);
    await pictures(page, "run-failed");
});

await check("a run is followed while it is under way, and cancelled", async () => {
    await open(page, "runs");
    await page.getByRole("row").filter({ hasText: "frail" }).waitFor();
    const answered = run("patient");
    await page.getByRole("button", { name: "1 new run" }).click();
    const table = page.getByRole("table", { name: "Runs under way" });
    await table.getByRole("link").first().click();
    await page.getByText("followed live").waitFor();
    await row(/^Say hello/).waitFor();
    await row(/under way/).waitFor();
    await page.getByRole("button", { name: "Cancel run" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel run" }).click();
    await page.getByText(/^Cancelled in the step/).waitFor();
    holds((await answered).result === "cancelled", "the call was answered otherwise");
    await comesTo(() => page.getByText("Under way").count(), 0, "the run is still shown as under way");
});

await check("the steps of a run are told as they happen", async () => {
    const id = await begun("patient");
    await open(page, `runs/${id}`);
    await row(/^Say hello/).waitFor();
    await row(/^rest\W+under way/).waitFor();
    await row(/^Wait a moment\W+exit next/).waitFor();
    await row(/^rest/).click();
    await details("rest").getByText("core.wait@").waitFor();
    await ask("DELETE", `v1/runs/${id}`);
    await row(/^Wait for the caller\W+Cancelled/).waitFor();
});

/** Begins a run and does not wait for its end. */
async function begun(name) {
    const ending = run(name);
    ending.catch(() => {});
    for (;;) {
        const [first] = await ask("GET", `v1/runs?under_way=true&scenario=${name}`);
        if (first) return first.run;
    }
}

await check("a run of a thousand steps stays quick", async () => {
    const id = "019d3a52-7f0c-7c43-9c5e-4a0f4d6b2a12";
    const trace = JSON.stringify(longRun(id));
    const asked = `**/v1/runs/${id}`;
    await page.route(asked, (route) => route.fulfill({ contentType: "application/json", body: trace }));
    await open(page, `runs/${id}`);
    await row(/^Step 700 .*Time-out/).waitFor();
    holds((await tree.getByRole("treeitem").count()) < 100, "rows are drawn that nobody sees");
    await tree.focus();
    const took = await page.evaluate(async () => {
        const began = performance.now();
        const shown = document.querySelector("[role=tree]");
        for (const key of ["Home", "End", "PageUp", "ArrowUp", "ArrowRight", "+", "+", "-", "0"]) {
            shown.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
            await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
        }
        return performance.now() - began;
    });
    console.log(`   nine keys in a run of 1,000 steps: ${Math.round(took)} ms`);
    holds(took < 3000, `nine keys took ${Math.round(took)} ms`);
    const whole = page.getByRole("button", { name: "Whole run" });
    const overview = page.locator("figure svg[class*=overview]");
    await overview.scrollIntoViewIfNeeded();
    const strip = await overview.boundingBox();
    await page.mouse.move(strip.x + 50, strip.y + 10);
    await page.mouse.down();
    await page.mouse.move(strip.x + 120, strip.y + 10, { steps: 3 });
    await page.mouse.up();
    await comesTo(() => whole.isEnabled(), true, "a stretch drawn in the strip is not shown");
    await whole.click();
    await tree.hover();
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -400);
    await page.keyboard.up("Control");
    await comesTo(() => whole.isEnabled(), true, "the wheel brings nothing closer");
    await whole.click();
    await tree.focus();
    await page.keyboard.press("End");
    await row(/^Step 1000/).waitFor();
    await page.getByRole("button", { name: "Next failure" }).click();
    await row(/^Step 700/).waitFor();
    await page.mouse.move(0, 0);
    await pictures(page, "run-long");
    await page.unroute(asked);
});

/** Forty seconds of everything that a trace can have. */
function longRun(run) {
    const call = { operation: "query", entity_set: "contacts", shape: "contacts?$select=fullname", status: 200, error: null, code: null,
        message: null, requests: 1, bytes_out: 20, bytes_in: 400, stale: false };
    const several = { requests: 2, attempts: [
        { started_us: 0, elapsed_us: 5000, status: null, error: "the connection was lost", pause_us: 4000 },
        { started_us: 9000, elapsed_us: 6000, status: 200, error: null, pause_us: 0 },
    ] };
    const steps = Array.from({ length: 1000 }, (_, index) => {
        const failed = index === 699;
        const failure = failed ? { step: "find", kind: "timeout", message: "the deadline passed" } : null;
        const calls = [
            { ...call, started_us: 1000, elapsed_us: 15000, gate_us: 3000, token_us: 4000 },
            { ...call, started_us: 17000, elapsed_us: 2000, requests: 0, age_ms: 4000 },
            { ...call, started_us: 19500, elapsed_us: 15500, ...several },
        ];
        return { id: "find", block: "microsoft-dynamics.search-object@1.1.0", title: `Step ${index + 1}`, visit: index + 1, exit: failed ? null : "next",
            failure, started_us: index * 40_000, elapsed_us: 36_000, host_calls: calls,
            log: [{ level: "warn", message: "<b>not bold</b>" }], changed: { Caller: { before: [1], after: { fullname: "•••" } } } };
    });
    return { run, scenario: "a-scenario-with-a-long-name-that-goes-on-and-on", version: 12, started_at: "2026-11-26T09:00:00Z", elapsed_ms: 40_000,
        result: "failed", failure: steps[699].failure, screen_pop: null, steps, resumed: 2 };
}

await check("a run that nobody knows says what keeps traces", async () => {
    await open(page, "runs/019d3a52-7f0c-7c43-9c5e-4a0f4d6b2a11");
    await page.getByRole("heading", { name: "There is no trace of this run" }).waitFor();
    await page.getByText("--trace-days").waitFor();
});

await check("a viewer sees runs, and is offered nothing that only designers may do", async () => {
    await ask("POST", "v1/users", { name: "vera", role: "viewer", password: "a patch panel of 1921" });
    const viewer = await (await visitor()).newPage();
    await signIn(viewer, "vera", "a patch panel of 1921");
    await open(viewer, "runs");
    holds((await viewer.getByRole("link", { name: /^Replay/ }).count()) === 0, "a viewer is offered a replay");
    await viewer.getByRole("table", { name: "Runs" }).getByRole("link").first().click();
    await viewer.getByRole("tree").waitFor();
    holds((await viewer.getByText(/Replay|Cancel run|test case/).count()) === 0, "a viewer is offered what a designer does");
    await viewer.context().close();
});

const desk = await visitor();
const agent = await desk.newPage();
const call = { ...known, user: { login: "ann@contoso.example" } };

await check("an agent is shown the record of each call, and it opens", async () => {
    // The emulator has no pages of records: this stands for the one of Dynamics 365.
    await desk.route(/\/main\.aspx/, (route) => route.fulfill({ contentType: "text/html", body: "<title>Record</title>" }));
    await signIn(agent, "vera", "a patch panel of 1921");
    await open(agent, "agent");
    await agent.getByRole("heading", { name: "Who takes the calls?" }).waitFor();
    await agent.getByLabel("Login").fill("Ann@Contoso.example");
    await agent.getByRole("button", { name: "Listen" }).click();
    await agent.getByText("Listening", { exact: true }).waitFor();
    await run("identify-caller", call);
    const pop = agent.getByRole("region", { name: "Screen pop" });
    const href = await pop.getByRole("link", { name: "Open record" }).getAttribute("href");
    holds(/\/main\.aspx\?pagetype=entityrecord&etn=contact&id=/.test(href), `the record is at ${href}`);
    const opening = desk.waitForEvent("page");
    await agent.getByLabel("Open records by themselves").check();
    const record = await opening;
    await agent.evaluate(() => Object.defineProperty(document, "hidden", { configurable: true, value: true }));
    await run("identify-caller", call);
    await record.waitForURL(href);
    await comesTo(() => agent.title(), (title) => title.startsWith("(1) "), "the title does not say that a call came in");
    holds(await record.evaluate(() => window.opener === null), "the record could lead the page of the agent elsewhere");
    await agent.bringToFront();
    await agent.getByRole("table", { name: "Earlier screen pops" }).waitFor();
    await pictures(agent, "agent");
});

await check("an agent who was away is told what came meanwhile, and what is wrong", async () => {
    await agent.goto("about:blank");
    await run("identify-caller", call);
    await desk.route(/\/v1\/agents\//, (route) => route.fulfill({ contentType: "text/html", body: "no server here" }));
    await agent.addInitScript(() => {
        window.open = () => null;
    });
    await open(agent, "agent");
    await agent.getByText("Connection lost").waitFor();
    await desk.unroute(/\/v1\/agents\//);
    await agent.getByText("Listening", { exact: true }).waitFor();
    const earlier = agent.getByRole("table", { name: "Earlier screen pops" });
    await earlier.getByRole("row").nth(2).waitFor();
    await agent.getByText("Allow pop-ups for this page").waitFor();
    await desk.close();
});

await finish();
