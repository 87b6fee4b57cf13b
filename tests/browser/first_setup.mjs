// The first set-up by the link that the server printed, signing out and in, roles, users, tokens and the audit log.

import { check, comesTo, finish, holds, open, setUp, setup, signIn, visitor } from "./kit.mjs";

const PASSWORD = "a patch panel of 1921";
const OTHER = "cord number forty-two";

const ann = await (await visitor()).newPage();
const bert = await (await visitor()).newPage();

await check("nobody gets in before the set-up", async () => {
    await ann.goto(`${setup.url}admin/#/accounts`);
    await ann.getByRole("heading", { name: "Set up Patchcord" }).waitFor();
    await ann.getByLabel("Set-up code").fill("no code at all");
    await ann.getByLabel("Name", { exact: true }).fill("ann");
    await ann.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await ann.getByLabel("Password again").fill(PASSWORD);
    await ann.getByRole("button", { name: "Make administrator" }).click();
    await ann.getByRole("alert").waitFor();
});

await check("two entries that differ, and a password that is too short, are told at their fields", async () => {
    await ann.goto(setup.setup_link);
    await ann.getByLabel("Name", { exact: true }).fill("ann");
    await ann.getByLabel("Password", { exact: true }).fill("short");
    await ann.getByLabel("Password again").fill("long");
    await ann.getByRole("button", { name: "Make administrator" }).click();
    await ann.getByText("The two entries differ.").waitFor();
    await ann.getByLabel("Password again").fill("short");
    await ann.getByRole("button", { name: "Make administrator" }).click();
    const password = ann.getByLabel("Password", { exact: true });
    await ann.locator("input[name=new-password][aria-invalid=true]").waitFor();
    await comesTo(() => password.getAttribute("aria-describedby"), Boolean, "the field does not name its fault");
});

await check("the link makes the first administrator, and its code leaves the address", async () => {
    await setUp(ann, "ann", PASSWORD);
    await ann.getByRole("heading", { name: "Dashboard", level: 1 }).waitFor();
    holds(!ann.url().includes("code="), `the code is still in ${ann.url()}`);
});

await check("the link works once", async () => {
    await bert.goto(setup.setup_link);
    await bert.getByText("Patchcord has been set up already.").waitFor();
});

await check("a session survives a reload and ends with signing out", async () => {
    await ann.reload();
    await ann.getByRole("button", { name: "Sign out" }).click();
    await ann.getByRole("heading", { name: "Sign in" }).waitFor();
    await ann.reload();
    await ann.getByRole("heading", { name: "Sign in" }).waitFor();
});

await check("a wrong password is refused with a sentence", async () => {
    await ann.getByLabel("Name", { exact: true }).fill("ann");
    await ann.getByLabel("Password", { exact: true }).fill("not the password");
    await ann.getByRole("button", { name: "Sign in" }).click();
    await ann.getByRole("alert").waitFor();
    await signIn(ann, "ann", PASSWORD);
});

await check("the keyboard alone signs in, opens a page and signs out", async () => {
    await ann.getByRole("button", { name: "Sign out" }).focus();
    await ann.keyboard.press("Enter");
    await ann.getByRole("heading", { name: "Sign in" }).waitFor();
    // The first field has the focus.
    await ann.keyboard.type("ann");
    await ann.keyboard.press("Tab");
    await ann.keyboard.type(PASSWORD);
    await ann.keyboard.press("Enter");
    await ann.getByRole("heading", { name: "Dashboard", level: 1 }).waitFor();
    await ann.keyboard.press("Tab");
    await comesTo(() => ann.evaluate(() => document.activeElement?.textContent), "Skip to the page", "the first stop is another");
    const blocks = ann.getByRole("link", { name: "Blocks" });
    for (let stops = 0; stops < 12 && !(await blocks.evaluate((link) => link === document.activeElement)); stops += 1) {
        await ann.keyboard.press("Tab");
    }
    await ann.keyboard.press("Enter");
    await ann.getByRole("heading", { name: "Blocks", level: 1 }).waitFor();
});

await check("an administrator adds a user, whose role hides what it may not do", async () => {
    await open(ann, "users");
    await ann.getByRole("button", { name: "Add user" }).click();
    const dialog = ann.getByRole("dialog", { name: "Add user" });
    await dialog.getByLabel("Name", { exact: true }).fill("bert");
    await dialog.getByLabel("Role").selectOption("viewer");
    await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await dialog.getByLabel("Password again").fill(PASSWORD);
    await dialog.getByRole("button", { name: "Add user" }).click();
    await ann.getByText("bert can sign in now.").waitFor();
    await signIn(bert, "bert", PASSWORD);
    const places = await bert.getByRole("navigation").getByRole("listitem").allInnerTexts();
    holds(!places.some((place) => /Users|Audit/.test(place)), `a viewer is shown ${places}`);
    await open(bert, "users");
    await bert.getByText("This page is for the role administrator").waitFor();
    await open(bert, "accounts");
    holds((await bert.getByRole("button", { name: "Add account" }).count()) === 0, "a viewer may add accounts");
});

await check("people change their own password, and other sessions end with it", async () => {
    const elsewhere = await (await visitor()).newPage();
    await signIn(elsewhere, "bert", PASSWORD);
    await open(bert, "password");
    await bert.getByLabel("Old password").fill(PASSWORD);
    await bert.getByLabel("New password", { exact: true }).fill(OTHER);
    await bert.getByLabel("New password again").fill(OTHER);
    await bert.getByRole("button", { name: "Change password" }).click();
    await bert.getByText("The password is changed.").waitFor();
    await open(bert, "runs");
    await elsewhere.reload();
    await elsewhere.getByRole("heading", { name: "Sign in" }).waitFor();
});

await check("an API token is shown once, works, and does not once it is revoked", async () => {
    await open(ann, "users?tab=tokens");
    await ann.getByRole("button", { name: "Create token" }).first().click();
    const dialog = ann.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("call flow");
    await dialog.getByRole("button", { name: "Create token" }).click();
    const token = await dialog.getByLabel("API token", { exact: true }).inputValue();
    await dialog.getByRole("button", { name: "Done" }).click();
    const runs = () =>
        fetch(new URL("v1/runs", setup.url), { headers: { authorization: `Bearer ${token}` } });
    holds((await runs()).status === 200, "the token does not work");
    holds(!(await ann.content()).includes(token), "the token is still on the page");
    await ann.getByRole("button", { name: "Revoke call flow" }).click();
    await ann.getByRole("button", { name: "Revoke token" }).click();
    await ann.getByText("call flow is revoked.").waitFor();
    holds((await runs()).status === 401, "a revoked token works");
});

await check("the audit log tells who did it", async () => {
    await open(ann, "audit");
    const log = ann.getByRole("table", { name: "Audit log" });
    await log.getByText("user.add").first().waitFor();
    await ann.getByLabel("Who").fill("bert");
    await log.getByText("session").first().waitFor();
});

await finish();
