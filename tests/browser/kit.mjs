// A browser with the console in it, and what the cases have in common.
//
// The server, the emulator and what is in them are the test's: `CONSOLE_SETUP` says where they are. Debian's Chromium is
// started headless; nothing is downloaded.

import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const installed = createRequire(join(process.env.PATCHCORD_CLIENTS, "browser", "package.json"));
const { chromium } = installed("playwright-core");
const AXE = readFileSync(installed.resolve("axe-core/axe.min.js"), "utf8");

/** What is slow on a busy machine of two cores. */
const PATIENCE_MS = 30_000;
const POLL_MS = 50;
/** How many times slower the processor is for the pages: what holds on a quick machine alone is found with it. */
const SLOWDOWN = Number(process.env.PATCHCORD_SLOWDOWN ?? 1);
const WIDTHS = [1280, 390];
const SCHEMES = ["light", "dark"];
/** What the browser itself says where a request was refused, which cases provoke. */
const REFUSED = /Failed to load resource: the server responded with a status of 4\d\d/;

/** Addresses, and who may do what. */
export const setup = JSON.parse(process.env.CONSOLE_SETUP);
export const { emulator } = setup;

const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // As root, in a container, there is no sandbox to be had. The pages are our own.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
});

/** Whatever a page says that it should not. */
const complaints = [];

/** A browser of its own, without cookies. */
export async function visitor(options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    if (process.env.PATCHCORD_CONSOLE) await context.route(/\/admin\//, asJustBuilt);
    context.on("page", (page) => {
        if (SLOWDOWN > 1) slow(context, page);
        page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
        page.on("console", (message) => {
            const text = message.text();
            if (message.type() === "error" && !REFUSED.test(text)) complaints.push(`${page.url()}: ${text}`);
        });
    });
    return context;
}

/** The debugger of the page is what slows it down, and goes with it. */
async function slow(context, page) {
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
}

/** A file of the console as it lies in the folder of a build, under the headers of the server: who works on a page needs to
 * build no server to see it. What is not there comes from the server. */
async function asJustBuilt(route) {
    const { pathname } = new URL(route.request().url());
    const name = /\/(assets\/.*)$/.exec(pathname)?.[1] ?? (/\/(setup)?$/.test(pathname) ? "index.html" : "");
    const path = join(process.env.PATCHCORD_CONSOLE, name);
    if (!name || !existsSync(path)) return route.continue();
    const headers = { ...(await route.fetch({ url: `${setup.url}admin/` })).headers() };
    for (const other of ["content-type", "content-encoding", "content-length", "etag"]) delete headers[other];
    return route.fulfill({ headers, path });
}

export const address = (place) => `${setup.url}admin/#/${place}`;

/** Opens a page of the console; it is there when its title is. */
export async function open(page, place) {
    await page.goto(address(place));
    await page.locator("main h1").first().waitFor();
}

/** Signs in by the form. */
export async function signIn(page, name, password) {
    await page.goto(`${setup.url}admin/`);
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("navigation", { name: "Console" }).waitFor({ state: "attached" });
}

/** Makes the first administrator by the link. */
export async function setUp(page, name, password) {
    await page.goto(setup.setup_link);
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByLabel("Password again").fill(password);
    await page.getByRole("button", { name: "Make administrator" }).click();
    await page.getByRole("navigation", { name: "Console" }).waitFor({ state: "attached" });
}

/** Pictures of what is open, at each width and in both colours, each held against axe and against the width; of windows over
 * a page not of the `whole` of it. */
export async function pictures(page, name, { whole = true } = {}) {
    for (const width of WIDTHS) {
        for (const colorScheme of SCHEMES) {
            await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
            await page.setViewportSize({ width, height: 900 });
            if (whole) {
                // As high as what is in it, so that what sticks to its edge covers nothing.
                const height = await page.evaluate(() => document.documentElement.scrollHeight);
                await page.setViewportSize({ width, height: Math.max(height, 900) });
            }
            // The page is told of its new size and colours with the next frame.
            await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))));
            mkdirSync(setup.screenshots, { recursive: true });
            await page.screenshot({ path: join(setup.screenshots, `${name}-${width}-${colorScheme}.png`) });
            await hold(page, `${name} at ${width}, ${colorScheme}`);
        }
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

async function hold(page, what) {
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (beyond > 0) throw new Error(`${what} is ${beyond} px wider than the screen`);
    // As text it is run by the debugger, which the content security policy of the page does not concern.
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
    const violations = await page.evaluate(async () => {
        const { violations } = await window.axe.run();
        const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        return serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
    });
    if (violations.length) throw new Error(`axe finds in ${what}: ${violations.join("; ")}`);
}

/** What must hold; `otherwise` says what does not. */
export function holds(truth, otherwise) {
    if (!truth) throw new Error(otherwise);
}

/** Asks the API as a program does. */
export async function ask(method, path, body) {
    const answer = await fetch(new URL(path, setup.url), {
        method,
        headers: { authorization: `Bearer ${setup.token}`, "content-type": "application/json" },
        ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text ? JSON.parse(text) : undefined;
}

/** What must come to hold: a page shows what was done some frames later, and a busy machine draws few. `right` is a value, or
 * judges one; `otherwise` says what does not hold, and what was read last is said with it. */
export async function comesTo(read, right, otherwise) {
    const fits = typeof right === "function" ? right : (value) => value === right;
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
        const value = await read();
        if (fits(value)) return;
        if (performance.now() > until) throw new Error(`${otherwise}: ${JSON.stringify(value)}`);
        await setTimeout(POLL_MS);
    }
}

let checks = 0;

/** One check, told in a line. The first that fails ends the program, with a picture of where it was. */
export async function check(name, work) {
    try {
        await work();
        checks += 1;
        console.log(`ok ${name}`);
    } catch (error) {
        console.log(`FAIL ${name}: ${error.message}`);
        for (const context of browser.contexts()) {
            for (const page of context.pages()) {
                const text = await page.locator("body").innerText().catch(() => "");
                console.log(`--- ${page.url()}\n${text.slice(0, 2000)}`);
            }
        }
        await browser.close();
        process.exit(1);
    }
}

/** Ends the program: 0 only where something was checked and no page complained. */
export async function finish() {
    await browser.close();
    for (const complaint of complaints) console.log(`FAIL a page said: ${complaint}`);
    console.log(`${checks} checks`);
    process.exit(complaints.length || checks === 0 ? 1 : 0);
}
