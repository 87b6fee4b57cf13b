// dynamics-web-api, the most used Dataverse client of the npm registry: rows, links, conditions, headers.

import { check, equal, finish, holds, raised } from "./check.mjs";
import { ORIGIN, installed, rows, signedIn } from "./emulator.mjs";

const { DynamicsWebApi } = installed("dynamics-web-api");
const token = (await signedIn()).accessToken;
const client = new DynamicsWebApi({ serverUrl: ORIGIN, dataApi: { version: "9.2" }, onTokenRefresh: async () => token });
const seen = rows(token);
const mark = Math.random().toString(36).slice(2, 10);
const nobody = "00000000-0000-0000-0000-00000000dead";
const formatted = "OData.Community.Display.V1.FormattedValue";
let contact;
let account;

await check("create gives the key; text of any script arrives", async () => {
    contact = await client.create({ collection: "contacts", data: { firstname: "Ōe", lastname: `D'Souza ${mark}` } });
    equal((await seen.get(`contacts(${contact})?$select=fullname`)).fullname, `Ōe D'Souza ${mark}`);
});

await check("create with returnRepresentation gives the columns asked for", async () => {
    const data = { name: `Łódź ${mark}`, revenue: 12.5, industrycode: 1, "primarycontactid@odata.bind": `contacts(${contact})` };
    const row = await client.create({ collection: "accounts", data, select: ["name", "revenue"], returnRepresentation: true });
    equal([row.name, row.revenue, row.telephone1], [data.name, 12.5, undefined]);
    account = row.accountid;
    equal((await seen.get(`accounts(${account})`))._primarycontactid_value, contact);
});

await check("deep insert makes the related rows", async () => {
    const data = {
        name: `Deep ${mark}`,
        primarycontactid: { lastname: `Inner ${mark}` },
        Account_Tasks: [{ subject: `one ${mark}` }, { subject: `two ${mark}` }],
    };
    const key = await client.create({ collection: "accounts", data });
    const row = await seen.get(`accounts(${key})?$select=name&$expand=primarycontactid($select=lastname),Account_Tasks($select=subject)`);
    equal(row.primarycontactid.lastname, `Inner ${mark}`);
    equal(row.Account_Tasks.map((task) => task.subject).sort(), [`one ${mark}`, `two ${mark}`]);
});

await check("update, with and without representation", async () => {
    equal(await client.update({ collection: "accounts", key: account, data: { telephone1: "1" } }), true);
    const row = await client.update({
        collection: "accounts", key: account, data: { fax: "2" }, select: ["fax", "telephone1"], returnRepresentation: true,
    });
    equal([row.fax, row.telephone1], ["2", "1"]);
    equal((await seen.get(`accounts(${account})?$select=fax`)).fax, "2");
});

await check("update of what is not there is 404 and makes nothing", async () => {
    const error = await raised(() => client.update({ collection: "accounts", key: nobody, data: { name: "x" } }));
    equal([error.status, error.code], [404, "0x80040217"]);
    equal(await seen.status(`accounts(${nobody})`), 404);
});

await check("updateSingleProperty, retrieve of one property, deleteRecord of one property", async () => {
    await client.updateSingleProperty({ collection: "accounts", key: account, fieldValuePair: { websiteurl: "https://a.example" } });
    const one = await client.retrieve({ collection: "accounts", key: account, select: ["/websiteurl"] });
    equal(one.value, "https://a.example");
    equal((await seen.get(`accounts(${account})?$select=websiteurl`)).websiteurl, "https://a.example");
    await client.deleteRecord({ collection: "accounts", key: account, property: "websiteurl" });
    equal((await seen.get(`accounts(${account})?$select=websiteurl`)).websiteurl, null);
});

await check("upsert by primary key makes the row, then changes it", async () => {
    const key = crypto.randomUUID();
    const first = await client.upsert({ collection: "accounts", key, data: { name: "up" } });
    equal(first, key);
    const row = await client.upsert({ collection: "accounts", key, data: { fax: "3" }, returnRepresentation: true });
    equal([row.name, row.fax], ["up", "3"]);
});

await check("upsert with ifnonematch * and with ifmatch * tell there from not there", async () => {
    equal(await client.upsert({ collection: "accounts", key: account, data: { fax: "no" }, ifnonematch: "*" }), null);
    equal((await seen.get(`accounts(${account})?$select=fax`)).fax, "2");
    equal(await client.upsert({ collection: "accounts", key: nobody, data: { fax: "no" }, ifmatch: "*" }), null);
    equal(await seen.status(`accounts(${nobody})`), 404);
});

await check("alternate keys: upsert, retrieve, update, delete", async () => {
    const key = `accountnumber='N ${mark}'`;
    await client.upsert({ collection: "accounts", key, data: { name: "by key" } });
    const row = await client.retrieve({ collection: "accounts", key, select: ["name", "accountnumber"] });
    equal([row.name, row.accountnumber], ["by key", `N ${mark}`]);
    await client.update({ collection: "accounts", key, data: { name: "changed" } });
    equal((await seen.get(`accounts(${row.accountid})?$select=name`)).name, "changed");
    await client.deleteRecord({ collection: "accounts", key });
    equal(await seen.status(`accounts(${row.accountid})`), 404);
    equal((await raised(() => client.retrieve({ collection: "accounts", key }))).code, "0x80060891");
});

await check("retrieve with expand of one and of many", async () => {
    await seen.create("tasks", { subject: `t ${mark}`, "regardingobjectid_account_task@odata.bind": `/accounts(${account})` });
    const row = await client.retrieve({
        collection: "accounts", key: account, select: ["name"],
        expand: [
            { property: "primarycontactid", select: ["lastname"] },
            { property: "Account_Tasks", select: ["subject"], filter: `subject eq 't ${mark}'` },
        ],
    });
    equal(row.primarycontactid.lastname, `D'Souza ${mark}`);
    equal(row.Account_Tasks.map((task) => task.subject), [`t ${mark}`]);
});

