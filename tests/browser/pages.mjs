// Every page as people see it: pictures at 1280 and 390 px, light and dark, and axe on each. Names are as bad as they
// come: long, and with markup, which must stand there as text.

import { ask, check, comesTo, emulator, finish, holds, open, pictures, setUp, setup, visitor } from "./kit.mjs";

const MARKUP = "<img src=x onerror=alert(1)> & <b>co</b>";
const LONG = "An account whose name is so long that nobody would read it to its end, and still somebody gave it";

const page = await (await visitor()).newPage();

await check("the sign-in and the set-up", async () => {
    await page.goto(setup.setup_link);
    await page.getByRole("heading", { name: "Set up Patchcord" }).waitFor();
    await pictures(page, "set-up");
    await setUp(page, "ann", "a patch panel of 1921");
    const stranger = await (await visitor()).newPage();
    await stranger.goto(`${setup.url}admin/`);
    await stranger.getByRole("heading", { name: "Sign in" }).waitFor();
    await pictures(stranger, "sign-in");
});

await check("empty pages say what to do", async () => {
    for (const place of ["runs", "accounts", "routes"]) {
        await open(page, place);
        await page.locator("main h2").last().waitFor();
        await pictures(page, `${place}-empty`);
    }
});

const soon = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);
const fields = {
    client_id: emulator.client_id,
    client_secret: emulator.client_secret,
    authorization_url: emulator.authorization_url,
    token_url: emulator.token_url,
    api_url: emulator.api_url,
};
const account = await ask("POST", "v1/accounts", { name: "Dynamics 365 (demo)", default: true, ...fields });
await ask("POST", "v1/accounts", { name: LONG, credential_expires: soon, ...fields });
await ask("POST", "v1/accounts", { name: MARKUP, ...fields });
await ask("POST", "v1/users", { name: `bert.${"long.".repeat(8)}name@example.org`, role: "viewer", password: "a patch panel of 1921" });
await ask("PUT", "v1/scenarios/identify-caller", setup.scenario);
for (const from of ["+15550100", "", "+15550102"]) {
    await ask("POST", "v1/scenarios/identify-caller/runs", { variables: { item: { from } }, deadline_ms: 10_000 });
}
await ask("PUT", "v1/routes", {
    routes: [{ name: MARKUP, when: { to: ["+1555*", "+1666*"], queue: "sales" }, scenario: "identify-caller" }],
    default: "identify-caller",
});

await check("Request token while it waits, and as it ends", async () => {
    await open(page, `accounts/${account.id}`);
    const opening = page.context().waitForEvent("page");
    await page.getByRole("button", { name: "Request token" }).click();
    const popup = await opening;
    await page.getByRole("dialog", { name: "Sign in" }).waitFor();
    await pictures(page, "request-token", { whole: false });
    await popup.getByLabel("User name").fill(emulator.user);
    await popup.getByLabel("Password").fill(emulator.password);
    await popup.getByRole("button", { name: "Sign in" }).click();
    await popup.getByRole("button", { name: "Accept", exact: true }).click();
    await page.getByRole("dialog", { name: "Connection is valid." }).waitFor();
    await pictures(page, "connection-is-valid", { whole: false });
    await popup.getByRole("heading", { name: "Connection is valid." }).waitFor();
    await pictures(popup, "callback");
    await popup.close();
    await page.getByRole("button", { name: "OK", exact: true }).click();
});

await check("a certificate and the policy", async () => {
    await open(page, `accounts/${account.id}`);
    await page.getByLabel("Certificate", { exact: true }).check();
    await page.getByText("Policy: what may be done, and how hard").click();
    await page.getByLabel("All operations").uncheck();
    await pictures(page, "account-certificate");
    await page.getByRole("button", { name: "Discard" }).click();
});

const PLACES = {
    runs: "runs",
    accounts: "accounts",
    "account-new": "accounts/new",
    account: `accounts/${account.id}`,
    blocks: "blocks",
    routes: "routes",
    users: "users",
    tokens: "users?tab=tokens",
    agent: "agent?login=" + encodeURIComponent(LONG),
    audit: "audit",
    password: "password",
    "no-such-page": "nothing/here",
};
for (const [name, place] of Object.entries(PLACES)) {
    await check(`the page ${name}`, async () => {
        await open(page, place);
        await page.getByText("Loading …").waitFor({ state: "detached" });
        await pictures(page, name);
    });
}

await check("names with markup are text", async () => {
    for (const place of ["accounts", "routes", "audit"]) {
        await open(page, place);
        await page.getByRole("table").first().waitFor();
        holds((await page.locator("main img, main b").count()) === 0, `markup of a name became part of ${place}`);
    }
    await open(page, "accounts");
    await page.getByText(MARKUP, { exact: true }).waitFor();
    await comesTo(() => page.getByText(LONG).getAttribute("title"), LONG, "what is cut has no tooltip");
});

await check("the navigation opens and closes on a narrow screen, by keyboard", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open(page, "accounts");
    await page.getByRole("button", { name: "Open navigation" }).press("Enter");
    await page.getByRole("link", { name: "Blocks" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Blocks" }).waitFor({ state: "hidden" });
});

await finish();
