// Tests that are kept with a scenario: made of a run, run against what is on the canvas, failing where it was changed, and
// renamed, fetched, brought and taken away.

import { readFileSync } from "node:fs";

import { connected } from "./connected.mjs";
import { ask, check, comesTo, finish, holds, open, pictures, setUp, setup, signIn, visitor } from "./kit.mjs";

const NAME = setup.scenario.name;
const PLACE = `scenarios/${NAME}`;
const CASES = `v1/scenarios/${NAME}/cases`;
const KNOWN = "a caller who is known is shown to the agent";

const context = await visitor({ acceptDownloads: true });
const page = await context.newPage();
await setUp(page, "ann", "a patch panel of 1921");
await connected(page);
await ask("PUT", `v1/scenarios/${NAME}`, setup.scenario);

const dialog = (name) => page.getByRole("dialog", { name });
const tests = dialog(/^Tests/);
const item = (name) => tests.locator(`[data-test="${name}"]`);
const openTests = () => page.getByRole("button", { name: /^Tests/ }).click();

/** A number that one of the emulator's contacts has. */
async function someNumber() {
    const found = await ask("POST", "v1/blocks/microsoft-dynamics.search-object/invoke", {
        properties: { object_type: "contacts", query: "$select=telephone1&$top=5&$filter=telephone1 ne null", recordset: "Found" },
    });
    return /"telephone1":\s*"([^"]+)"/.exec(JSON.stringify(found))[1];
}

await check("without a test the window says what to do", async () => {
    await open(page, PLACE);
    await openTests();
    await tests.getByRole("heading", { name: "No tests yet" }).waitFor();
    await pictures(page, "tests-none", { whole: false });
});

await check("a run becomes a test, which says what it expects and whether it passes", async () => {
    const body = { variables: { "item.from": await someNumber() } };
    const run = await ask("POST", `v1/scenarios/${NAME}/runs`, body);
    holds(run.result === "known", `the caller was not known: ${JSON.stringify(run)}`);
    await tests.getByRole("button", { name: "From a run" }).click();
    await dialog("Make a test from a run").getByRole("button", { name: /^Make a test of/ }).click();
    const making = dialog("Make a test of it");
    await making.getByText("The test passes as it is.").waitFor();
    await making.getByText("Find the caller by number: search contacts", { exact: false }).waitFor();
    await pictures(page, "tests-make", { whole: false });
    await making.getByLabel("What the test shows").fill(KNOWN);
    await making.getByRole("button", { name: "Keep the test" }).click();
    await page.getByRole("button", { name: "Tests (1)" }).waitFor();
    const { cases } = await ask("GET", CASES);
    holds(cases.length === 1 && cases[0].name === KNOWN, `kept is ${JSON.stringify(cases)}`);
});

await check("the kept tests pass, and numbers have the digits that they came with", async () => {
    const digits = '"estimatedvalue":25000.00';
    const { revision } = await ask("GET", CASES);
    const second = JSON.stringify({
        name: "an unknown caller",
        variables: { "item.from": "+1 999 555 0000" },
        answers: [{ call: "query", table: "contacts" }, { table: "opportunities", records: ["DIGITS"] }],
        expect: { result: "unknown", path: ["account:next", "find:no_data", "unknown"] },
    }).replace('"DIGITS"', `{${digits}}`);
    const first = JSON.stringify((await ask("GET", CASES)).cases[0]);
    const put = await fetch(new URL(CASES, setup.url), {
        method: "PUT",
        headers: {
            authorization: `Bearer ${setup.token}`,
            "content-type": "application/json",
            "if-match": `"${revision}"`,
        },
        body: `{"cases":[${first},${second}]}`,
    });
    holds(put.ok, await put.text());
    await tests.getByRole("button", { name: "Close" }).click();
    await openTests();
    await dialog("Tests (2)").waitFor();
    await tests.getByRole("button", { name: "Run all" }).click();
    await tests.getByText("All 2 tests passed.").waitFor();
    await item("an unknown caller").getByRole("button", { name: /^Rename/ }).click();
    const renaming = dialog("Rename the test");
    await renaming.getByLabel("What the test shows").fill(KNOWN);
    await renaming.getByRole("button", { name: "Rename" }).click();
    await renaming.getByText(/There is a test with this name already/).waitFor();
    await renaming.getByLabel("What the test shows").fill("a caller whom nobody knows");
    await renaming.getByRole("button", { name: "Rename" }).click();
    await item("a caller whom nobody knows").waitFor();
    const kept = await fetch(new URL(CASES, setup.url), { headers: { authorization: `Bearer ${setup.token}` } });
    holds((await kept.text()).includes(digits), "the console has cut the digits of a number");
});

