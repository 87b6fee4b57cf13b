// The emulator as a program finds it, as python/emulator.py: set-up, pages, rows. And the clients,
// which are not beside these programs but where `npm ci` put them: `PATCHCORD_CLIENTS`.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const SETUP = JSON.parse(process.env.EMULATOR_SETUP);
export const ORIGIN = SETUP.https_url;
export const AUTHORITY = `${ORIGIN}/${SETUP.tenant}`;
export const API = `${ORIGIN}/api/data/v9.2`;
export const USER_SCOPE = `${ORIGIN}/user_impersonation`;
export const APP_SCOPE = `${ORIGIN}/.default`;
export const REDIRECT_URI = SETUP.redirect_uris[0];

const folder = join(process.env.PATCHCORD_CLIENTS, "node");

/** An installed package. */
export const installed = createRequire(join(folder, "package.json"));

/** A file of an installed package, for one whose entry is for browsers. */
export const installedFile = (path) => import(pathToFileURL(join(folder, "node_modules", path)));

const attribute = (tag, name) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];

/** From the authorize address through the pages to the parameters that the app gets back. */
export async function signIn(address) {
    const cookies = new Map();
    const send = async (url, form) => {
        for (;;) {
            const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
            const answer = await fetch(url, { method: form ? "POST" : "GET", body: form, headers, redirect: "manual" });
            for (const cookie of answer.headers.getSetCookie()) {
                const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
                cookies.set(name, value);
            }
            if (answer.status < 300 || answer.status >= 400) return { url, text: await answer.text() };
            url = new URL(answer.headers.get("location"), url).href;
            if (!url.startsWith(ORIGIN)) return { back: Object.fromEntries(new URL(url).searchParams) };
            form = undefined;
        }
    };
    const submit = (page, values) => {
        const action = /<form\b[^>]*\baction="([^"]*)"/.exec(page.text)?.[1];
        if (action === undefined) throw new Error(`no form on ${page.url}: ${page.text.slice(0, 400)}`);
        const inputs = page.text.match(/<input\b[^>]*>/g).filter((tag) => attribute(tag, "name"));
        const fields = Object.fromEntries(inputs.map((tag) => [attribute(tag, "name"), attribute(tag, "value") ?? ""]));
        return send(new URL(action.replaceAll("&amp;", "&"), page.url).href, new URLSearchParams({ ...fields, ...values }));
    };
    let page = await send(address);
    if (!page.back) page = await submit(page, { login: SETUP.user, passwd: SETUP.password });
    if (!page.back) page = await submit(page, { decision: "accept" });
    if (!page.back) throw new Error(`the sign-in ended on ${page.url}: ${page.text.slice(0, 600)}`);
    return page.back;
}

/** MSAL's app for the emulator's registration. */
export function confidentialApp(credential = { clientSecret: SETUP.client_secret }) {
    const { ConfidentialClientApplication } = installed("@azure/msal-node");
    const knownAuthorities = [new URL(ORIGIN).host];
    const auth = { clientId: SETUP.client_id, authority: AUTHORITY, knownAuthorities, ...credential };
    return new ConfidentialClientApplication({ auth });
}

/** Signs the demo user in with MSAL; gives what MSAL answers. */
export async function signedIn(app = confidentialApp()) {
    const { CryptoProvider } = installed("@azure/msal-node");
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const request = { scopes: [USER_SCOPE], redirectUri: REDIRECT_URI };
    const address = await app.getAuthCodeUrl({ ...request, codeChallenge: challenge, codeChallengeMethod: "S256" });
    const { code, client_info } = await signIn(address);
    return app.acquireTokenByCode({ ...request, code, clientInfo: client_info, codeVerifier: verifier });
}

/** Reads and writes with plain fetch: the second, independent way in which a client's work is looked at. */
export function rows(token) {
    const send = async (method, path, body) => {
        const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
        if (body) headers["content-type"] = "application/json";
        return fetch(encodeURI(`${API}/${path}`), { method, headers, body: body && JSON.stringify(body) });
    };
    return {
        async get(path) {
            const answer = await send("GET", path);
            if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
            return answer.json();
        },
        async create(path, body) {
            const answer = await send("POST", path, body);
            if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
            return /\(([^()]*)\)$/.exec(answer.headers.get("odata-entityid"))[1];
        },
        status: async (path) => (await send("GET", path)).status,
    };
}
