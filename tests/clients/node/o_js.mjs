// odata (o.js): a general OData client that knows nothing of Dataverse.

import { check, equal, finish, holds, raised } from "./check.mjs";
import { API, installed, rows, signedIn } from "./emulator.mjs";

const { o } = installed("odata");
const token = (await signedIn()).accessToken;
const seen = rows(token);
const mark = Math.random().toString(36).slice(2, 10);
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "OData-Version": "4.0" };
const client = (more = {}) => o(`${API}/`, { headers: { ...headers, ...more } });
// A batch has headers of its own, to which the client adds the boundary.
const batching = (useChangset) => {
    const batch = { useChangset, boundaryPrefix: "batch_", changsetBoundaryPrefix: "changeset_", endpoint: "$batch" };
    return o(`${API}/`, { headers, batch: { ...batch, headers: new Headers(headers) } });
};
let account;

await check("post with the row as answer", async () => {
    const row = await client({ Prefer: "return=representation" }).post("accounts", { name: `${mark} o'js`, revenue: 2 }).query({ $select: "name" });
    account = row.accountid;
    equal((await seen.get(`accounts(${account})?$select=name`)).name, `${mark} o'js`);
});

await check("get of a row and of a list, with options in form encoding", async () => {
    equal((await client().get(`accounts(${account})`).query({ $select: "revenue" })).revenue, 2);
    const list = await client().get("accounts").query({ $filter: `name eq '${mark} o''js' and revenue gt 1`, $select: "name", $top: 5 });
    equal(list.map((row) => row.accountid), [account]);
});

await check("expand and order", async () => {
    const contact = await seen.create("contacts", { lastname: mark });
    await client().patch(`accounts(${account})`, { "primarycontactid@odata.bind": `contacts(${contact})` }).query();
    const list = await client().get("accounts").query({ $filter: `startswith(name,'${mark}')`, $expand: "primarycontactid($select=lastname)", $orderby: "name desc" });
    equal(list.map((row) => row.primarycontactid.lastname), [mark]);
});

await check("put of one property, delete of it", async () => {
    await client().put(`accounts(${account})/fax`, { value: "7" }).query();
    equal((await seen.get(`accounts(${account})?$select=fax`)).fax, "7");
    await client().delete(`accounts(${account})/fax`).query();
    equal((await seen.get(`accounts(${account})?$select=fax`)).fax, null);
});

await check("a batch of reads", async () => {
    const answers = await batching(false).get(`accounts(${account})?$select=name`).get("accounts?$select=name&$top=1").batch();
    equal(answers.map((answer) => answer.status), [200, 200]);
    equal([answers[0].body.name, answers[1].body.length], [`${mark} o'js`, 1]);
});

await check("a batch with a change set", async () => {
    const answers = await batching(true).post("accounts", { name: `${mark} b1` }).patch(`accounts(${account})`, { revenue: 9 }).batch();
    equal(answers.map((answer) => answer.status), [204, 204]);
    equal((await seen.get(`accounts(${account})?$select=revenue`)).revenue, 9);
    equal((await seen.get(`accounts?$select=name&$filter=name eq '${mark} b1'`)).value.length, 1);
});

await check("errors come with their status and body", async () => {
    const answer = await raised(() => client().get("accounts").query({ $filter: "nosuch eq 1" }));
    equal([answer.status, (await answer.json()).error.code], [400, "0x80060888"]);
});

await check("delete", async () => {
    await client().delete(`accounts(${account})`).query();
    equal(await seen.status(`accounts(${account})`), 404);
    holds((await raised(() => client().get(`accounts(${account})`).query())).status === 404, "still there");
});

finish();
