// dynamics-web-api: batches with change sets and content ids, and metadata.

import { check, equal, finish, holds, raised } from "./check.mjs";
import { ORIGIN, installed, rows, signedIn } from "./emulator.mjs";

const { DynamicsWebApi } = installed("dynamics-web-api");
const token = (await signedIn()).accessToken;
const client = new DynamicsWebApi({ serverUrl: ORIGIN, dataApi: { version: "9.2" }, onTokenRefresh: async () => token });
const seen = rows(token);
const mark = Math.random().toString(36).slice(2, 10);
const nobody = "00000000-0000-0000-0000-00000000dead";
const count = async (filter) => (await seen.get(`accounts?$select=name&$filter=${filter}`)).value.length;
let account;

await check("a batch of reads", async () => {
    account = await seen.create("accounts", { name: `${mark} read`, revenue: 5 });
    client.startBatch();
    client.retrieve({ collection: "accounts", key: account, select: ["name"] });
    client.retrieveMultiple({ collection: "accounts", select: ["name"], filter: `name eq '${mark} read'` });
    client.count({ collection: "accounts" });
    client.count({ collection: "accounts", filter: `startswith(name,'${mark}')` });
    const [row, list, all, some] = await client.executeBatch();
    equal([row.name, list.value.map((one) => one.name)], [`${mark} read`, [`${mark} read`]]);
    equal([all, some], [(await seen.get("accounts?$select=name&$count=true"))["@odata.count"], 1]);
});

await check("a change set with content ids in an address and in a body", async () => {
    client.startBatch();
    client.create({ collection: "accounts", data: { name: `${mark} set` }, contentId: "1" });
    client.create({ collection: "contacts", data: { lastname: mark, "parentcustomerid_account@odata.bind": "$1" }, contentId: "2" });
    client.create({ contentId: "$1", navigationProperty: "Account_Tasks", data: { subject: mark } });
    client.update({ contentId: "$1", data: { revenue: 8 } });
    const answers = await client.executeBatch();
    equal(answers.length, 4);
    const row = await seen.get(`accounts(${answers[0]})?$select=revenue&$expand=Account_Tasks($select=subject)`);
    equal([row.revenue, row.Account_Tasks.map((task) => task.subject)], [8, [mark]]);
    equal((await seen.get(`contacts(${answers[1]})`))._parentcustomerid_value, answers[0]);
});

await check("a change set that fails leaves nothing behind", async () => {
    client.startBatch();
    client.create({ collection: "accounts", data: { name: `${mark} rolled back` } });
    client.update({ collection: "accounts", key: nobody, data: { name: "x" } });
    const errors = await raised(() => client.executeBatch());
    equal(errors.map((error) => [error.status, error.code ?? error.error?.code]), [[404, "0x80040217"]]);
    equal(await count(`name eq '${mark} rolled back'`), 0);
});

await check("outside of a change set each request counts for itself", async () => {
    client.startBatch();
    client.create({ collection: "accounts", data: { name: `${mark} alone` }, inChangeSet: false });
    client.create({ collection: "accounts", data: { name: "x".repeat(161) }, inChangeSet: false });
    client.create({ collection: "accounts", data: { name: `${mark} too` }, inChangeSet: false });
    const [made, error, after] = await client.executeBatch({ continueOnError: true });
    equal([error.status, error.error?.code ?? error.code], [400, "0x80044331"]);
    equal((await seen.get(`accounts(${made})?$select=name`)).name, `${mark} alone`);
    equal((await seen.get(`accounts(${after})?$select=name`)).name, `${mark} too`);
});

await check("reads and change sets in one batch, in their order", async () => {
    client.startBatch();
    client.update({ collection: "accounts", key: account, data: { revenue: 6 } });
    client.retrieve({ collection: "accounts", key: account, select: ["revenue"] });
    client.deleteRecord({ collection: "accounts", key: account });
    const [updated, row, deleted] = await client.executeBatch();
    equal([updated, row.revenue, deleted], [true, 6, true]);
    equal(await seen.status(`accounts(${account})`), 404);
});

