"""Microsoft's Python SDK for Dataverse: rows written and read one by one and many at a time, and errors."""

import uuid

import pandas as pd
from PowerPlatform.Dataverse.core.errors import HttpError, MetadataError
from PowerPlatform.Dataverse.models.filters import col

from check import check, equal, finish, holds, raises
from emulator import clear_faults, fault
from sdk import CLIENT, ROWS, code_of

MARK = uuid.uuid4().hex[:8]
NOBODY = "00000000-0000-0000-0000-00000000dead"


def account(key: str, *columns: str) -> dict:
    return ROWS.get(f"accounts({key})", select=",".join(columns))


with check("create gives the key of a row that is there"):
    contact = CLIENT.records.create("contact", {"firstname": "Ann", "lastname": f"O'Neil {MARK}"})
    equal(ROWS.get(f"contacts({contact})", select="lastname")["lastname"], f"O'Neil {MARK}")

with check("create takes every kind of value"):
    values = {
        "name": f"Čapek & Söhne + 100 % {MARK}",
        "revenue": 1234.5,
        "numberofemployees": 7,
        "creditonhold": True,
        "accountnumber": f"A-{MARK}",
        "primarycontactid@odata.bind": f"/contacts({contact})",
    }
    key = CLIENT.records.create("Account", values)
    row = account(key, "name", "revenue", "numberofemployees", "creditonhold", "_primarycontactid_value")
    equal(
        [row["name"], row["revenue"], row["numberofemployees"], row["creditonhold"]],
        [values["name"], 1234.5, 7, True],
    )
    equal(row["_primarycontactid_value"], contact)

with check("a label given for a choice is stored as its number"):
    CLIENT.records.update("account", key, {"industrycode": "Accounting", "address1_addresstypecode": "bill to"})
    row = account(key, "industrycode", "address1_addresstypecode")
    equal([row["industrycode"], row["address1_addresstypecode"]], [1, 1])

with check("update changes what is named and nothing else"):
    CLIENT.records.update("account", key, {"telephone1": "+1 425 555 0100", "numberofemployees": None})
    row = account(key, "name", "telephone1", "numberofemployees")
    equal([row["name"], row["telephone1"], row["numberofemployees"]], [values["name"], "+1 425 555 0100", None])

with check("retrieve with select has the columns asked for and the key"):
    record = CLIENT.records.retrieve("account", key, select=["name", "revenue"])
    equal([record["name"], record["revenue"], record["accountid"]], [values["name"], 1234.5, key])
    holds("telephone1" not in record.keys(), list(record.keys()))

with check("retrieve with expand has the related row"):
    record = CLIENT.records.retrieve(
        "account", key, select=["name"], expand=["primarycontactid($select=fullname,lastname)"]
    )
    equal(record["primarycontactid"]["lastname"], f"O'Neil {MARK}")
    equal(record["primarycontactid"]["contactid"], contact)

with check("retrieve with annotations has labels and names"):
    record = CLIENT.records.retrieve(
        "account", key, select=["industrycode", "_primarycontactid_value"], include_annotations="*"
    )
    formatted = "@OData.Community.Display.V1.FormattedValue"
    equal(record[f"industrycode{formatted}"], "Accounting")
    equal(record[f"_primarycontactid_value{formatted}"], f"Ann O'Neil {MARK}")
    equal(record["_primarycontactid_value@Microsoft.Dynamics.CRM.lookuplogicalname"], "contact")

with check("a row that is not there is None"):
    equal(CLIENT.records.retrieve("account", NOBODY), None)

with check("create of a list makes all rows (CreateMultiple)"):
    many = CLIENT.records.create("account", [{"name": f"Many {n} {MARK}", "revenue": n} for n in range(5)])
    equal(len(set(many)), 5)
    equal([account(one, "revenue")["revenue"] for one in many], [0, 1, 2, 3, 4])

with check("update of a list with one change (UpdateMultiple)"):
    CLIENT.records.update("account", many[:3], {"description": f"same {MARK}"})
    equal([account(one, "description")["description"] for one in many], [f"same {MARK}"] * 3 + [None] * 2)

with check("update of a list with a change each (UpdateMultiple)"):
    CLIENT.records.update("account", many[:2], [{"description": "first"}, {"description": "second"}])
    equal([account(one, "description")["description"] for one in many[:2]], ["first", "second"])

with check("UpdateMultiple changes nothing when one row is missing"):
    with raises(HttpError):
        CLIENT.records.update("account", [many[0], NOBODY], {"description": "half done"})
    equal(account(many[0], "description")["description"], "first")

with check("upsert by alternate key makes the row, then changes it"):
    item = {"alternate_key": {"accountnumber": f"U-{MARK}"}, "record": {"name": "Upserted once"}}
    CLIENT.records.upsert("account", [item])
    found = ROWS.get("accounts", filter=f"accountnumber eq 'U-{MARK}'", select="name")["value"]
    equal([row["name"] for row in found], ["Upserted once"])
    CLIENT.records.upsert("account", [item | {"record": {"name": "Upserted twice"}}])
    again = ROWS.get("accounts", filter=f"accountnumber eq 'U-{MARK}'", select="name")["value"]
    equal([(row["name"], row["accountid"]) for row in again], [("Upserted twice", found[0]["accountid"])])

