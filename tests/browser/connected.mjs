// An integration account with somebody's consent, made before the case begins.

import { ask, emulator, open } from "./kit.mjs";

/** Makes the default account and consents to it as the emulator's user. */
export async function connected(page) {
    const account = await ask("POST", "v1/accounts", {
        name: "Dynamics 365 (demo)",
        default: true,
        client_id: emulator.client_id,
        client_secret: emulator.client_secret,
        authorization_url: emulator.authorization_url,
        token_url: emulator.token_url,
        api_url: emulator.api_url,
    });
    await open(page, `accounts/${account.id}`);
    const opening = page.context().waitForEvent("page");
    await page.getByRole("button", { name: "Request token" }).click();
    const popup = await opening;
    await popup.getByLabel("User name").fill(emulator.user);
    await popup.getByLabel("Password").fill(emulator.password);
    await popup.getByRole("button", { name: "Sign in" }).click();
    await popup.getByRole("button", { name: "Accept", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Connection is valid." });
    await dialog.getByRole("button", { name: "OK" }).click();
    await popup.close();
    return account;
}
