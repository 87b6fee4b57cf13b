// A scenario is tried in the designer: dry and for real, once more from a step, by mouse and by keyboard. A run that failed
// is replayed by its address, mended on the canvas, and replayed again.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { connected } from "./connected.mjs";
import { ask, check, comesTo, emulator, finish, holds, open, pictures, setUp, setup, signIn, visitor } from "./kit.mjs";

const page = await (await visitor({ permissions: ["clipboard-read", "clipboard-write"] })).newPage();
await setUp(page, "ann", "a patch panel of 1921");
await connected(page);

const example = join(import.meta.dirname, "../../examples/scenarios/open-case.json");
const document = JSON.parse(readFileSync(example, "utf8"));
// A case that cannot be opened ends the run: that is what is to be mended.
delete document.blocks.find((block) => block.id === "open").exits.failed;
await ask("PUT", "v1/scenarios/open-case", document);

const query = (table, text) =>
    ask("POST", "v1/blocks/microsoft-dynamics.search-object/invoke", {
        properties: { object_type: table, query: text, recordset: "Found" },
    }).then((told) => JSON.stringify(told));
const number = /"telephone1":\s*"([^"]+)"/.exec(
    await query("contacts", "$select=telephone1&$top=20&$filter=telephone1 ne null"),
)?.[1];
holds(number, "no contact has a number");
const isOpen = async (title) => (await query("incidents", `$select=title&$filter=title eq '${title}'`)).includes(title);

async function fault(rule) {
    const answer = await fetch(new URL("/_emulator/faults", emulator.api_url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(rule),
    });
    holds(answer.ok, `the emulator answered ${answer.status}: ${await answer.text()}`);
}

const node = (id) => page.locator(`.react-flow__node[data-id="${id}"]`);
const wire = (id) => page.locator(`.react-flow__edge[data-id="${id}"]`);
const panel = page.getByRole("region", { name: "Run", exact: true });
const steps = panel.getByRole("list", { name: "Steps" });
const details = panel.getByRole("region", { name: "Details" });
const pane = page.getByRole("complementary", { name: "Properties" });
const stepOf = (title) => steps.getByRole("button", { name: new RegExp(`^${title}`) });

/** Waits until a node says this of the trial. */
async function stands(id, how) {
    await page.locator(`.react-flow__node[data-id="${id}"][aria-label*="in the trial: ${how}"]`).waitFor();
}

/** Waits until the document has been checked: it is as it was published, with the exit that is not wired. */
async function checked() {
    await page.getByRole("button", { name: "Problems: 1 warning" }).waitFor();
}

/** Goes elsewhere and loses what is on the canvas. */
async function leave() {
    page.once("dialog", (dialog) => dialog.accept());
    await open(page, "accounts");
}

/** Waits until the trial has ended so. */
async function ended(how) {
    await panel.getByRole("status").filter({ hasText: how }).waitFor();
}

await check("the Run panel asks for what the scenario reads", async () => {
    await open(page, "scenarios/open-case");
    await checked();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await panel.getByLabel("item.from", { exact: true }).fill(number);
    await panel.getByLabel("subject", { exact: true }).fill("Tried and not opened");
    await panel.getByRole("button", { name: "Add variable" }).click();
    await panel.getByLabel("Name of a variable").fill("item.tries");
    await panel.getByLabel("Value of item.tries").fill("[1, 2");
    await panel.getByLabel("Kind of item.tries").selectOption("json");
    await panel.getByRole("button", { name: "Run", exact: true }).click();
    await panel.getByText("This is no JSON").waitFor();
    await panel.getByLabel("Value of item.tries").fill("[1, 2]");
});

await check("the path lights up on the canvas while it is walked", async () => {
    await fault({ kind: "latency", ms: 1200, path: "*contacts*", method: "GET" });
    await panel.getByRole("button", { name: "Run", exact: true }).click();
    await stands("find", "Running");
    await stands("account", "Done");
    await ended("Ended: opened");
    for (const id of ["find", "found", "open", "opened"]) await stands(id, "Done");
    for (const id of ["make", "unavailable"]) await stands(id, "Not reached");
    const taken = (id) => wire(id).evaluate((edge) => edge.classList.contains("taken"));
    await comesTo(() => taken("find:next"), true, "the wire that was taken is not marked");
    holds(!(await taken("find:no_data")), "a wire that was not taken is marked");
    await comesTo(() => steps.getByRole("button").count(), 6, "five steps and the result are other buttons");
});

