// MSAL for Node: code with PKCE, refresh, client secret and certificate, and its errors.
//
// `knownAuthorities` is what MSAL wants for an authority that Microsoft does not list.

import { check, equal, finish, holds, raised } from "./check.mjs";
import { API, APP_SCOPE, ORIGIN, SETUP, USER_SCOPE, confidentialApp, signedIn } from "./emulator.mjs";

const who = async (token) => {
    const answer = await fetch(`${API}/WhoAmI`, { headers: { authorization: `Bearer ${token}` } });
    equal(answer.status, 200);
    return (await answer.json()).UserId;
};

const app = confidentialApp();
let first;
let user;

await check("authorization code with PKCE gives tokens for the user who signed in", async () => {
    first = await signedIn(app);
    equal(first.account.username, SETUP.user);
    holds(first.scopes.includes(USER_SCOPE), first.scopes);
    user = await who(first.accessToken);
});

await check("the account's home id is object id and tenant of client_info", async () => {
    equal(first.account.homeAccountId, `${first.idTokenClaims.oid}.${SETUP.tenant}`);
    equal(first.account.tenantId, SETUP.tenant);
});

await check("acquireTokenSilent answers from the cache", async () => {
    const silent = await app.acquireTokenSilent({ account: first.account, scopes: [USER_SCOPE] });
    equal([silent.fromCache, silent.accessToken], [true, first.accessToken]);
});

await check("acquireTokenSilent with forceRefresh gives another token for the same user", async () => {
    const silent = await app.acquireTokenSilent({ account: first.account, scopes: [USER_SCOPE], forceRefresh: true });
    equal(silent.fromCache, false);
    holds(silent.accessToken !== first.accessToken, "the same token");
    equal(await who(silent.accessToken), user);
});

await check("a token that is about to end is refreshed unasked", async () => {
    const other = confidentialApp();
    const headers = { "content-type": "application/json" };
    const lifetime = (seconds) =>
        fetch(`${ORIGIN}/_emulator/access-token-lifetime`, { method: "POST", headers, body: JSON.stringify({ seconds }) });
    await lifetime(60);
    const short = await signedIn(other);
    await lifetime(3599);
    const silent = await other.acquireTokenSilent({ account: short.account, scopes: [USER_SCOPE] });
    equal(silent.fromCache, false);
    equal(await who(silent.accessToken), user);
});

await check("client credentials give a token for the app alone, then from the cache", async () => {
    const alone = await app.acquireTokenByClientCredential({ scopes: [APP_SCOPE] });
    holds((await who(alone.accessToken)) !== user, "the app is the user");
    const again = await app.acquireTokenByClientCredential({ scopes: [APP_SCOPE] });
    equal([again.fromCache, again.accessToken], [true, alone.accessToken]);
});

await check("a wrong secret is invalid_client 7000215", async () => {
    const error = await raised(() => signedIn(confidentialApp({ clientSecret: "wrong" })));
    equal(error.errorCode, "invalid_client");
    holds(error.errorMessage.includes("AADSTS7000215"), error.errorMessage);
    holds(error.correlationId, error);
});

await check("revoked refresh tokens: invalid_grant, so that the app asks the user again", async () => {
    const headers = { "content-type": "application/json" };
    await fetch(`${ORIGIN}/_emulator/revoke-refresh-tokens`, { method: "POST", headers, body: "{}" });
    const request = { account: first.account, scopes: [USER_SCOPE], forceRefresh: true };
    const error = await raised(() => app.acquireTokenSilent(request));
    equal(error.errorCode, "invalid_grant");
    holds(error.errorMessage.includes("AADSTS50173"), error.errorMessage);
});

finish();
