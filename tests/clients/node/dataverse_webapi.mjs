// dataverse-webapi: another hand's client, with `If-None-Match: null`, keys in capitals and part addresses without host.
//
// It takes its host's name and always the standard port, so the port is given to Node as the standard one.

import https from "node:https";

import { check, equal, finish, holds, raised } from "./check.mjs";
import { API, ORIGIN, installedFile, rows, signedIn } from "./emulator.mjs";

const accessToken = (await signedIn()).accessToken;
https.globalAgent.defaultPort = Number(new URL(ORIGIN).port);
const client = await installedFile("dataverse-webapi/lib/node.js");
const config = () => new client.WebApiConfig("9.2", accessToken, `${API.replace("/api/data/v9.2", "")}`);
const seen = rows(accessToken);
const mark = Math.random().toString(36).slice(2, 10);
let account;

await check("create, with and without the row as answer", async () => {
    account = await client.create(config(), "accounts", { name: `${mark} one`, revenue: 1 });
    equal((await seen.get(`accounts(${account})?$select=name`)).name, `${mark} one`);
    const row = await client.createWithReturnData(config(), "accounts", { name: `${mark} two` }, "$select=name,accountid");
    equal((await seen.get(`accounts(${row.accountid})?$select=name`)).name, row.name);
});

await check("retrieve by a key in capitals, with labels", async () => {
    await client.update(config(), "accounts", account, { industrycode: 1 });
    const row = await client.retrieve(config(), "accounts", account, "$select=name,industrycode");
    equal([row.name, row["industrycode@OData.Community.Display.V1.FormattedValue"]], [`${mark} one`, "Accounting"]);
});

await check("update with the row as answer, of one property, and its removal", async () => {
    const row = await client.updateWithReturnData(config(), "accounts", account, { fax: "1" }, "$select=fax");
    equal(row.fax, "1");
    await client.updateProperty(config(), "accounts", account, "fax", "2");
    equal((await seen.get(`accounts(${account})?$select=fax`)).fax, "2");
    await client.deleteProperty(config(), "accounts", account, "fax");
    equal((await seen.get(`accounts(${account})?$select=fax`)).fax, null);
});

await check("retrieveMultiple in pages", async () => {
    const options = { maxPageSize: 1 };
    const first = await client.retrieveMultiple(config(), "accounts", `$select=name&$filter=startswith(name,'${mark}')&$orderby=name`, options);
    equal(first.value.map((row) => row.name), [`${mark} one`]);
    holds(first["@odata.nextLink"], first);
});

await check("by alternate key", async () => {
    await client.update(config(), "accounts", account, { accountnumber: mark });
    const row = await client.retrieveAlternateKey(config(), "accounts", `accountnumber='${mark}'`, "$select=name");
    equal(row.accountid, account);
});

await check("links", async () => {
    const contact = await seen.create("contacts", { lastname: mark });
    await client.update(config(), "accounts", account, { "primarycontactid@odata.bind": `/contacts(${contact})` });
    equal((await seen.get(`accounts(${account})`))._primarycontactid_value, contact);
    await client.disassociate(config(), "accounts", account, "primarycontactid");
    equal((await seen.get(`accounts(${account})`))._primarycontactid_value, null);
});

await check("functions", async () => {
    equal((await client.unboundFunction(config(), "WhoAmI")).UserId, (await seen.get("WhoAmI")).UserId);
});

await check("a batch: a change set and a read, addresses without host", async () => {
    const changes = [
        { queryString: "accounts", method: "POST", entity: { name: `${mark} three` } },
        { queryString: `accounts(${account})`, method: "PATCH", entity: { revenue: 3 } },
    ];
    const answers = await client.batchOperation(config(), "b1", "c1", changes, [`accounts(${account})?$select=revenue`]);
    equal(answers.map((answer) => answer.httpStatus), [204, 204, 200]);
    equal(answers[2].data.revenue, 3);
    equal((await seen.get(`accounts(${answers[0].entityId})?$select=name`)).name, `${mark} three`);
});

await check("delete, and the error for what is gone", async () => {
    await client.deleteRecord(config(), "accounts", account);
    equal(await seen.status(`accounts(${account})`), 404);
    equal((await raised(() => client.retrieve(config(), "accounts", account))).code, "0x80040217");
});

finish();