await check("retrieve with annotations: labels, names, tables and navigation properties", async () => {
    const row = await client.retrieve({
        collection: "accounts", key: account, select: ["industrycode", "_primarycontactid_value"], includeAnnotations: "*",
    });
    equal([row.industrycode, row.industrycode_Formatted], [1, "Accounting"]);
    equal(row._primarycontactid_value_Formatted, `Ōe D'Souza ${mark}`);
    equal([row._primarycontactid_value_LogicalName, row._primarycontactid_value_NavigationProperty], ["contact", "primarycontactid"]);
    const only = await client.retrieve({ collection: "accounts", key: account, select: ["industrycode"], includeAnnotations: formatted });
    equal(Object.keys(only).filter((name) => name.includes("lookuplogicalname")), []);
});

await check("the related row by its path, and its address", async () => {
    const row = await client.retrieve({ collection: "accounts", key: account, navigationProperty: "primarycontactid", select: ["lastname"] });
    equal(row.lastname, `D'Souza ${mark}`);
    const reference = await client.retrieve({ collection: "accounts", key: account, select: ["primarycontactid/$ref"] });
    equal([reference.id, reference.collection], [contact, "contacts"]);
});

await check("an etag: unchanged is 304, stale is refused, current is taken", async () => {
    const before = await client.retrieve({ collection: "accounts", key: account, select: ["name"] });
    const etag = before["@odata.etag"];
    holds(/^W\/"\d+"$/.test(etag), etag);
    equal(await client.retrieve({ collection: "accounts", key: account, select: ["name"], ifnonematch: etag }), undefined);
    equal(await client.update({ collection: "accounts", key: account, data: { fax: "4" }, ifmatch: etag }), true);
    equal(await client.update({ collection: "accounts", key: account, data: { fax: "5" }, ifmatch: etag }), false);
    equal(await client.deleteRecord({ collection: "accounts", key: account, ifmatch: etag }), false);
    equal((await seen.get(`accounts(${account})?$select=fax`)).fax, "4");
});

await check("a single valued link: set, replaced, removed", async () => {
    const other = await seen.create("contacts", { lastname: "Other" });
    const link = { collection: "accounts", primaryKey: account, navigationProperty: "primarycontactid" };
    await client.associateSingleValued({ ...link, relatedCollection: "contacts", relatedKey: other });
    equal((await seen.get(`accounts(${account})`))._primarycontactid_value, other);
    await client.disassociateSingleValued(link);
    equal((await seen.get(`accounts(${account})`))._primarycontactid_value, null);
});

await check("a link from the side of many: added, removed", async () => {
    const child = await seen.create("contacts", { lastname: "Child" });
    const link = { collection: "accounts", primaryKey: account, relationshipName: "contact_customer_accounts" };
    await client.associate({ ...link, relatedCollection: "contacts", relatedKey: child });
    equal((await seen.get(`contacts(${child})`))._parentcustomerid_value, account);
    await client.disassociate({ ...link, relatedKey: child });
    equal((await seen.get(`contacts(${child})`))._parentcustomerid_value, null);
});

await check("errors: an unknown column, a wrong type, a wrong set", async () => {
    const column = await raised(() => client.retrieve({ collection: "accounts", key: account, select: ["nosuch"] }));
    equal([column.status, column.code], [400, "0x80060888"]);
    const type = await raised(() => client.create({ collection: "accounts", data: { name: 5 } }));
    equal([type.status, type.code], [400, "0x80048d19"]);
    const set = await raised(() => client.retrieve({ collection: "nosuchset", key: account }));
    equal([set.status, set.code], [404, "0x8006088a"]);
    holds(set.message.includes("Resource not found for the segment 'nosuchset'"), set.message);
});

await check("impersonation: the row is the other user's, made on behalf by the caller", async () => {
    const me = (await seen.get("WhoAmI")).UserId;
    const users = (await seen.get("systemusers?$select=systemuserid,azureactivedirectoryobjectid,fullname&$filter=isdisabled eq false")).value;
    const other = users.find((user) => user.systemuserid !== me && user.azureactivedirectoryobjectid);
    holds(other, users);
    const data = { lastname: `By another ${mark}` };
    for (const header of [{ impersonate: other.systemuserid }, { impersonateAAD: other.azureactivedirectoryobjectid }]) {
        const key = await client.create({ collection: "contacts", data, ...header });
        const row = await seen.get(`contacts(${key})`);
        equal([row._createdby_value, row._createdonbehalfby_value, row._ownerid_value], [other.systemuserid, me, other.systemuserid]);
    }
});

await check("duplicate detection: off by itself, 412 when asked for", async () => {
    const person = (firstname) => ({ firstname, lastname: `${firstname} ${mark}`, emailaddress1: `${mark}@duplicate.example` });
    await client.create({ collection: "contacts", data: person("First") });
    const second = await client.create({ collection: "contacts", data: person("Second") });
    equal(await seen.status(`contacts(${second})`), 200);
    const error = await raised(() => client.create({ collection: "contacts", data: person("Third"), duplicateDetection: true }));
    equal([error.status, error.code], [412, "0x80040333"]);
});

await check("delete takes the row away", async () => {
    equal(await client.deleteRecord({ collection: "accounts", key: account }), true);
    equal(await seen.status(`accounts(${account})`), 404);
    equal((await raised(() => client.deleteRecord({ collection: "accounts", key: account }))).status, 404);
});

finish();
