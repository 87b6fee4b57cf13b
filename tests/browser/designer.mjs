// A scenario built from an empty canvas, once with the mouse and once with the keyboard alone; both are published and run.
// Then what keeps work from being lost, and what a block that is installed does to the palette.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { connected } from "./connected.mjs";
import { ask, check, comesTo, finish, holds, open, pictures, setUp, setup, visitor } from "./kit.mjs";

const context = await visitor({ permissions: ["clipboard-read", "clipboard-write"] });
const page = await context.newPage();
await setUp(page, "ann", "a patch panel of 1921");
await connected(page);

const known = await someCaller();

/** A number that the emulator's contacts know, once. */
async function someCaller() {
    const { recordset, answer } = await ask("POST", "v1/blocks/microsoft-dynamics.search-object/invoke", {
        properties: { object_type: "contacts", query: "$select=fullname,telephone1&$top=50&$filter=telephone1 ne null", recordset: "Found" },
    }).then((told) => ({ recordset: told, answer: JSON.stringify(told) }));
    const number = /"telephone1":\s*"([^"]+)"/.exec(answer)?.[1];
    holds(number, `no contact has a number: ${answer.slice(0, 300)}`);
    return { number, recordset };
}

const node = (id) => page.locator(`.react-flow__node[data-id="${id}"]`);
const handle = (id, exit) => node(id).locator(`.react-flow__handle[data-handleid="${exit}"]`);
const pane = page.getByRole("complementary", { name: "Properties" });

/** Runs what was published, as a call flow does. */
async function run(name, from) {
    return ask("POST", `v1/scenarios/${name}/runs`, { variables: { "item.from": from }, deadline_ms: 10_000 });
}

async function runsWell(name) {
    const found = await run(name, known.number);
    holds(found.result === "known", `a known caller led to ${JSON.stringify(found)}`);
    holds(typeof found.variables.name === "string" && found.variables.name, `no name in ${JSON.stringify(found)}`);
    const lost = await run(name, "+1 999 555 0000");
    holds(lost.result === "unknown", `an unknown caller led to ${JSON.stringify(lost)}`);
}

// ---- with the mouse

/** Drags a block from the palette to a place on the canvas. */
async function drag(block, x, y) {
    const palette = page.getByRole("complementary", { name: "Palette" });
    const item = palette.getByRole("button", { name: new RegExp(`^Add ${block}\\.`) });
    await item.dragTo(page.locator(".react-flow__pane"), { targetPosition: { x, y } });
}

async function wire(from, exit, to) {
    const ends = [handle(from, exit), handle(to, "in")];
    // Once it has come to rest.
    await ends[0].hover({ trial: true });
    const [start, end] = await Promise.all(ends.map((one) => one.boundingBox()));
    await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
    await page.mouse.down();
    await page.mouse.move(end.x + end.width / 2, end.y + 40, { steps: 8 });
    await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 4 });
    await page.mouse.up();
}

await check("an empty list says what to do, and a new scenario begins with an empty canvas", async () => {
    await open(page, "scenarios");
    await page.getByRole("button", { name: "New scenario" }).first().click();
    const dialog = page.getByRole("dialog", { name: "New scenario" });
    await dialog.getByLabel("Title").fill("Greet by mouse");
    await comesTo(() => dialog.getByLabel("Name").inputValue(), "greet-by-mouse", "no name was made from the title");
    await dialog.getByRole("button", { name: "Create scenario" }).click();
    await page.getByRole("heading", { name: "Greet by mouse", level: 1 }).waitFor();
    await page.getByRole("button", { name: /Problems: \d error/ }).waitFor();
});

// The columns of a table may arrive only when one was typed already.
let sendColumns;
const columnTyped = new Promise((resolve) => (sendColumns = resolve));
await page.route("**/v1/accounts/*/tables/contacts", async (route) => {
    await columnTyped;
    await route.continue();
});

