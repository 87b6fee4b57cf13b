// The console's one page. Text from the server is only ever set as text, never as markup.
"use strict";

const KEY = "patchcord-token";
const at = (id) => document.getElementById(id);
const token = () => sessionStorage.getItem(KEY);

async function api(method, path) {
  const response = await fetch(`v1/${path}`, { method, headers: { authorization: `Bearer ${token()}` } });
  const body = response.status === 204 ? null : await response.json();
  if (!response.ok) {
    const places = (body.problems ?? []).map((p) => `${p.pointer} ${p.message}`.trim());
    const message = places.length ? places.join("; ") : body.detail;
    throw Object.assign(new Error(message), { status: response.status });
  }
  return body;
}

function element(name, content, attributes = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...[content].flat().filter((part) => part !== null && part !== undefined));
  return made;
}

function table(titles, rows, empty) {
  if (rows.length === 0) return element("p", empty, { class: "dim" });
  const head = element("tr", titles.map((title) => element("th", title, { scope: "col" })));
  const body = rows.map((cells) => element("tr", cells.map((cell, column) => {
    const made = cell instanceof HTMLElement ? cell : element("td", String(cell ?? ""));
    // On a narrow screen the cells stand below each other, each behind its title.
    made.dataset.title = titles[column];
    return made;
  })));
  return element("table", [element("thead", head), element("tbody", body)]);
}

function say(text, good = true) {
  at("message").textContent = text;
  at("message").className = good ? "good" : "bad";
}

async function working(button, work) {
  button.disabled = true;
  try { await work(); } catch (error) { tell(error); }
  button.disabled = false;
  // The work may have drawn the button anew: whoever works without a mouse goes on from where they were.
  at(button.id)?.focus();
}

const tell = (error) => say(error.message, false);
/** Counts the sign-ins that were begun: only the last one is waited for. */
let awaited = 0;

async function requestToken(account) {
  // Opened at once: a browser blocks a window that is opened after waiting.
  const popup = window.open("about:blank", "patchcord-consent", "popup,width=520,height=700");
  if (!popup) throw new Error("The browser blocked the sign-in window: allow pop-ups for this page.");
  // What is shown there must not be able to lead this page elsewhere.
  popup.opener = null;
  try {
    const { authorize_url } = await api("POST", `accounts/${account.id}/consent`);
    popup.location = authorize_url;
    say("Sign in and consent in the other window.");
  } catch (error) {
    popup.close();
    throw error;
  }
  awaitConsent(account).catch(tell);
}

/** Whether the other window is closed cannot always be seen from here; what came of the sign-in can be asked. */
async function awaitConsent(account) {
  const mine = ++awaited;
  for (const until = Date.now() + 600_000; Date.now() < until && mine === awaited;) {
    await new Promise((done) => setTimeout(done, 2_000));
    const now = await api("GET", `accounts/${account.id}`);
    if (now.state === "valid" && now.identity && now.since !== account.since) {
      say("Connection is valid.");
      return refresh();
    }
  }
}

function card(account) {
  const valid = account.state === "valid";
  const who = account.identity?.user_name ?? account.identity?.user_id;
  const state = valid ? `Connection is valid${who ? `, as ${who}` : ""}.` : `Consent required: ${account.reason}.`;
  const warnings = (account.warnings ?? []).map((w) => element("div", `Warning: ${w.message}.`, { class: "bad" }));
  const button = (text, what) =>
    element("button", text, { type: "button", id: `${what}-${account.id}`, "aria-label": `${text}: ${account.name}` });
  const request = button("Request token", "request");
  request.onclick = () => working(request, () => requestToken(account));
  const test = button("Test connection", "test");
  test.onclick = () => working(test, async () => {
    await api("POST", `accounts/${account.id}/test`);
    say("Connection is valid.");
    await refresh();
  });
  return element("article", [
    element("h3", account.name + (account.default ? " (default)" : "")),
    element("div", account.api_url, { class: "dim" }),
    element("div", state, { class: valid ? "good" : "bad" }),
    ...warnings,
    element("div", [request, test], { class: "actions" }),
  ], { class: "card" });
}

const when = (time) => new Date(time).toLocaleString();

async function refresh() {
  const [accounts, scenarios, runs, blocks] = await Promise.all(
    ["accounts", "scenarios", "runs?limit=20", "blocks"].map((path) => api("GET", path)));
  const none = element("p", "None yet. `patchcord account add` makes one.", { class: "dim" });
  at("accounts").replaceChildren(...(accounts.length ? accounts.map(card) : [none]));
  const published = (s) => s.version === null ? "never" : s.can_run ? when(s.published_at)
    : element("td", "Cannot run: something that it needs has gone", { class: "bad" });
  at("scenarios").replaceChildren(table(["Name", "Title", "Version", "Published", "Draft"],
    scenarios.map((s) => [s.name, s.title, s.version, published(s), s.draft ? when(s.draft.saved_at) : ""]),
    "None yet. `patchcord scenario publish FILE` publishes one."));
  at("runs").replaceChildren(table(["Started", "Scenario", "Result", "Milliseconds", "Steps"],
    runs.map((r) => [when(r.started_at), `${r.scenario}@${r.version}`,
      element("td", r.failure ? `${r.result}: ${r.failure.message}` : r.result, { class: r.failure ? "bad wide" : "good" }),
      element("td", r.elapsed_ms.toFixed(1), { class: "number" }),
      element("td", r.steps.map((s) => s.id).join(" → "), { class: "wide" })]),
    "None yet. `patchcord run NAME` runs a scenario."));
  at("blocks").replaceChildren(table(["Block", "Id", "Version", "What it does"],
    blocks.map((b) => [b.title, b.id, b.version, element("td", b.description, { class: "wide" })]), "None."));
}

async function enter() {
  try {
    await refresh();
    at("sign-in").hidden = true;
    at("console").hidden = at("sign-out").hidden = false;
    at("sign-in-error").textContent = "";
  } catch (error) {
    if (error.status === 401 || error.status === 403) sessionStorage.removeItem(KEY);
    at("sign-in-error").textContent = error.message;
    at("token").focus();
  }
}

at("sign-in-form").onsubmit = (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, at("token").value.trim());
  at("token").value = "";
  enter();
};
at("sign-out").onclick = () => { sessionStorage.removeItem(KEY); location.reload(); };
if (token()) enter();
