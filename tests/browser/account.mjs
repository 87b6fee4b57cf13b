// The whole path of the integration guide: from the app registration in the (emulated) portal of Entra ID to "Connection is
// valid." and Apply; what happens where consent is refused or the secret is wrong; and what keeps work from being lost.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { address, ask, check, comesTo, emulator, finish, holds, open, setUp, visitor } from "./kit.mjs";

const context = await visitor({ permissions: ["clipboard-read", "clipboard-write"] });
const page = await context.newPage();
const portal = await context.newPage();
await setUp(page, "ann", "a patch panel of 1921");

let redirectUri;
let clientId;
let secret;

/** Presses Request token; the pop-up with the sign-in. */
async function requestToken() {
    const opening = context.waitForEvent("page");
    await page.getByRole("button", { name: "Request token" }).click();
    return opening;
}

/** Signs in, or picks the account where Entra ID knows the browser from before; it may also ask for consent at once. */
async function signInAtEntra(popup) {
    const known = popup.getByRole("button", { name: /demo/i });
    const login = popup.getByLabel("User name");
    const asked = popup.getByRole("heading", { name: "Permissions requested" });
    await known.or(login).or(asked).first().waitFor();
    if (await asked.isVisible()) return;
    if (await known.isVisible()) return known.click();
    await login.fill(emulator.user);
    await popup.getByLabel("Password").fill(emulator.password);
    await popup.getByRole("button", { name: "Sign in" }).click();
}

await check("an empty list says what to do, and + asks for the type", async () => {
    await open(page, "accounts");
    await page.getByText("No integration account yet").waitFor();
    await page.getByRole("button", { name: "Add account" }).first().click();
    await page.getByRole("button", { name: "Microsoft Dynamics 365" }).click();
    await page.getByRole("heading", { name: "New account" }).waitFor();
});

