// The dashboard: what it shows equals what the API counts, of calls that were answered, that failed and that were throttled.

import { connected } from "./connected.mjs";
import { ask, check, comesTo, emulator, finish, holds, open, pictures, setUp, visitor } from "./kit.mjs";

/** Tells the emulator. */
async function emulate(path, body) {
    const answer = await fetch(`${emulator.http_url}/_emulator/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
    });
    holds(answer.ok, `${path} answered ${answer.status}: ${await answer.text()}`);
}

const scenario = (name, block) => ({
    patchcord: "1.0",
    name,
    start: "find",
    blocks: [
        { id: "find", exits: { next: "end", ...block.exits }, block: block.block, properties: block.properties },
        { id: "end", block: "core.exit", properties: { result: "done" } },
    ],
});
const search = { object_type: "contacts", query: "$top=1", recordset: "Found" };
const dealtWith = { no_data: "end", failed: "end" };
const FIND = "microsoft-dynamics.search-object";

/** Asks for a scenario. */
const call = (name, deadline_ms = 10_000) =>
    ask("POST", `v1/scenarios/${name}/runs`, { variables: {}, deadline_ms });

const page = await (await visitor()).newPage();
const statistics = (minutes = 60) => ask("GET", `v1/statistics?minutes=${minutes}`);
/** What stands under a name among the numbers above. */
const tile = (name) => page.locator("dl > div", { hasText: name }).locator("dd");

await check("who signs in comes to the dashboard, and an empty one says what to do", async () => {
    await setUp(page, "ann", "a patch panel of 1921");
    await page.getByRole("heading", { name: "Dashboard", level: 1 }).waitFor();
    const first = page.getByRole("navigation", { name: "Console" }).getByRole("listitem").first();
    await comesTo(async () => (await first.innerText()).trim(), "Dashboard", "another place is the first");
    await page.getByRole("heading", { name: "No call in the last hour" }).waitFor();
    await page.getByText("There is no integration account.").waitFor();
    await pictures(page, "dashboard-empty");
});

let failed;

await check("calls, failures and head-room are what the API tells", async () => {
    await emulate("limits", { mode: "documented" });
    await connected(page);
    await ask("PUT", "v1/scenarios/greet", scenario("greet", { block: FIND, properties: search, exits: dealtWith }));
    await ask("PUT", "v1/scenarios/ask", scenario("ask", { block: FIND, properties: search, exits: { no_data: "end" } }));
    const wrong = { ...search, query: "$filter=no_such_column eq 1" };
    await ask("PUT", "v1/scenarios/wrong", scenario("wrong", { block: FIND, properties: wrong, exits: { no_data: "end" } }));
    for (let calls = 0; calls < 8; calls += 1) await call("greet");
    for (let calls = 0; calls < 3; calls += 1) failed = await call("wrong");
    await emulate("faults", { route: "api", kind: "throttle", limit: "requests", retry_after: 120 });
    // The wait is longer than the deadline allows: one run fails of it, the other has an exit for it.
    await call("ask", 5_000);
    await call("greet", 5_000);

    await open(page, "dashboard?minutes=15");
    const told = await statistics();
    holds(told.calls.count === 13 && told.calls.failed === 4, `the API counts ${JSON.stringify(told.calls)}`);
    await page.getByText("4 of 13 calls failed").waitFor();
    await comesTo(async () => (await tile("Failure rate").first().innerText()).trim(), "31 %", "the failure rate is another");
    const kinds = page.getByRole("table", { name: "Failures by kind" });
    const steps = told.blocks.find(({ block }) => block.startsWith(FIND)).failures;
    holds(steps.invalid_request === 3 && steps.throttled === 2, `the API counts ${JSON.stringify(steps)}`);
    await kinds.getByRole("row", { name: "Invalid request 3 3" }).waitFor();
    await kinds.getByRole("row", { name: "Throttled 2 1" }).waitFor();
    for (const { scenario, count, failed } of told.scenarios) {
        const row = page.getByRole("table", { name: "Calls by scenario" }).getByRole("row", { name: scenario });
        const counted = ([, calls, failures]) => calls === String(count) && failures.split(" ")[0] === String(failed);
        await comesTo(() => row.getByRole("cell").allInnerTexts(), counted, `${scenario} is counted otherwise`);
    }
    const [account] = told.accounts;
    const left = `${Math.floor(account.requests.remaining).toLocaleString("en")} of 6,000 left`;
    await page.getByText(left).waitFor();
    await page.getByText("0 of 52 in use").waitFor();
    await page.getByText("Refused as too much (429) in this time: 1 for requests.").waitFor();
    await page.getByText("Dynamics 365 asks it to wait until").waitFor();
    await comesTo(async () => (await tile("Accounts needing action").first().innerText()).trim(), "1", "not one account needs something");
});

await check("what it shows is renewed while it is seen", async () => {
    await call("wrong");
    await page.getByText("5 of 14 calls failed").waitFor();
});

await check("a plot is read point by point, by keyboard and by mouse, and as a table", async () => {
    const plot = page.getByRole("slider", { name: "Calls per minute" });
    await plot.focus();
    const points = Number(await plot.getAttribute("aria-valuemax")) + 1;
    const read = async () => {
        let counted = 0;
        await page.keyboard.press("Home");
        for (let point = 0; point < points; point += 1) {
            await comesTo(() => plot.getAttribute("aria-valuenow"), String(point), "an arrow does not go on by a point");
            const text = await plot.getAttribute("aria-valuetext");
            counted += [...text.matchAll(/(?:Answered|Cancelled|Failed) (\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
            await page.keyboard.press("ArrowRight");
        }
        return counted;
    };
    // Where a minute ends meanwhile, each point moves by one: then they are read once more.
    const counted = [await read(), await read()];
    holds(points === 15 && counted.includes(14), `${points} points show ${counted} calls`);
    const { width, height } = await plot.boundingBox();
    await plot.hover({ position: { x: width - 30, y: height / 2 } });
    await plot.getByText("so far").waitFor();
    const latency = page.getByRole("slider", { name: "Time from the call to the answer" });
    await latency.focus();
    await page.keyboard.press("Home");
    await comesTo(() => latency.getAttribute("aria-valuetext"), (text) => text.endsWith("No call ended."), "where no call ended there is a time");
    await page.keyboard.press("Escape");
    await page.getByText("Numbers of the plots").click();
    const rows = page.getByRole("table", { name: "Calls per minute" }).getByRole("row");
    const isAll = (calls) => calls.reduce((sum, text) => sum + Number(text), 0) === 14;
    await comesTo(() => rows.locator("td:nth-child(2)").allInnerTexts(), isAll, "the table shows other calls");
    await page.getByText("Numbers of the plots").click();
});

await check("the rows of a table are sorted as somebody wants them", async () => {
    const table = page.getByRole("table", { name: "Calls by scenario" });
    const names = () => table.locator("tbody td:first-child").allInnerTexts();
    await comesTo(async () => (await names()).join(), "greet,wrong,ask", "at first they stand otherwise");
    await table.getByRole("button", { name: "Scenario" }).click();
    await comesTo(async () => (await names()).join(), "ask,greet,wrong", "by name they stand otherwise");
    await table.getByRole("button", { name: "Failed" }).press("Enter");
    await comesTo(async () => (await names())[0], "wrong", "by failures another is the first");
    const sorted = table.getByRole("columnheader", { name: "Failed" });
    await comesTo(() => sorted.getAttribute("aria-sort"), "descending", "the header does not say how it is sorted");
});

await check("pictures of it", async () => {
    await pictures(page, "dashboard");
});

await check("another time is chosen, and stays in the address", async () => {
    await page.getByLabel("Time", { exact: true }).selectOption("Last 24 hours");
    await page.getByRole("slider", { name: "Calls per 15 minutes" }).waitFor();
    await comesTo(() => page.url(), (url) => url.endsWith("#/dashboard?minutes=1440"), "the address is another");
    await page.getByText("5 of 14 calls failed").waitFor();
    await page.reload();
    await page.getByRole("slider", { name: "Calls per 15 minutes" }).waitFor();
});

await check("a last error leads to its run, and all of them to the runs that failed", async () => {
    const errors = page.locator("section", { has: page.getByRole("heading", { name: "Last errors" }) });
    await errors.locator(`a[href="#/runs/${failed.run}"]`).click();
    await page.waitForURL(`**/#/runs/${failed.run}`);
    await page.goBack();
    await page.getByRole("link", { name: "All failed runs" }).click();
    await page.waitForURL("**/#/runs?failure=any");
    const rows = page.getByRole("table", { name: "Runs" }).locator("tbody tr");
    await rows.nth(4).waitFor();
    await comesTo(() => rows.count(), 5, "other runs are said to have failed");
    await comesTo(() => page.getByLabel("Failure").inputValue(), "any", "the search does not say what is sought");
});

await check("an account without consent is told with the way to it", async () => {
    const lost = await ask("POST", "v1/accounts", {
        name: "Not consented",
        client_id: emulator.client_id,
        client_secret: emulator.client_secret,
        authorization_url: emulator.authorization_url,
        token_url: emulator.token_url,
        api_url: emulator.api_url,
    });
    await open(page, "dashboard");
    const needing = page.locator("section", { has: page.getByRole("heading", { name: "Accounts needing action" }) });
    await needing.getByText("Consent required", { exact: true }).waitFor();
    await needing.getByRole("link", { name: "Not consented" }).click();
    await page.waitForURL(`**/#/accounts/${lost.id}`);
});

await finish();