await check("representation and impersonation within a batch", async () => {
    client.startBatch();
    client.create({ collection: "accounts", data: { name: `${mark} shown` }, returnRepresentation: true, select: ["name"] });
    const [row] = await client.executeBatch();
    equal([row.name, (await seen.get(`accounts(${row.accountid})?$select=name`)).name], [`${mark} shown`, `${mark} shown`]);
});

await check("a table's definition with its columns", async () => {
    const table = await client.retrieveEntity({
        key: "LogicalName='account'", select: ["LogicalName", "EntitySetName", "PrimaryIdAttribute"],
        expand: [{ property: "Attributes", select: ["LogicalName"], filter: "LogicalName eq 'name'" }],
    });
    equal([table.EntitySetName, table.PrimaryIdAttribute, table.Attributes.map((one) => one.LogicalName)], ["accounts", "accountid", ["name"]]);
    const again = await client.retrieveEntity({ key: table.MetadataId, select: ["LogicalName"] });
    equal(again.LogicalName, "account");
});

await check("the list of tables, filtered", async () => {
    const list = await client.retrieveEntities({ select: ["LogicalName", "EntitySetName"], filter: "IsActivity eq true" });
    const names = list.value.map((table) => table.LogicalName);
    equal(["email", "phonecall", "task"].filter((name) => !names.includes(name)), []);
    holds(!names.includes("account"), names);
});

await check("columns, all of a kind and one, with their options", async () => {
    const entityKey = "LogicalName='account'";
    const castType = "Microsoft.Dynamics.CRM.PicklistAttributeMetadata";
    const list = await client.retrieveAttributes({
        entityKey, castType, select: ["LogicalName"], expand: [{ property: "OptionSet", select: ["Options"] }],
    });
    const industry = list.value.find((one) => one.LogicalName === "industrycode");
    equal(industry.OptionSet.Options.find((option) => option.Value === 1).Label.UserLocalizedLabel.Label, "Accounting");
    const one = await client.retrieveAttribute({ entityKey, attributeKey: "LogicalName='name'", castType: "Microsoft.Dynamics.CRM.StringAttributeMetadata", select: ["MaxLength"] });
    equal(one.MaxLength, 160);
});

await check("relationships, of one kind and one by its name", async () => {
    const castType = "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata";
    const list = await client.retrieveRelationships({
        castType, select: ["SchemaName", "ReferencingEntity"], filter: "ReferencedEntity eq 'account' and ReferencingEntity eq 'incident'",
    });
    holds(list.value.some((one) => one.SchemaName === "incident_customer_accounts"), list.value);
    const key = list.value.find((one) => one.SchemaName === "incident_customer_accounts").MetadataId;
    equal((await client.retrieveRelationship({ key, castType, select: ["ReferencingEntity"] })).ReferencingEntity, "incident");
});

await check("global choices: listed, or refused", async () => {
    try {
        const list = await client.retrieveGlobalOptionSets({ select: ["Name"] });
        holds(Array.isArray(list.value), list);
        if (list.value.length) {
            const one = await client.retrieveGlobalOptionSet({ key: `Name='${list.value[0].Name}'` });
            equal(one.Name, list.value[0].Name);
        }
    } catch (error) {
        if (error.status !== 501) throw error;
        holds(error.message.includes("The emulator does not support"), error.message);
    }
});

await check("useEntityNames finds the set of a table", async () => {
    const named = new DynamicsWebApi({ serverUrl: ORIGIN, dataApi: { version: "9.2" }, onTokenRefresh: async () => token, useEntityNames: true });
    const key = await named.create({ collection: "opportunity", data: { name: mark } });
    equal((await seen.get(`opportunities(${key})?$select=name`)).name, mark);
});

await check("the CSDL document names the sets", async () => {
    const document = await client.retrieveCsdlMetadata();
    holds(/<EntitySet Name="accounts" EntityType="Microsoft\.Dynamics\.CRM\.account"/.test(document), String(document).slice(0, 300));
});

finish();