await check("blocks are dragged onto the canvas, and their form is made from their manifest", async () => {
    await drag("Microsoft Dynamics Search Object", 180, 60);
    await node("search-object").waitFor();
    const table = pane.getByRole("combobox", { name: "Object type" });
    await table.click();
    await page.getByRole("option", { name: /^Contact contacts/ }).click();
    await comesTo(() => table.inputValue(), "contacts", "the table was not taken");
    await pane.getByLabel("Recordset name").fill("Caller");
});

await check("the query helper writes OData, with columns and variables to choose from", async () => {
    await pane.getByRole("button", { name: "Query helper" }).click();
    await pane.getByRole("button", { name: "Add condition" }).click();
    await pane.getByLabel("Column of condition 1").fill("business ph");
    sendColumns();
    await page.getByRole("option", { name: /telephone1/ }).first().click();
    await pane.getByLabel("Value of condition 1").pressSequentially("$(item.fr");
    await page.getByRole("option", { name: /^item\.from/ }).click();
    await pane.getByRole("button", { name: "Add column to read" }).click();
    await pane.getByLabel("Column to read 1").fill("fullname");
    const query = pane.getByLabel(/^Query/);
    await comesTo(() => query.inputValue(), "$filter=telephone1 eq '$(item.from)'&$select=fullname", "the query is another");
});

await check("exits are wired with the mouse", async () => {
    await pane.getByRole("button", { name: "Close the Edit pane" }).click();
    await drag("Exit", 120, 330);
    await pane.getByLabel("Result").fill("known");
    await pane.getByRole("button", { name: "Add name" }).click();
    await pane.getByLabel("Name 1", { exact: true }).fill("name");
    await pane.getByLabel("value of name", { exact: true }).fill("$(Caller.fullname)");
    await pane.getByRole("button", { name: "Close the Edit pane" }).click();
    await drag("Exit", 480, 330);
    await pane.getByLabel("Result").fill("unknown");
    await pane.getByRole("button", { name: "Close the Edit pane" }).click();
    await page.getByRole("button", { name: "Fit View" }).click();
    await wire("search-object", "next", "exit");
    await wire("search-object", "no_data", "exit-2");
    await wire("search-object", "failed", "exit-2");
    await page.locator(".react-flow__edge").nth(2).waitFor({ state: "attached" });
    await page.getByText("No problems").waitFor();
    await pictures(page, "designer-by-mouse");
});

await check("a problem shows on its block, at its field and in the list as one types", async () => {
    await node("search-object").click({ position: { x: 80, y: 15 } });
    const query = pane.getByLabel(/^Query/);
    const right = await query.inputValue();
    await query.fill("$filter=telephone1 eq 'x");
    await pane.getByText(/is not closed at character/).waitFor();
    await comesTo(() => query.getAttribute("aria-invalid"), "true", "the field is not marked");
    await node("search-object").getByTitle(/is not closed/).waitFor();
    await pane.getByRole("button", { name: "Close the Edit pane" }).click();
    await page.getByRole("button", { name: "Problems: 1 error" }).click();
    await page.getByRole("list", { name: "Problems" }).getByRole("button", { name: /is not closed/ }).click();
    await query.fill(right);
    await page.getByText("No problems").waitFor();
});

await check("what was done is undone and done again", async () => {
    await node("exit-2").click({ position: { x: 80, y: 15 } });
    await page.locator("main").focus();
    await node("exit-2").press("Delete");
    await node("exit-2").waitFor({ state: "detached" });
    await page.keyboard.press("Control+z");
    await node("exit-2").waitFor();
    await page.keyboard.press("Control+Shift+z");
    await node("exit-2").waitFor({ state: "detached" });
    await page.keyboard.press("Control+z");
    await comesTo(() => page.locator(".react-flow__edge").count(), 3, "undo lost a wire");
});

await check("unsaved changes are guarded", async () => {
    const asked = page.waitForEvent("dialog");
    const leaving = page.getByRole("link", { name: "← Scenarios" }).click();
    await (await asked).dismiss();
    await leaving;
    await page.getByRole("heading", { name: "Greet by mouse", level: 1 }).waitFor();
});

