// dynamics-web-api: lists, pages, counts, FetchXML, functions and actions.

import { check, equal, finish, holds, raised } from "./check.mjs";
import { ORIGIN, installed, rows, signedIn } from "./emulator.mjs";

const { DynamicsWebApi } = installed("dynamics-web-api");
const token = (await signedIn()).accessToken;
const client = new DynamicsWebApi({ serverUrl: ORIGIN, dataApi: { version: "9.2" }, onTokenRefresh: async () => token });
const seen = rows(token);
const mark = Math.random().toString(36).slice(2, 10);
const ours = `startswith(name,'${mark}')`;
const pagingCookie = "Microsoft.Dynamics.CRM.fetchxmlpagingcookie";
const accounts = [];
const numbers = (list) => list.map((row) => Number(row.name.split(" ").at(-1)));

await check("rows for the queries", async () => {
    for (let n = 0; n < 7; n++) {
        const person = { firstname: `P${n}`, lastname: mark };
        const row = { name: `${mark} ${n}`, revenue: n * 100, industrycode: (n % 2) + 1, primarycontactid: person };
        accounts.push(await seen.create("accounts", row));
    }
});

await check("retrieveMultiple: filter, select, order, top", async () => {
    const filter = `${ours} and (revenue ge 200 and not (revenue eq 300) or revenue lt 100)`;
    const list = await client.retrieveMultiple({ collection: "accounts", select: ["name"], filter, orderBy: ["revenue desc"] });
    equal(numbers(list.value), [6, 5, 4, 2, 0]);
    const top = await client.retrieveMultiple({ collection: "accounts", select: ["name"], filter: ours, orderBy: ["name"], top: 3 });
    equal(numbers(top.value), [0, 1, 2]);
});

await check("filter with a quote, an ampersand, a plus and a percent sign", async () => {
    const name = `R&D + 100 % 'x' ${mark}`;
    await seen.create("accounts", { name });
    const filter = `name eq '${name.replaceAll("'", "''")}'`;
    equal((await client.retrieveMultiple({ collection: "accounts", select: ["name"], filter })).value.map((row) => row.name), [name]);
});

await check("Dataverse's own query functions", async () => {
    const of = async (filter) =>
        numbers((await client.retrieveMultiple({ collection: "accounts", select: ["name"], filter: `${ours} and ${filter}`, orderBy: ["name"] })).value);
    equal(await of(`Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=["${mark} 1","${mark} 4"])`), [1, 4]);
    equal(await of("Microsoft.Dynamics.CRM.Between(PropertyName='revenue',PropertyValues=[\"100\",\"300\"])"), [1, 2, 3]);
    equal((await of("Microsoft.Dynamics.CRM.Today(PropertyName='createdon')")).length, 7);
    equal((await of("Microsoft.Dynamics.CRM.EqualUserId(PropertyName='ownerid')")).length, 7);
    equal(await of("primarycontactid/firstname eq 'P3'"), [3]);
});

await check("retrieveMultiple with count and pages by the next link", async () => {
    const request = { collection: "accounts", select: ["name"], filter: ours, orderBy: ["name"], maxPageSize: 3, count: true };
    const first = await client.retrieveMultiple(request);
    equal([numbers(first.value), first.oDataCount], [[0, 1, 2], 7]);
    const second = await client.retrieveMultiple({ collection: "accounts", maxPageSize: 3 }, first.oDataNextLink);
    equal(numbers(second.value), [3, 4, 5]);
});

await check("retrieveAll follows the pages", async () => {
    const all = await client.retrieveAll({ collection: "accounts", select: ["name"], filter: ours, maxPageSize: 2 });
    equal(numbers(all.value).sort(), [0, 1, 2, 3, 4, 5, 6]);
});

await check("count, count with a filter, countAll", async () => {
    equal(await client.count({ collection: "accounts", filter: ours }), 7);
    equal(await client.countAll({ collection: "accounts", filter: ours, select: ["name"] }), 7);
    const all = await client.count({ collection: "accounts" });
    equal(all, (await seen.get("accounts?$select=name&$count=true"))["@odata.count"]);
});

await check("expand with options within a list", async () => {
    const expand = [{ property: "primarycontactid", select: ["firstname"] }];
    const list = await client.retrieveMultiple({ collection: "accounts", select: ["name"], filter: ours, orderBy: ["name"], expand });
    equal(list.value.map((row) => row.primarycontactid.firstname), ["P0", "P1", "P2", "P3", "P4", "P5", "P6"]);
});

await check("apply: groups with sums", async () => {
    const apply = `filter(${ours})/groupby((industrycode),aggregate(revenue with sum as total,$count as number))`;
    const list = await client.retrieveMultiple({ collection: "accounts", apply });
    const groups = list.value.map((row) => [row.industrycode, row.total, row.number]).sort((a, b) => a[0] - b[0]);
    equal(groups, [[1, 1200, 4], [2, 900, 3]]);
});