/** A test that nothing comes up to. */
const OTHERWISE = {
    name: "several things are otherwise",
    variables: { "item.from": "+1 999 555 0000" },
    expect: {
        result: "known",
        path: ["account:next", "find:next", "gone:next", "known"],
        variables: { caller_name: "Ann O'Neil" },
        requests: [{ step: "find", call: "query", table: "contacts", asked: "telephone1 eq '1'" }],
    },
};
const upload = (text) =>
    tests.getByLabel("File of tests").setInputFiles({ name: "x.test.json", mimeType: "application/json", buffer: Buffer.from(text) });

await check("a scenario that was changed on the canvas fails its tests, which say in what and lead there", async () => {
    await tests.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "List", exact: true }).click();
    await page.getByRole("button", { name: /Known/ }).first().click();
    const pane = page.getByRole("complementary", { name: "Properties" });
    await pane.getByLabel("Result").fill("recognised");
    await page.getByText("Not saved").waitFor();
    await openTests();
    await tests.getByText("The scenario has changed since. Run the tests again.").waitFor();
    await upload(JSON.stringify({ cases: [OTHERWISE] }));
    await tests.getByText(/1 test taken in/).waitFor();
    await tests.getByRole("button", { name: "Run all" }).click();
    await tests.getByText("2 of 3 tests failed.").waitFor();
    const failed = item(KNOWN);
    const result = failed.getByRole("region", { name: "Result" });
    await result.getByText("recognised").waitFor();
    await comesTo(() => result.innerText(), (text) => /Expected\s+known\s+Was\s+recognised/.test(text), "the result is told otherwise");
    const other = item(OTHERWISE.name);
    await other.getByText("The test speaks of the block gone", { exact: false }).waitFor();
    await other.getByText("asks what the test does not answer: query of contacts", { exact: false }).waitFor();
    const way = other.getByRole("region", { name: "Way" });
    await way.getByText("Find the caller by number (Failed) → Not to be had").waitFor();
    await pictures(page, "tests-failed", { whole: false });
    await failed.getByRole("button", { name: "Show “Known”" }).click();
    await tests.waitFor({ state: "detached" });
    await comesTo(() => pane.getByLabel("Result").inputValue(), "recognised", "the block of the difference is not shown");
});

await check("publishing runs the tests, tells what fails and forbids nothing", async () => {
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    const publish = dialog(/^Publish/);
    await publish.getByText("2 of 3 tests failed").waitFor();
    await publish.getByText(KNOWN).waitFor();
    await comesTo(() => publish.getByRole("button", { name: "Publish", exact: true }).isEnabled(), true, "publishing is forbidden");
    await pictures(page, "tests-publish", { whole: false });
    await publish.getByRole("button", { name: "Cancel" }).click();
});

await check("tests are fetched as a file, and a file takes the place of those of the same name", async () => {
    await openTests();
    const downloading = page.waitForEvent("download");
    await tests.getByRole("button", { name: "Download all" }).click();
    const download = await downloading;
    holds(download.suggestedFilename() === `${NAME}.test.json`, download.suggestedFilename());
    const text = readFileSync(await download.path(), "utf8");
    holds(text.includes("25000.00"), "the file has other digits");
    await upload("{}");
    await tests.getByText("There are no test cases in the file", { exact: false }).waitFor();
    await upload('{"cases": [{"name": "b", "expct": {}}]}');
    await tests.getByText("/cases/3/expct").waitFor();
    await upload(text.replace('"result": "known"', '"result": "recognised"'));
    await tests.getByText(/3 tests taken in/).waitFor();
    await tests.getByRole("button", { name: "Run all" }).click();
    await tests.getByText("1 of 3 tests failed.").waitFor();
});

await check("a test is taken away once that was confirmed", async () => {
    for (const [name, left] of [[OTHERWISE.name, 2], ["a caller whom nobody knows", 1]]) {
        await item(name).getByRole("button", { name: /^Delete/ }).click();
        await dialog("Delete the test?").getByRole("button", { name: "Delete" }).click();
        await dialog(`Tests (${left})`).waitFor();
    }
    const { cases } = await ask("GET", CASES);
    holds(cases.length === 1 && cases[0].name === KNOWN, `kept is ${JSON.stringify(cases)}`);
});

await check("a viewer sees the tests and changes nothing", async () => {
    await ask("POST", "v1/users", { name: "vic", password: "looks on and on and on", role: "viewer" });
    const other = await visitor();
    const looking = await other.newPage();
    await signIn(looking, "vic", "looks on and on and on");
    await open(looking, PLACE);
    await looking.getByRole("button", { name: "Tests (1)" }).click();
    const seen = looking.getByRole("dialog", { name: /^Tests/ });
    await seen.getByRole("button", { name: `Download ${KNOWN}` }).waitFor();
    for (const name of ["Run all", "Upload", "From a run", /^Rename/, /^Delete/]) {
        holds((await seen.getByRole("button", { name }).count()) === 0, `a viewer is offered ${name}`);
    }
    await other.close();
});

await finish();
