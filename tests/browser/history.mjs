// The history of a scenario: what differs between any two of its versions, its draft and what is on the canvas, as a picture
// and as a list; the way back; and scenarios on their way to another host, looked at before anything is done.

import { readFileSync } from "node:fs";

import { ask, check, comesTo, finish, holds, open, pictures, setUp, setup, visitor } from "./kit.mjs";

const context = await visitor({ acceptDownloads: true });
const page = await context.newPage();
await setUp(page, "ann", "a patch panel of 1921");

const exit = (id, result, x, y, more = {}) => ({
    id,
    block: "core.exit",
    position: { x, y },
    properties: { result, ...more },
});

/** A scenario that greets callers; what is given takes the place of what is usual. */
function greet({ find = {}, query = "", blocks = [], ...rest }) {
    return {
        patchcord: "1.0",
        name: "greet",
        title: "Greet callers",
        start: "set",
        blocks: [
            {
                id: "set",
                block: "core.set-variable",
                position: { x: 120, y: 0 },
                properties: { variable: "greeting", value: "Good morning" },
                exits: { next: "find", failed: "failed" },
                ...find,
            },
            {
                id: "find",
                block: "microsoft-dynamics.search-object",
                account: "Sales",
                position: { x: 120, y: 160 },
                properties: {
                    object_type: "contacts",
                    query: query || "$filter=telephone1 eq '$(item.from)'&$select=fullname&$top=5",
                    recordset: "Caller",
                },
                exits: { next: "known", no_data: "unknown", failed: "failed" },
            },
            ...blocks,
        ],
        ...rest,
    };
}

await ask("POST", "v1/accounts", {
    name: "Sales",
    default: true,
    client_id: "4d1a1a1c-0000-4000-8000-000000000001",
    client_secret: "not-used-here",
    authorization_url: setup.emulator.authorization_url,
    token_url: setup.emulator.token_url,
    api_url: setup.emulator.api_url,
});
const first = greet({
    description: "Says good morning.",
    blocks: [exit("known", "known", 0, 340), exit("unknown", "unknown", 240, 340), exit("failed", "failed", 480, 340)],
});
const second = greet({
    description: "Says good morning, and asks who it is.",
    find: { title: "Say hello", properties: { variable: "greeting", value: "Good morning, $(item.from)" } },
    query: "$filter=telephone1 eq '$(item.from)' or mobilephone eq '$(item.from)'&$select=fullname,emailaddress1&$top=5",
    blocks: [
        exit("known", "known", 0, 400),
        {
            id: "note",
            block: "core.set-variable",
            title: "Remember the number",
            position: { x: 240, y: 340 },
            properties: { variable: "number", value: "$(item.from)" },
            exits: { next: "lost", failed: "lost" },
        },
        exit("lost", "unknown", 240, 500, { answer: { number: "$(number)" } }),
        exit("failed", "failed", 480, 340),
    ],
});
second.blocks[1].exits.no_data = "note";
await ask("PUT", "v1/scenarios/greet?note=the%20first", first);
await ask("PUT", "v1/scenarios/greet?note=asks%20who%20it%20is", second);

/** What was exported with its blocks. */
let zip;

const history = page.getByRole("dialog", { name: "History" });
const compare = page.getByRole("dialog", { name: "What differs" });
const list = compare.getByRole("list", { name: "What differs" });
const node = (id) => compare.locator(`.react-flow__node[data-id="${id}"]`);

await check("two versions are compared as a picture with a list beside it", async () => {
    await open(page, "scenarios/greet");
    await page.getByRole("button", { name: "History" }).click();
    await history.getByText("asks who it is").waitFor();
    await history.getByRole("button", { name: "Compare version 1" }).click();
    await node("note").getByText("Added", { exact: true }).waitFor();
    await node("unknown").getByText("Removed", { exact: true }).waitFor();
    await node("set").getByText("Changed", { exact: true }).waitFor();
    await node("known").getByText("Moved", { exact: true }).waitFor();
    holds((await node("failed").getByText(/Added|Removed|Changed|Moved/).count()) === 0, "what is the same has a mark");
    await compare.locator('.react-flow__edge[data-id="find:no_data"]').getByText("+ No Data").waitFor();
    await compare.locator('.react-flow__edge[data-id="removed find:no_data"]').getByText("− No Data").waitFor();
});