await check("it is published with a note, and answers calls", async () => {
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Publish Greet by mouse" });
    await dialog.getByLabel("Note").fill("the first");
    await dialog.getByRole("button", { name: "Publish" }).click();
    await page.getByText("Version 1 is published").waitFor();
    await runsWell("greet-by-mouse");
    const stored = await ask("GET", "v1/scenarios/greet-by-mouse");
    holds(stored.document.blocks.every((block) => block.position), "the places on the canvas are not kept");
});

// ---- with the keyboard alone

/** Goes on with Tab until something has the focus, as who has no mouse does. */
async function tabTo(target, back = false) {
    for (let count = 0; count < 250; count += 1) {
        const there = await target.evaluateAll((all) => all.includes(document.activeElement));
        if (there) return;
        await page.keyboard.press(back ? "Shift+Tab" : "Tab");
    }
    throw new Error(`Tab does not come to ${target}`);
}

async function press(target, key = "Enter", back = false) {
    await tabTo(target, back);
    await page.keyboard.press(key);
}

async function type(target, text) {
    await tabTo(target);
    await page.keyboard.press("Control+a");
    await page.keyboard.type(text);
}

/** Chooses in a select by typing what the choice begins with. */
async function choose(target, text) {
    await tabTo(target);
    await page.keyboard.type(text);
    const chosen = () => target.evaluate((select) => select.selectedOptions[0].textContent);
    await comesTo(chosen, (shown) => shown.startsWith(text), `${text} was typed, and another is chosen`);
}

const button = (name, exact = false) => page.getByRole("button", { name, exact });