with check("upsert of a list makes one and changes the other (UpsertMultiple)"):
    items = [
        {"alternate_key": {"accountnumber": f"U-{MARK}"}, "record": {"name": "Upserted thrice"}},
        {"alternate_key": {"accountnumber": f"V's {MARK}"}, "record": {"name": "New beside it"}},
    ]
    CLIENT.records.upsert("account", items)
    by_number = {
        row["accountnumber"]: row["name"]
        for row in ROWS.get("accounts", filter=f"endswith(accountnumber,'{MARK}')", select="accountnumber,name")["value"]
    }
    equal(by_number[f"U-{MARK}"], "Upserted thrice")
    equal(by_number[f"V's {MARK}"], "New beside it")

with check("delete takes the row away"):
    CLIENT.records.delete("account", many[4])
    equal(ROWS.status(f"accounts({many[4]})"), 404)

with check("delete of a list, one request each"):
    CLIENT.records.delete("account", many[2:4], use_bulk_delete=False)
    equal([ROWS.status(f"accounts({one})") for one in many[2:4]], [404, 404])

with check("the data frame helpers create, read, update and delete"):
    frame = pd.DataFrame([{"name": f"Frame {n} {MARK}", "revenue": float(n)} for n in range(3)])
    frame["accountid"] = CLIENT.dataframe.create("account", frame)
    equal(account(frame["accountid"][2], "name")["name"], f"Frame 2 {MARK}")
    CLIENT.dataframe.update("account", frame[["accountid"]].assign(description="framed"), id_column="accountid")
    found = CLIENT.query.builder("account").select("revenue").where(col("description") == "framed")
    read = found.order_by("revenue").to_dataframe()
    equal(list(read["revenue"]), [0.0, 1.0, 2.0])
    CLIENT.dataframe.delete("account", frame["accountid"], use_bulk_delete=False)
    equal([ROWS.status(f"accounts({one})") for one in frame["accountid"]], [404, 404, 404])

with check("404: updating and deleting what is not there"):
    for call in (
        lambda: CLIENT.records.update("account", NOBODY, {"name": "x"}),
        lambda: CLIENT.records.delete("account", NOBODY),
    ):
        with raises(HttpError) as caught:
            call()
        equal((caught[0].status_code, code_of(caught[0])), (404, "0x80040217"))
        holds("Does Not Exist" in str(caught[0]), caught[0])

with check("400: a column that the table has not"):
    with raises(HttpError) as caught:
        CLIENT.records.update("account", key, {"nosuchcolumn": 1})
    equal((caught[0].status_code, code_of(caught[0])), (400, "0x80048d19"))

with check("400: a text that is too long, and the row is as before"):
    with raises(HttpError) as caught:
        CLIENT.records.update("account", key, {"name": "x" * 161})
    equal((caught[0].status_code, code_of(caught[0])), (400, "0x80044331"))
    equal(account(key, "name")["name"], values["name"])

with check("412: a second row with the same alternate key"):
    with raises(HttpError) as caught:
        CLIENT.records.create("account", {"name": "again", "accountnumber": f"U-{MARK}"})
    equal((caught[0].status_code, code_of(caught[0])), (412, "0x80060892"))

with check("412: a second row with the same primary key"):
    with raises(HttpError) as caught:
        CLIENT.records.create("account", {"name": "again", "accountid": key})
    equal((caught[0].status_code, code_of(caught[0])), (412, "0x80040237"))

with check("a table that is not there is told by the empty list of definitions"):
    with raises(MetadataError):
        CLIENT.records.create("nosuchtable", {"name": "x"})

with check("errors carry the request's ids"):
    with raises(HttpError) as caught:
        CLIENT.records.update("account", NOBODY, {"name": "x"})
    holds(caught[0].details.get("service_request_id"), caught[0].details)

with check("429: transient, with the seconds to wait; the SDK leaves the waiting to the caller"):
    clear_faults()
    fault(route="api", kind="status", code=429, retry_after=7)
    with raises(HttpError) as caught:
        CLIENT.records.retrieve("account", key, select=["name"])
    equal((caught[0].status_code, caught[0].is_transient, caught[0].details["retry_after"]), (429, True, 7))
    equal(CLIENT.records.retrieve("account", key, select=["name"])["name"], values["name"])

with check("a connection cut before the work is tried again and the row is made once"):
    clear_faults()
    fault(route="api", kind="cut-before")
    CLIENT.records.create("account", {"name": f"Cut {MARK}"})
    equal(len(ROWS.get("accounts", filter=f"name eq 'Cut {MARK}'", select="name")["value"]), 1)

# The SDK tries again after every lost answer, a create too, and so makes the row twice when it was made the first time.
with check("a connection cut after the work is tried again, and the row is made twice: the SDK's own doing"):
    fault(route="api", kind="cut-after")
    CLIENT.records.create("account", {"name": f"Twice {MARK}"})
    equal(len(ROWS.get("accounts", filter=f"name eq 'Twice {MARK}'", select="name")["value"]), 2)

finish()
