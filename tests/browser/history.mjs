// The history of a scenario: what differs between any two of its versions, its draft and what is on the canvas, as a picture
// and as a list; the way back; and scenarios on their way to another host, looked at before anything is done.

import { ask, check, finish, holds, open, pictures, setUp, setup, visitor } from "./kit.mjs";

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
    await page.screenshot({ path: setup.screenshots + "/history-first.png" });
    holds((await node("failed").getByText(/Added|Removed|Changed|Moved/).count()) === 0, "what is the same has a mark");
    await compare.locator('.react-flow__edge[data-id="find:no_data"]').getByText("+ No Data").waitFor();
    await compare.locator('.react-flow__edge[data-id="removed find:no_data"]').getByText("− No Data").waitFor();
});

await check("a block that is chosen shows what it was and what it is, with the changed part marked", async () => {
    await node("find").click({ position: { x: 80, y: 15 } });
    const entry = list.getByRole("listitem").filter({ has: page.getByRole("button", { name: /Search Object/, expanded: true }) });
    await entry.locator("ins", { hasText: "mobilephone" }).waitFor();
    const lines = await entry.getByText(/^(Was|Is): /).count();
    holds(lines === 4, `the query has ${lines} lines that differ`);
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
});

await check("what is on the canvas is compared before it is saved, and from Publish", async () => {
    await compare.getByRole("button", { name: "Close" }).first().click();
    await history.getByRole("button", { name: "Close" }).click();
    await page.locator('.react-flow__node[data-id="failed"]').click({ position: { x: 80, y: 15 } });
    await page.getByRole("complementary", { name: "Properties" }).getByLabel("Result").fill("lost");
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    const publish = page.getByRole("dialog", { name: "Publish Greet callers" });
    await publish.getByRole("button", { name: "What changes" }).click();
    holds((await compare.getByLabel("To", { exact: true }).inputValue()) === "canvas", "it is not compared with what is on the canvas");
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

await finish();