await check("a scenario is built, wired and published without a mouse", async () => {
    await open(page, "scenarios");
    await press(button("New scenario"));
    const dialog = page.getByRole("dialog", { name: "New scenario" });
    await type(dialog.getByLabel("Title"), "Greet by keyboard");
    await press(dialog.getByRole("button", { name: "Create scenario" }));
    await page.getByRole("heading", { name: "Greet by keyboard", level: 1 }).waitFor();

    await press(button(/^Add Microsoft Dynamics Search Object\./));
    await node("search-object").waitFor();
    await type(pane.getByRole("combobox", { name: "Object type" }), "cont");
    await page.getByRole("option", { name: /^Contact contacts/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const query = pane.getByLabel(/^Query/);
    await type(query, "$filter=telephone1 eq '$(item.fr");
    await page.getByRole("option", { name: /^item\.from/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.type("'&$select=fullname");
    await comesTo(() => query.inputValue(), "$filter=telephone1 eq '$(item.from)'&$select=fullname", "the query is another");
    await type(pane.getByLabel("Recordset name"), "Caller");

    // A block that is added is wired to the free exit of the one that is selected.
    await press(button(/^Add Exit\./));
    await node("exit").waitFor();
    await type(pane.getByLabel("Result"), "known");
    await press(pane.getByRole("button", { name: "Add name" }));
    await type(pane.getByLabel("Name 1", { exact: true }), "name");
    await type(pane.getByLabel("value of name", { exact: true }), "$(Caller.fullname)");
    await press(button(/^Add Exit\./));
    await node("exit-2").waitFor();
    await type(pane.getByLabel("Result"), "unknown");
});

await check("blocks are connected and edited by a command, and moved with the arrow keys", async () => {
    await press(node("search-object"), "c");
    const dialog = page.getByRole("dialog", { name: /^Connect/ });
    await choose(dialog.getByLabel("From the exit"), "No Data");
    await choose(dialog.getByLabel("To the block"), "Exit (exit-2)");
    await press(dialog.getByRole("button", { name: "Connect" }));
    await page.locator('.react-flow__edge[data-id="search-object:no_data"]').waitFor({ state: "attached" });
    await press(node("exit-2"), "e");
    await page.locator("#edit-pane:focus").waitFor();
    await press(pane.getByRole("button", { name: "Close the Edit pane" }));
    await node("exit-2").and(page.locator(":focus")).waitFor();
    await press(node("exit-2"));
    const before = await node("exit-2").boundingBox();
    for (let count = 0; count < 6; count += 1) await page.keyboard.press("ArrowRight");
    await comesTo(() => node("exit-2").boundingBox(), (after) => after.x > before.x, "the block was not moved");
});

await check("the list view does the same", async () => {
    await press(button("List", true));
    const list = page.getByRole("list", { name: "Blocks in the order of a run" });
    const first = list.getByRole("listitem").first();
    await choose(first.getByLabel(/^Failed/), "Exit (exit-2)");
    await press(list.getByRole("button", { name: /^Edit/ }).first());
    await type(pane.getByLabel(/^Title/), "Find the caller");
    await list.getByRole("heading", { name: "Find the caller" }).waitFor();
    await page.getByText("No problems").waitFor();
    await pictures(page, "designer-list");
    await page.keyboard.press("Control+s");
    await page.getByText("The draft has been saved.").waitFor();
    await press(button("Publish", true));
    const dialog = page.getByRole("dialog", { name: "Publish Greet by keyboard" });
    await press(dialog.getByRole("button", { name: "Publish" }));
    await page.getByText("Version 1 is published").waitFor();
    await runsWell("greet-by-keyboard");
    await press(button("Canvas", true));
});

await check("a branch of a Switch is an exit as soon as it is named, and lists, numbers and failures have their fields", async () => {
    await open(page, "scenarios");
    await page.getByRole("button", { name: "New scenario" }).click();
    await page.getByRole("dialog").getByLabel("Title").fill("Switch");
    await page.getByRole("button", { name: "Create scenario" }).click();
    await page.getByText("Drag the first block here").waitFor();
    await button(/^Add Switch\./).click();
    await pane.getByLabel("Value", { exact: true }).fill("$(item.queue)");
    await pane.getByRole("button", { name: "Add branch" }).click();
    await pane.getByLabel("Value", { exact: true }).nth(1).fill("vip");
    await pane.getByLabel("Exit", { exact: true }).fill("gold");
    await handle("switch", "gold").waitFor();
    await button(/^Add Exit\./).click();
    await page.locator('.react-flow__edge[data-id="switch:gold"] path').first().waitFor({ state: "attached" });
    await node("switch").click({ position: { x: 80, y: 15 } });
    await pane.getByText("Exits for single kinds of failures").click();
    await pane.getByLabel(/^Invalid request/).selectOption("exit");
    await handle("switch", "invalid_request").waitFor();
    await page.locator('.react-flow__edge[data-id="switch:invalid_request"] path').first().waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Lay out the blocks" }).click();
    // The button is disabled while it saves as well: the answer tells that it has.
    const saved = page.waitForResponse((answer) => answer.request().method() === "PUT" && answer.url().includes("/switch/draft"));
    await page.getByRole("button", { name: "Save draft" }).click();
    await saved;
    const { document } = await ask("GET", "v1/scenarios/switch/draft");
    const [{ exits, properties }] = document.blocks;
    holds(JSON.stringify(exits) === '{"gold":"exit","invalid_request":"exit"}', `the exits are ${JSON.stringify(exits)}`);
    const [branch] = properties.branches;
    holds(branch.value === "vip" && branch.exit === "gold", `kept was ${JSON.stringify(properties)}`);
});

await check("a block that is installed appears in the palette by itself", async () => {
    const item = button(/^Add Microsoft Dynamics Update Object\./);
    await item.waitFor();
    await ask("DELETE", "v1/blocks/microsoft-dynamics.update-object/versions/1.0.0");
    await lookedAt();
    await item.waitFor({ state: "detached" });
    const folder = process.env.PATCHCORD_BLOCKS ?? join(import.meta.dirname, "../../target/blocks");
    const installed = await fetch(new URL("v1/blocks?grant=update", setup.url), {
        method: "POST",
        headers: { authorization: `Bearer ${setup.token}`, "content-type": "application/wasm" },
        body: readFileSync(join(folder, "update-object.wasm")),
    });
    holds(installed.status === 201, `installing was answered ${installed.status}`);
    await lookedAt();
    await item.waitFor();
});

/** Whoever comes back to the window sees at once what is new; otherwise it takes some seconds. */
async function lookedAt() {
    await page.evaluate(() => dispatchEvent(new Event("focus")));
}

// ---- what keeps work from being lost

await check("blocks are copied into another scenario as text", async () => {
    await open(page, "scenarios/greet-by-keyboard");
    await node("exit").click({ position: { x: 80, y: 15 } });
    await node("exit").press("Control+c");
    const text = await page.evaluate(() => navigator.clipboard.readText());
    holds(JSON.parse(text)["patchcord-blocks"][0].properties.result === "known", `copied was ${text}`);
    await open(page, "scenarios/greet-by-mouse");
    await node("exit").click({ position: { x: 80, y: 15 } });
    await page.keyboard.press("Control+v");
    await node("exit-3").waitFor();
});

await check("what somebody else has saved is not overwritten", async () => {
    const { document } = await ask("GET", "v1/scenarios/greet-by-mouse");
    await ask("PUT", "v1/scenarios/greet-by-mouse/draft", { ...document, description: "somebody else's" });
    await page.getByRole("button", { name: "Save draft" }).click();
    const dialog = page.getByRole("dialog", { name: "Somebody else has saved it meanwhile" });
    await dialog.getByLabel("Name of the copy").fill("greet-copy");
    await dialog.getByRole("button", { name: "Keep mine as a copy" }).click();
    await page.waitForURL(/greet-copy$/);
    await node("exit-3").waitFor();
    const theirs = await ask("GET", "v1/scenarios/greet-by-mouse/draft");
    holds(theirs.document.description === "somebody else's", "their draft was overwritten");
});

await check("the history compares versions and goes back to one", async () => {
    await open(page, "scenarios/greet-by-mouse");
    await page.getByRole("button", { name: "History" }).click();
    const dialog = page.getByRole("dialog", { name: "History" });
    await dialog.getByText("the first").waitFor();
    await dialog.getByRole("button", { name: "Compare version 1" }).click();
    const compare = page.getByRole("dialog", { name: "What differs" });
    await compare.getByRole("button", { name: /Settings of the scenario/ }).click();
    await compare.getByText("somebody else's").waitFor();
    await compare.getByRole("button", { name: "Close" }).first().click();
    await dialog.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
    await page.getByText("Version 2 is published").waitFor();
    await page.getByRole("button", { name: "History" }).click();
    await page.getByRole("button", { name: "Go back to version 1" }).click();
    await page.getByRole("button", { name: "Publish it again" }).click();
    await page.getByText("as version 3").waitFor();
});

await check("an example is a beginning, and every form is laid out", async () => {
    await open(page, "scenarios");
    await page.getByRole("button", { name: "New scenario" }).click();
    const dialog = page.getByRole("dialog", { name: "New scenario" });
    await dialog.getByLabel("Title").fill("Identify");
    await dialog.getByLabel("Begin with").selectOption("identify-caller");
    await dialog.getByRole("button", { name: "Create scenario" }).click();
    await page.getByText("No problems").waitFor();
    await node("find").click({ position: { x: 80, y: 15 } });
    await pane.getByRole("button", { name: "Query helper" }).click();
    await pictures(page, "designer");
    await open(page, "scenarios");
    await page.getByRole("table").waitFor();
    await pictures(page, "scenarios");
});

await check("what was exported is imported as a draft", async () => {
    const bundle = await ask("GET", "v1/export?scenario=greet-by-keyboard");
    await page.getByRole("button", { name: "Import" }).click();
    const dialog = page.getByRole("dialog", { name: "Import scenarios" });
    const buffer = Buffer.from(JSON.stringify(bundle));
    await dialog.getByLabel("File").setInputFiles({ name: "greet.json", mimeType: "application/json", buffer });
    await dialog.getByText("Version 1 is here").waitFor();
    await dialog.getByRole("button", { name: "Import as drafts" }).click();
    await dialog.getByRole("link", { name: "greet-by-keyboard" }).click();
    await page.getByRole("heading", { name: "Greet by keyboard", level: 1 }).waitFor();
    await page.getByText("Draft", { exact: true }).waitFor();
});

await finish();