await check("a step shows its values, and what it asked Dynamics 365", async () => {
    await stepOf("Find the caller by number").click();
    const asked = details.getByRole("region", { name: "Asked Dynamics 365" });
    await asked.getByText("HTTP 200").waitFor();
    await asked.getByText(/GET contacts\?/).waitFor();
    await details.getByText("Left by Next.").waitFor();
    const changed = details.getByRole("region", { name: "Variables" });
    await changed.getByText("Caller", { exact: true }).waitFor();
    await pane.getByRole("heading", { name: "Find the caller by number" }).waitFor();
});

await check("a dry run shows the request that was not sent", async () => {
    await pane.getByRole("button", { name: "Close the Edit pane" }).click();
    await stepOf("Open the case").click();
    const unsent = details.getByRole("region", { name: "Would have been sent" });
    await unsent.getByText(/\/incidents/).first().waitFor();
    await unsent.getByText('"title": "Tried and not opened"').waitFor();
    await unsent.getByRole("button", { name: "Copy the request of Open the case" }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    holds(/^(POST|PATCH) http/.test(copied) && copied.includes("content-type"), `copied was ${copied}`);
    holds(!/authorization/i.test(copied), "the token was shown");
    holds(!(await isOpen("Tried and not opened")), "a case was opened");
    await pane.getByRole("button", { name: "Close the Edit pane" }).click();
    await pictures(page, "designer-run", { whole: false });
});

await check("it goes on from a step, in what has been edited meanwhile", async () => {
    await node("open").click({ position: { x: 80, y: 15 } });
    await pane.getByLabel("value of title", { exact: true }).fill("Edited: $(subject)");
    await details.getByRole("heading", { name: "Open the case" }).waitFor();
    await details.getByRole("button", { name: "Run again from here" }).click();
    await ended("Ended: opened");
    await steps.getByRole("button", { name: /^Find the caller by number.*recorded/ }).waitFor();
    await stepOf("Result").click();
    await details.getByRole("region", { name: "1 request was not sent" }).getByText(/Edited: Tried/).waitFor();
    // From a step that the last trial did not walk itself.
    await stepOf("Find the caller by number").click();
    await details.getByRole("button", { name: "Run again from here" }).click();
    await ended("Ended: opened");
    await stepOf("Use the demo account").and(page.getByRole("button", { name: /recorded/ })).waitFor();
    await steps.getByRole("button", { name: /^Find the caller by number(?!.*recorded)/ }).waitFor();
});

await check("it really writes where it is asked to, and says what", async () => {
    await panel.getByLabel("subject", { exact: true }).fill("Really opened");
    await panel.getByLabel("Writes").selectOption("Really write");
    await panel.getByText("Open the case (incidents)").waitFor();
    await panel.getByRole("button", { name: "Run and really write" }).click();
    await ended("Ended: opened");
    await details.getByText("was really written").waitFor();
    holds(await isOpen("Edited: Really opened"), "no case was opened");
    await panel.getByLabel("Writes").selectOption("Dry run: shown, not sent");
});

await check("a trial becomes a test case, which is kept with the scenario", async () => {
    await details.getByRole("button", { name: "Make this a test case" }).click();
    const dialog = page.getByRole("dialog", { name: "Make a test of it" });
    await dialog.getByLabel("What the test shows").fill("a caller who is known gets a case");
    await dialog.getByRole("button", { name: "Keep the test" }).click();
    await page.getByText("The test is kept with open-case").waitFor();
    const { cases } = await ask("GET", "v1/scenarios/open-case/cases");
    holds(cases.length === 1 && cases[0].expect.result === "opened", `kept was ${JSON.stringify(cases)}`);
});

await check("what keeps it from running leads to its place", async () => {
    await node("find").click({ position: { x: 80, y: 15 } });
    const query = pane.getByLabel(/^Query/);
    const right = await query.inputValue();
    await query.fill("$filter=telephone1 eq 'x");
    await node("find").press("Control+Enter");
    await panel.getByText("This cannot run yet").waitFor();
    await pane.getByRole("button", { name: "Close the Edit pane" }).click();
    await panel.getByRole("list", { name: "What keeps it from running" }).getByRole("button").first().click();
    await query.fill(right);
    await checked();
});

await check("a trial that takes long can be stopped", async () => {
    await fault({ kind: "latency", ms: 9000, path: "*contacts*", method: "GET" });
    await panel.getByRole("button", { name: "Run", exact: true }).click();
    await stands("find", "Running");
    await panel.getByRole("button", { name: "Stop" }).click();
    await ended("cancelled");
    await panel.getByRole("button", { name: "Close the Run panel" }).click();
    await comesTo(() => page.locator('[aria-label*="in the trial"]').count(), 0, "the canvas still shows the trial");
});

// ---- a call that failed

let failed;

await check("a run that failed is replayed in the designer, by its address", async () => {
    await fault({ kind: "dataverse-error", code: "0x80040265", status: 400, message: "a plug-in refused", path: "*incidents*" });
    const variables = { "item.from": number, subject: "Refused" };
    failed = await ask("POST", "v1/scenarios/open-case/runs", { variables, deadline_ms: 10_000 });
    holds(failed.result === "failed", `the call ended in ${JSON.stringify(failed)}`);
    await leave();
    await open(page, `scenarios/open-case?replay=${failed.run}`);
    await stands("open", "Failed");
    await details.getByText("A plug-in refused.", { exact: true }).waitFor();
    await panel.getByText("Replay of a call").waitFor();
    const chosen = () => steps.getByRole("button", { pressed: true }).textContent();
    await comesTo(chosen, (step) => step.includes("Open the case"), "the failed step is not chosen");
    await pictures(page, "designer-replay", { whole: false });
});

await check("it is mended on the canvas and replayed from there, asking nobody", async () => {
    await details.getByRole("button", { name: "Edit this block" }).click();
    await pane.getByLabel(/^Failed/).selectOption("unavailable");
    await panel.getByText("on the canvas is a draft made from version 1").waitFor();
    await panel.getByLabel("Answers of Dynamics 365").selectOption("As recorded, nothing else");
    await details.getByRole("button", { name: "Replay from here" }).click();
    await ended("Ended: unavailable");
    await stands("open", "Failed, went on");
    await stands("unavailable", "Done");
    await wire("open:failed").and(page.locator(".taken")).waitFor({ state: "attached" });
});

await check("what was not recorded is told in a sentence", async () => {
    await node("find").click({ position: { x: 80, y: 15 } });
    const query = pane.getByLabel(/^Query/);
    await query.fill((await query.inputValue()).replace("$top=1", "$top=2"));
    await panel.getByRole("button", { name: "Replay from the beginning" }).click();
    await ended("Ended: unavailable");
    await stepOf("Result").click();
    const told = details.getByRole("region", { name: "Asked and not recorded" });
    await told.getByText("It asked query contacts otherwise than the call did.").waitFor();
    await panel.getByLabel("Answers of Dynamics 365").selectOption("As recorded; read what was not");
    await panel.getByRole("button", { name: "Replay from the beginning" }).click();
    await stands("open", "Failed, went on");
    await told.waitFor();
});

// ---- with the keyboard alone

await check("it is run and looked at without a mouse", async () => {
    await leave();
    await open(page, "scenarios/open-case");
    await checked();
    await page.keyboard.press("Control+Enter");
    const from = panel.getByLabel("item.from", { exact: true });
    await from.waitFor();
    for (let count = 0; count < 150; count += 1) {
        if (await from.evaluate((field) => field === window.document.activeElement)) break;
        await page.keyboard.press("Tab");
    }
    await comesTo(() => from.inputValue(), number, "the sample values are not kept");
    await page.keyboard.press("Control+a");
    await page.keyboard.type("+1 999 555 0000");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Somebody New");
    await page.keyboard.press("Control+Enter");
    await ended("Ended: opened");
    const step = stepOf("Make a contact");
    for (let count = 0; count < 60; count += 1) {
        if (await step.evaluate((button) => button === window.document.activeElement)) break;
        await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await details.getByRole("region", { name: "Would have been sent" }).waitFor();
    await page.getByRole("button", { name: "List", exact: true }).press("Enter");
    const list = page.getByRole("list", { name: "Blocks in the order of a run" });
    await list.getByRole("listitem").filter({ hasText: "Use the contact found" }).getByText("Not reached").waitFor();
    await list.getByRole("listitem").filter({ hasText: "Make a contact" }).getByText("Done").first().waitFor();
});

await check("a viewer is offered no trial", async () => {
    await ask("POST", "v1/users", { name: "vera", role: "viewer", password: "a patch panel of 1921" });
    const other = await (await visitor()).newPage();
    await signIn(other, "vera", "a patch panel of 1921");
    await open(other, `scenarios/open-case?replay=${failed.run}`);
    await other.locator(".react-flow__node").first().waitFor();
    holds((await other.getByRole("button", { name: "Run", exact: true }).count()) === 0, "a viewer sees Run");
    await other.keyboard.press("Control+Enter");
    holds((await other.getByRole("region", { name: "Run", exact: true }).count()) === 0, "a viewer sees the panel");
});

await finish();