await check("the redirect URI can be copied", async () => {
    redirectUri = await page.getByLabel("Redirect URI", { exact: true }).inputValue();
    holds(redirectUri.endsWith("/admin/msdynamicscallback.html"), `it is ${redirectUri}`);
    await page.getByRole("button", { name: "Copy Redirect URI" }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    holds(copied === redirectUri, `copied was ${copied}`);
});

await check("an app is registered in Entra ID's portal, with a secret and the permission", async () => {
    await portal.goto(`${emulator.http_url}/portal/apps/new`);
    await portal.getByLabel("Name").fill("Patchcord in the browser");
    await portal.getByLabel("Redirect URI", { exact: true }).fill(redirectUri);
    await portal.getByRole("button", { name: "Register" }).click();
    await portal.waitForURL(/\/portal\/apps\/[0-9a-f-]{36}/);
    clientId = /apps\/([0-9a-f-]{36})/.exec(portal.url())[1];
    await portal.getByRole("link", { name: "Certificates & secrets" }).click();
    await portal.getByLabel("Description").first().fill("for Patchcord");
    await portal.getByRole("button", { name: "Add" }).click();
    secret = await newSecret();
    await portal.getByRole("link", { name: "API permissions" }).click();
    const permission = portal.getByLabel("Delegated permission");
    const impersonation = await permission.locator("option", { hasText: "user_impersonation" }).first().getAttribute("value");
    if (impersonation) {
        await permission.selectOption(impersonation);
        await portal.getByRole("button", { name: "Add permission" }).click();
    }
});

/** Its value is on the page this once. */
async function newSecret() {
    const shown = portal.locator("code, input[readonly]");
    const texts = await shown.evaluateAll((all) => all.map((one) => one.value ?? one.textContent));
    const value = texts.map((text) => text.trim()).find((text) => /^[^\s*]{30,}$/.test(text) && !/^[0-9a-f-]{36}$/.test(text));
    holds(value, `no secret is shown: ${texts}`);
    return value;
}

await check("what is wrong is told at each field", async () => {
    await page.getByLabel("Client ID").fill("not a GUID");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByText("Nothing was stored: some fields are not right").waitFor();
    const name = page.getByLabel("Name", { exact: true });
    await comesTo(() => name.getAttribute("aria-invalid"), "true", "the name is not marked");
});

await check("the tenant fills in the addresses", async () => {
    await page.getByLabel("Tenant").fill(emulator.authorization_url);
    await page.getByLabel("Environment").fill(emulator.api_url);
    await page.getByRole("button", { name: "Fill in the addresses" }).click();
    const url = page.getByLabel("Token URL");
    await page.locator(`input[value="${emulator.token_url}"]`).waitFor();
    await comesTo(() => url.inputValue(), emulator.token_url, "the token URL is another");
    await comesTo(() => page.getByLabel("API URL").inputValue(), emulator.api_url, "the API URL is another");
});

await check("unsaved changes are guarded", async () => {
    await page.getByLabel("Name", { exact: true }).fill("Dynamics 365");
    const asked = page.waitForEvent("dialog");
    const leaving = page.getByRole("link", { name: "Runs" }).click();
    const question = await asked;
    holds(/have not been applied/.test(question.message()), `asked was ${question.message()}`);
    await question.dismiss();
    await leaving;
    await page.waitForURL(address("accounts/new"));
    await comesTo(() => page.getByLabel("Name", { exact: true }).inputValue(), "Dynamics 365", "the entry is lost");
});

await check("a refused consent is told, and leaves the account as it was", async () => {
    await page.getByLabel("Client ID").fill(clientId);
    await page.getByLabel("Client secret", { exact: true }).last().fill("this-is-not-the-secret~000000000000000");
    const popup = await requestToken();
    await signInAtEntra(popup);
    await popup.getByRole("button", { name: "Cancel" }).click();
    const dialog = page.getByRole("dialog", { name: "The connection is not valid." });
    await dialog.getByText(/declined/).waitFor();
    await dialog.getByRole("button", { name: "OK" }).click();
    await page.getByText("Consent required").first().waitFor();
    await popup.close();
});

await check("a wrong secret is told in the token endpoint's own words", async () => {
    const popup = await requestToken();
    await signInAtEntra(popup);
    await popup.getByRole("button", { name: "Accept", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "The connection is not valid." });
    await dialog.getByText(/client secret is wrong/i).waitFor();
    await dialog.getByRole("button", { name: "OK" }).click();
    await popup.close();
});

await check("what was stored has an address of its own, and never shows its secret", async () => {
    holds(/accounts\/[0-9a-f-]{36}$/.test(page.url()), `the address is ${page.url()}`);
    await page.reload();
    await page.getByText("Set", { exact: true }).waitFor();
    holds((await page.getByLabel("Client secret", { exact: true }).last().inputValue()) === "", "a secret is shown");
});

await check("Request token ends in “Connection is valid.”, with who and which organisation", async () => {
    await page.getByLabel("Client secret", { exact: true }).last().fill(secret);
    const popup = await requestToken();
    await signInAtEntra(popup);
    const dialog = page.getByRole("dialog", { name: "Connection is valid." });
    await dialog.getByText(emulator.user).waitFor();
    await dialog.getByText("Organisation").waitFor();
    await dialog.getByRole("button", { name: "OK" }).click();
    await popup.getByRole("heading", { name: "Connection is valid." }).waitFor();
    holds(!popup.url().includes("code="), `the code is still in ${popup.url()}`);
    await popup.close();
});

await check("Test connection asks again, and Apply stores", async () => {
    await page.getByRole("button", { name: "Test connection" }).click();
    await page.getByRole("dialog", { name: "Connection is valid." }).getByRole("button", { name: "OK" }).click();
    await page.getByText("Policy: what may be done, and how hard").click();
    await page.getByLabel("Tables allowed").fill("contacts, incidents");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByText("The account has been stored.").waitFor();
    await open(page, "accounts");
    await page.getByText("Valid", { exact: true }).waitFor();
    await page.getByText("Default", { exact: true }).waitFor();
});

await check("a window that is closed before the end is noticed", async () => {
    await page.getByRole("link", { name: "Dynamics 365", exact: true }).click();
    const popup = await requestToken();
    await popup.getByRole("button", { name: /demo/i }).waitFor();
    const dialog = page.getByRole("dialog", { name: "Sign in" });
    await dialog.getByText("This page goes on by itself.").waitFor();
    await popup.close();
    await dialog.getByText("The window is closed").waitFor();
    await dialog.getByRole("link", { name: "Open the sign-in page" }).waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Valid", { exact: true }).waitFor();
});

await check("an administrator consents on behalf of the organisation", async () => {
    await page.getByLabel("Consent on behalf of the organisation").check();
    const popup = await requestToken();
    await signInAtEntra(popup);
    await popup.getByRole("button", { name: "Accept for your organization" }).click();
    await page.getByRole("dialog", { name: "Connection is valid." }).getByRole("button", { name: "OK" }).click();
    await popup.close();
    await page.getByLabel("Consent on behalf of the organisation").uncheck();
    await portal.goto(`${emulator.http_url}/portal/apps/${clientId}/permissions`);
    await portal.getByText(/^Granted for/).first().waitFor();
});

await check("the audit log names who had begun a consent", async () => {
    const entries = await ask("GET", "v1/audit?what=account.consented");
    const told = entries.map(({ who, outcome }) => `${who} ${outcome}`);
    holds(told.includes("ann done") && told.includes("ann refused"), `it says ${told}`);
});

await check("the last day of a secret stays, where a certificate was thought of and none chosen", async () => {
    const last = page.getByLabel("Secret expires");
    await last.fill("2030-01-31");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByText("The account has been stored.").waitFor();
    await page.getByLabel("Certificate", { exact: true }).check();
    await page.getByText("Policy: what may be done, and how hard").click();
    await page.getByLabel("Tables allowed").fill("contacts, incidents, accounts");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByText("There are changes that have not been applied.").waitFor({ state: "detached" });
    await page.reload();
    await page.getByText("Set", { exact: true }).waitFor();
    await comesTo(() => last.inputValue(), "2030-01-31", "the day is lost");
});

await check("a certificate takes the place of the secret, from its upload to “Connection is valid.”", async () => {
    const folder = join(import.meta.dirname, "../../crates/dynamics/tests/certificates");
    const pem = (name) => ({ name, mimeType: "application/x-pem-file", buffer: readFileSync(join(folder, name)) });
    await portal.goto(`${emulator.http_url}/portal/apps/${clientId}/credentials`);
    await portal.getByLabel("File (.cer, .pem, .crt)").setInputFiles(pem("certificate.pem"));
    await portal.getByRole("button", { name: "Upload" }).click();
    const thumbprint = (await portal.locator('td[data-label="Thumbprint"] code').first().innerText()).trim();
    await page.getByLabel("Certificate", { exact: true }).first().check();
    await page.locator('input[type="file"]').nth(0).setInputFiles(pem("certificate.pem"));
    await page.locator('input[type="file"]').nth(1).setInputFiles(pem("key.pem"));
    const popup = await requestToken();
    await signInAtEntra(popup);
    const accept = popup.getByRole("button", { name: "Accept", exact: true });
    const dialog = page.getByRole("dialog", { name: "Connection is valid." });
    const ok = dialog.getByRole("button", { name: "OK" });
    // The organisation has consented: Entra ID need not ask again.
    await Promise.race([accept.waitFor().then(() => accept.click()).catch(() => {}), ok.waitFor()]);
    await ok.click();
    await popup.close();
    await page.getByText(thumbprint, { exact: false }).first().waitFor();
    const [account] = await ask("GET", "v1/accounts");
    holds(account.credential.kind === "certificate", `the credential is ${JSON.stringify(account.credential)}`);
});

await check("deleting asks first", async () => {
    await page.getByRole("button", { name: "Delete" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete Dynamics 365?" });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await dialog.getByRole("button", { name: "Delete account" }).click();
    await page.waitForURL(address("accounts"));
    await page.getByText("No integration account yet").waitFor();
});

await finish();
