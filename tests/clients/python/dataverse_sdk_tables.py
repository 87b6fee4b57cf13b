"""Microsoft's Python SDK for Dataverse: what it reads of tables, columns, keys and relationships.

Changing tables is beyond the emulator: the schema is the given `$metadata`. Each such call must be
refused and leave everything as it was.
"""

import tempfile
import uuid

from PowerPlatform.Dataverse.core.errors import HttpError, MetadataError

from check import check, equal, finish, holds, raises
from sdk import CLIENT, ROWS, refused

TABLES = CLIENT.tables

with check("a table's definition"):
    account = TABLES.get("Account")
    equal([account.logical_name, account.entity_set_name], ["account", "accounts"])
    equal([account.primary_id_attribute, account.primary_name_attribute], ["accountid", "name"])
    seen = ROWS.get("EntityDefinitions(LogicalName='account')", select="MetadataId,SchemaName")
    equal([account.metadata_id, account.schema_name], [seen["MetadataId"], seen["SchemaName"]])

with check("activities have their own key"):
    equal([TABLES.get("phonecall").primary_id_attribute, TABLES.get("task").primary_name_attribute], ["activityid", "subject"])

with check("an unknown table is None"):
    equal(TABLES.get("nosuchtable"), None)

with check("the list of tables, with select and filter"):
    listed = {table["LogicalName"]: table["EntitySetName"] for table in TABLES.list(select=["LogicalName", "EntitySetName"])}
    wanted = {"account": "accounts", "contact": "contacts", "incident": "incidents", "opportunity": "opportunities"}
    equal({name: listed.get(name) for name in wanted}, wanted)
    equal([table["LogicalName"] for table in TABLES.list(filter="SchemaName eq 'Incident'")], ["incident"])

with check("columns with select and filter"):
    columns = TABLES.list_columns("account", select=["LogicalName", "AttributeType"])
    types = {column["LogicalName"]: column["AttributeType"] for column in columns}
    kinds = ["accountid", "name", "revenue", "industrycode", "primarycontactid", "creditonhold", "createdon", "statecode"]
    equal(
        [types.get(name) for name in kinds],
        ["Uniqueidentifier", "String", "Money", "Picklist", "Lookup", "Boolean", "DateTime", "State"],
    )
    texts = TABLES.list_columns("account", select=["LogicalName"], filter="AttributeType eq 'String'")
    equal(sorted(column["LogicalName"] for column in texts), sorted(n for n, kind in types.items() if kind == "String"))

with check("every column of a row is in the list of columns"):
    contact = CLIENT.records.create("contact", {"lastname": "Columns"})
    row = ROWS.get(f"contacts({contact})")
    known = {column["LogicalName"] for column in TABLES.list_columns("contact", select=["LogicalName"])}
    plain = {name for name in row if "@" not in name}
    lookups = {name[1:-len("_value")] for name in plain if name.startswith("_") and name.endswith("_value")}
    strange = {name for name in plain if not name.startswith("_")} - known | lookups - known
    equal(strange, set())

with check("one column, by name"):
    name = TABLES.get_column("account", "name", select=["LogicalName", "SchemaName"])
    equal([name["LogicalName"], name["SchemaName"]], ["name", "Name"])
    equal(TABLES.get_column("account", "nosuchcolumn"), None)

with check("typed columns have their lengths"):
    typed = {column["LogicalName"]: column for column in TABLES.list_columns("account", typed=True)}
    equal([typed["name"]["MaxLength"], typed["accountnumber"]["MaxLength"]], [160, 20])

with check("one typed column"):
    equal(TABLES.get_column("contact", "lastname", typed=True)["MaxLength"], 50)

with check("alternate keys are those by which a row is found"):
    keys = TABLES.get_alternate_keys("account")
    holds(["accountnumber"] in [key.key_attributes for key in keys], keys)
    mark = uuid.uuid4().hex[:8]
    made = CLIENT.records.create("account", {"name": "Keyed", "accountnumber": mark})
    equal(ROWS.get(f"accounts(accountnumber='{mark}')", select="name")["accountid"], made)

with check("a relationship by its name, and what is none"):
    found = TABLES.get_relationship("account_primary_contact")
    equal([found.referenced_entity, found.referencing_entity], ["contact", "account"])
    equal(TABLES.get_relationship("no_such_relationship"), None)

with check("a table's relationships lead to the tables that they name"):
    related = TABLES.list_table_relationships("incident")
    names = {relation["SchemaName"] for relation in related}
    wanted = {"incident_customer_accounts", "incident_customer_contacts", "Incident_Phonecalls"}
    equal(wanted - names, set())
    customer = next(relation for relation in related if relation["SchemaName"] == "incident_customer_accounts")
    equal([customer["ReferencingAttribute"], customer["ReferencingEntityNavigationPropertyName"]], ["customerid", "customerid_account"])

with check("all relationships, filtered"):
    listed = CLIENT.tables.list_relationships(filter="SchemaName eq 'incident_customer_contacts'")
    equal([relation["ReferencedEntity"] for relation in listed], ["contact"])

with check("making a table, a column, a key or a relationship is refused"):
    refused("CreateEntities", lambda: TABLES.create("new_Thing", {"new_Size": "int"}))
    equal(TABLES.get("new_Thing"), None)
    refused("", lambda: TABLES.add_columns("account", {"new_Size": "int"}))
    equal(TABLES.get_column("account", "new_size"), None)
    refused("", lambda: TABLES.create_alternate_key("account", "new_key", ["name"]))
    refused("", lambda: TABLES.create_lookup_field("account", "new_ContactId", "contact"))

with check("deleting a table or a column is refused"):
    for call in (lambda: TABLES.delete("account"), lambda: TABLES.remove_columns("account", "name")):
        with raises(HttpError) as caught:
            call()
        holds(caught[0].status_code in (400, 403, 501), caught[0])
    equal(TABLES.get("account").primary_name_attribute, "name")
    with raises(MetadataError):
        TABLES.delete("nosuchtable")

with check("uploading to a file column that the table has not: the SDK tries to make it, which is refused"):
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(b"hello")
        file.flush()
        refused("", lambda: CLIENT.files.upload("contact", contact, "new_Document", file.name))

finish()