const fetchXml = `<fetch count="3"><entity name="account"><attribute name="name"/><attribute name="revenue"/><order attribute="name"/>
<filter><condition attribute="name" operator="like" value="${mark} _"/></filter></entity></fetch>`;

await check("fetch: one page and its cookie", async () => {
    const page = await client.fetch({ collection: "accounts", fetchXml, includeAnnotations: pagingCookie });
    equal([numbers(page.value), page.PagingInfo.page, page.PagingInfo.nextPage], [[0, 1, 2], 1, 2]);
    const { cookie, nextPage } = page.PagingInfo;
    const next = await client.fetch({ collection: "accounts", fetchXml, includeAnnotations: pagingCookie, pageNumber: nextPage, pagingCookie: cookie });
    equal(numbers(next.value), [3, 4, 5]);
});

await check("fetchAll follows the cookies to the end", async () => {
    const all = await client.fetchAll({ collection: "accounts", fetchXml, includeAnnotations: pagingCookie });
    equal(numbers(all.value), [0, 1, 2, 3, 4, 5, 6]);
});

await check("fetch with top and a linked table", async () => {
    const linked = `<fetch top="2"><entity name="account"><attribute name="name"/><order attribute="revenue" descending="true"/>
        <filter><condition attribute="name" operator="like" value="${mark}%"/></filter>
        <link-entity name="contact" from="contactid" to="primarycontactid" alias="person"><attribute name="firstname"/></link-entity></entity></fetch>`;
    const list = await client.fetch({ collection: "accounts", fetchXml: linked });
    equal(list.value.map((row) => row["person.firstname"]), ["P6", "P5"]);
});

await check("an address of more than 2,000 characters goes as a batch", async () => {
    const filter = `${ours} and (${Array.from({ length: 80 }, (_, n) => `revenue eq ${n * 50}`).join(" or ")})`;
    const list = await client.retrieveMultiple({ collection: "accounts", select: ["name"], filter, orderBy: ["name"] });
    equal(numbers(list.value), [0, 1, 2, 3, 4, 5, 6]);
});

await check("functions: WhoAmI and RetrieveVersion", async () => {
    const me = await client.callFunction("WhoAmI");
    equal(Object.keys(me).filter((name) => !name.includes("odata") && !name.startsWith("oData")).sort(), ["BusinessUnitId", "OrganizationId", "UserId"]);
    equal(me.UserId, (await seen.get("WhoAmI")).UserId);
    holds(/^9\.\d+\.\d+\.\d+$/.test((await client.callFunction({ name: "RetrieveVersion" })).Version), "version");
});

await check("a function with a parameter: RetrieveTotalRecordCount", async () => {
    const answer = await client.callFunction({ name: "RetrieveTotalRecordCount", parameters: { EntityNames: ["account"] } });
    const { Keys, Values } = answer.EntityRecordCountCollection;
    equal([Keys, Values.length], [["account"], 1]);
});

await check("CloseIncident resolves the case", async () => {
    const incident = await seen.create("incidents", { title: mark, "customerid_account@odata.bind": `/accounts(${accounts[0]})` });
    const action = { IncidentResolution: { subject: "Solved", "incidentid@odata.bind": `/incidents(${incident})` }, Status: 5 };
    await client.callAction({ actionName: "CloseIncident", action });
    const row = await seen.get(`incidents(${incident})?$select=statecode,statuscode`);
    equal([row.statecode, row.statuscode], [1, 5]);
});

await check("QualifyLead, bound, makes what it is asked for", async () => {
    const lead = await seen.create("leads", { subject: mark, lastname: `Lead ${mark}`, companyname: `Company ${mark}` });
    const action = { CreateAccount: true, CreateContact: true, CreateOpportunity: true, Status: 3 };
    await client.callAction({ collection: "leads", key: lead, actionName: "Microsoft.Dynamics.CRM.QualifyLead", action });
    const row = await seen.get(`leads(${lead})?$select=statecode,statuscode`);
    equal([row.statecode, row.statuscode], [1, 3]);
    const there = async (set, filter) => (await seen.get(`${set}?$filter=${filter}&$top=5`)).value.length;
    equal(await there("accounts", `name eq 'Company ${mark}'`), 1);
    equal(await there("contacts", `lastname eq 'Lead ${mark}'`), 1);
    equal(await there("opportunities", `_originatingleadid_value eq ${lead}`), 1);
});

await check("an action and a function that Dataverse has not", async () => {
    equal((await raised(() => client.callAction({ actionName: "NoSuchAction", action: {} }))).status, 404);
    equal((await raised(() => client.callFunction("NoSuchFunction"))).status, 404);
});

await check("search, another service, is refused", async () => {
    const error = await raised(() => client.query({ query: { search: mark } }));
    holds([404, 501].includes(error.status), error);
    holds(error.message && error.message !== "Unexpected Error", error);
});

finish();