await check("a block that is chosen shows what it was and what it is, with the changed part marked", async () => {
    await node("find").click({ position: { x: 80, y: 15 } });
    const entry = list.getByRole("listitem").filter({ has: page.getByRole("button", { name: /Search Object/, expanded: true }) });
    await entry.locator("ins", { hasText: "mobilephone" }).waitFor();
    await comesTo(() => entry.getByText(/^(Was|Is): /).count(), 4, "the query has other lines that differ");
    await entry.getByText("No Data → Remember the number").waitFor();
    await pictures(page, "history-diff", { whole: false });
});

await check("the list alone says the same, to the keyboard too", async () => {
    await compare.getByRole("button", { name: "List", exact: true }).click();
    const settings = list.getByRole("button", { name: /Settings of the scenario/ });
    await settings.focus();
    await page.keyboard.press("Enter");
    await list.locator("ins", { hasText: "asks who it is" }).waitFor();
    await list.getByText("Elsewhere on the canvas.").waitFor();
    await page.keyboard.press("Escape");
    await compare.waitFor({ state: "detached" });
    holds(await history.isVisible(), "Escape closes more than one window");
});

await check("what is on the canvas is compared before it is saved, and from Publish", async () => {
    await history.getByRole("button", { name: "Close" }).click();
    await page.locator('.react-flow__node[data-id="failed"]').click({ position: { x: 80, y: 15 } });
    await page.getByRole("complementary", { name: "Properties" }).getByLabel("Result").fill("lost");
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    const publish = page.getByRole("dialog", { name: "Publish Greet callers" });
    await publish.getByRole("button", { name: "What changes" }).click();
    await comesTo(() => compare.getByLabel("To", { exact: true }).inputValue(), "canvas", "it is not compared with what is on the canvas");
    await node("failed").click({ position: { x: 80, y: 15 } });
    await list.locator("del, [class*=removedLine]", { hasText: "failed" }).first().waitFor();
    await compare.getByRole("button", { name: "Close" }).first().click();
    await publish.getByRole("button", { name: "Cancel" }).click();
});

await check("any two are compared, and from there one goes back to a version", async () => {
    await page.getByRole("button", { name: "Save draft" }).click();
    await page.getByText("The draft has been saved.").waitFor();
    await page.getByRole("button", { name: "History" }).click();
    await history.getByRole("button", { name: "Compare version 1" }).click();
    await compare.getByLabel("To", { exact: true }).selectOption("1");
    await compare.getByText("Nothing differs.").waitFor();
    await compare.getByLabel("To", { exact: true }).selectOption("2");
    await node("note").waitFor();
    await compare.getByRole("button", { name: "Go back to version 1" }).click();
    await page.getByRole("button", { name: "Publish it again" }).click();
    await page.getByText("as version 3").waitFor();
    const { document } = await ask("GET", "v1/scenarios/greet");
    holds(document.blocks.some(({ id }) => id === "unknown"), "calls do not get the first version");
});

// ---- on their way to another host

