// oidc-provider, told to have its endpoints where Entra ID has them.
//
// It differs from Entra ID where its strictness proves something: a refresh token works once, and using it again
// kills the whole grant; PKCE is demanded; a client assertion is checked, and its `jti` works once.

import { X509Certificate } from "node:crypto";
import { createServer } from "node:http";

import { installedModule, listen } from "./installed.mjs";

const TENANT = "organisation";
const REDIRECT_URI = "http://127.0.0.1/admin/msdynamicscallback.html";
const USER = "agent@organisation.example";

/** The provider, listening but serving nothing until it is told for which API. */
export async function identityProvider({ secret, certificate }) {
    const handler = {};
    const server = createServer((request, response) => handler.handle(request, response));
    const origin = await listen(server);
    const issued = new Set();
    const counts = { refreshed: 0, refused: 0, killed: 0 };
    const state = {};

    const serve = async (apiOrigin) => {
        const provider = await make(origin, apiOrigin, clients(secret, certificate));
        state.provider = provider;
        provider.on("access_token.saved", (token) => issued.add(token.jti));
        provider.on("refresh_token.consumed", () => { counts.refreshed += 1; });
        provider.on("grant.error", () => { counts.refused += 1; });
        provider.on("grant.revoked", () => { counts.killed += 1; });
        const serving = provider.callback();
        handler.handle = (request, response) => {
            if (request.url === "/control/counts") return json(response, counts);
            if (request.url === "/control/expire") return expire(provider, issued).then(() => json(response, {}));
            request.url = asHere(request.url);
            return serving(request, response);
        };
    };

    /** Whether an access token is good. */
    const accepts = async (token) => {
        const found = await state.provider.AccessToken.find(token);
        return found !== undefined && !found.isExpired;
    };

    const endpoint = (name) => `${origin}/${TENANT}/oauth2/v2.0/${name}`;
    const setup = {
        authorization_url: endpoint("authorize"),
        token_url: endpoint("token"),
        control_url: `${origin}/control/`,
        user: USER,
        redirect_uri: REDIRECT_URI,
    };
    return { serve, accepts, setup };
}

/** Entra ID knows `select_account`, and grants `offline_access` with it; the provider grants that with `consent` alone. */
function asHere(url) {
    return url.replace("prompt=select_account", "prompt=consent");
}

function clients(secret, certificate) {
    const common = {
        redirect_uris: [REDIRECT_URI],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        application_type: "native",
    };
    const all = [];
    if (secret !== undefined) {
        all.push({ ...common, client_id: "with-secret", client_secret: secret, token_endpoint_auth_method: "client_secret_post" });
    }
    if (certificate !== undefined) {
        const key = new X509Certificate(certificate).publicKey.export({ format: "jwk" });
        all.push({
            ...common,
            client_id: "with-certificate",
            token_endpoint_auth_method: "private_key_jwt",
            token_endpoint_auth_signing_alg: "PS256",
            jwks: { keys: [{ ...key, use: "sig", alg: "PS256" }] },
        });
    }
    return all;
}

async function make(origin, apiOrigin, clients) {
    const { default: Provider } = await installedModule("oidc-provider/lib/index.js");
    return new Provider(origin, {
        clients,
        clientAuthMethods: ["client_secret_post", "private_key_jwt"],
        enabledJWA: { clientAuthSigningAlgValues: ["PS256", "RS256"] },
        scopes: ["openid", "offline_access", `${apiOrigin}/user_impersonation`],
        claims: { openid: ["sub"], profile: ["preferred_username", "name"] },
        conformIdTokenClaims: false,
        findAccount: (_, id) => ({
            accountId: id,
            claims: () => ({ sub: id, preferred_username: id, name: "An agent" }),
        }),
        pkce: { required: () => true },
        issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
        rotateRefreshToken: true,
        routes: {
            authorization: `/${TENANT}/oauth2/v2.0/authorize`,
            token: `/${TENANT}/oauth2/v2.0/token`,
        },
        ttl: { AccessToken: 3599, AuthorizationCode: 600, Grant: 86_400, IdToken: 3600, Interaction: 600, RefreshToken: 86_400, Session: 3600 },
        cookies: { keys: ["a key of a test"] },
    });
}

/** Every access token issued so far is good no longer. */
async function expire(provider, issued) {
    for (const jti of issued) {
        const token = await provider.AccessToken.find(jti);
        await token?.destroy();
    }
    issued.clear();
}

function json(response, value) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value));
}