await check("scenarios are exported with a choice of which, and of what goes with them", async () => {
    await ask("PUT", "v1/scenarios/other?note=x", { ...first, name: "other", title: "Another one" });
    await ask("PUT", "v1/routes", { routes: [{ name: "main", when: { to: "+1317*" }, scenario: "greet" }] });
    await open(page, "scenarios");
    await page.getByRole("button", { name: "Export", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Export scenarios" });
    await dialog.getByRole("checkbox", { name: /Another one/ }).uncheck();
    await dialog.getByLabel("What of greet").selectOption("draft");
    await dialog.getByLabel("With the routes").check();
    const [file] = await Promise.all([
        page.waitForEvent("download"),
        dialog.getByRole("link", { name: "Export one scenario" }).click(),
    ]);
    holds(file.suggestedFilename() === "greet.json", `it is called ${file.suggestedFilename()}`);
    const exported = JSON.parse(readFileSync(await file.path(), "utf8"));
    holds(exported.scenarios.length === 1 && exported.scenarios[0].version === null, "it is not the draft alone");
    holds(exported.routes.routes[0].name === "main", "the routes are not in it");
    await dialog.getByRole("button", { name: "All" }).click();
    await dialog.getByLabel("With their blocks").check();
    const [archive] = await Promise.all([
        page.waitForEvent("download"),
        dialog.getByRole("link", { name: "Export 2 scenarios" }).click(),
    ]);
    holds(archive.suggestedFilename() === "scenarios.zip", `it is called ${archive.suggestedFilename()}`);
    zip = readFileSync(await archive.path());
    await pictures(page, "scenarios-export", { whole: false });
    await dialog.getByRole("button", { name: "Close" }).first().click();
});

const importing = page.getByRole("dialog", { name: "Import scenarios" });

await check("an archive is looked at, and each scenario in it has its choice", async () => {
    await ask("DELETE", "v1/scenarios/other");
    await page.reload();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    const file = { name: "scenarios.zip", mimeType: "application/zip", buffer: zip };
    await importing.getByLabel("File").setInputFiles(file);
    await importing.getByText("A draft is here").waitFor();
    await importing.getByText("New here").waitFor();
    const fate = importing.getByLabel("What becomes of greet");
    holds((await fate.inputValue()) === "skip", "a draft would give way without a word");
    await fate.selectOption("rename");
    await importing.getByLabel("New name of greet").fill("greet");
    await importing.getByText("There is a scenario of this name.").waitFor();
    holds(await importing.getByRole("button", { name: "Import as drafts" }).isDisabled(), "it could be imported");
    await importing.getByLabel("New name of greet").fill("greet-again");
    await pictures(page, "scenarios-import", { whole: false });
});

await check("what was chosen is done, and told of each scenario", async () => {
    await importing.getByLabel("Publish them at once").check();
    await importing.getByLabel("Put its 1 route in the place of those here").check();
    await importing.getByRole("button", { name: "Import and publish" }).click();
    await importing.getByText("greet-again, published as version 1").waitFor();
    await importing.getByText("other, published as version 2").waitFor();
    await importing.getByRole("button", { name: "Close" }).first().click();
    const { routes } = await ask("GET", "v1/routes");
    holds(routes[0].scenario === "greet-again", `the route leads to ${routes[0].scenario}`);
});

await check("what is no export is told with its places", async () => {
    await page.getByRole("button", { name: "Import", exact: true }).click();
    const broken = JSON.stringify({ patchcord_export: "1.0", scenarios: [{ document: { patchcord: "1.0" } }] });
    const file = { name: "broken.json", mimeType: "application/json", buffer: Buffer.from(broken) };
    await importing.getByLabel("File").setInputFiles(file);
    await importing.getByRole("alert").getByText("/scenarios/0/document").first().waitFor();
    await importing.getByRole("button", { name: "Cancel" }).click();
});

await check("drafts far down are asked for their problems once they are in sight", async () => {
    for (let count = 10; count < 45; count += 1) {
        const { exits: _, ...open } = first.blocks[0];
        const document = { ...first, name: `unfinished-${count}`, title: `Unfinished ${count}`, blocks: [open] };
        await ask("PUT", `v1/scenarios/unfinished-${count}/draft`, document);
    }
    const asked = new Set();
    page.on("request", (request) => /unfinished-\d+\/draft$/.test(request.url()) && asked.add(request.url()));
    await open(page, "runs");
    await open(page, "scenarios");
    const row = (count) => page.getByRole("row", { name: new RegExp(`Unfinished ${count}`) });
    await row(10).getByText(/error/).waitFor();
    holds(asked.size < 30, `${asked.size} drafts were asked for at once`);
    await row(44).scrollIntoViewIfNeeded();
    await row(44).getByText(/error/).waitFor();
});

await check("a designer that nobody looks at asks for no blocks", async () => {
    const hidden = await context.newPage();
    await hidden.clock.install();
    await open(hidden, "scenarios/greet");
    await hidden.locator(".react-flow__node").first().waitFor();
    const turned = (away) =>
        hidden.evaluate((away) => {
            Object.defineProperty(document, "hidden", { value: away, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }, away);
    const asks = () => hidden.waitForRequest(/\/v1\/blocks$/);
    const first = asks();
    await hidden.clock.runFor(6_000);
    await first;
    await turned(true);
    let asked = 0;
    hidden.on("request", (request) => (asked += Number(request.url().endsWith("/v1/blocks"))));
    await hidden.clock.runFor(120_000);
    const again = asks();
    await turned(false);
    await again;
    holds(asked === 1, `hidden, it has asked ${asked - 1} times`);
    await hidden.close();
});

await finish();
