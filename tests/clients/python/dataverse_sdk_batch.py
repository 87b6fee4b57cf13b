"""Microsoft's Python SDK for Dataverse: `$batch` with and without change sets, and deletes in bulk."""

import uuid

from PowerPlatform.Dataverse.core.errors import HttpError

from check import check, equal, finish, holds
from sdk import CLIENT, ROWS, code_of

MARK = uuid.uuid4().hex[:8]
NOBODY = "00000000-0000-0000-0000-00000000dead"


def statuses(result) -> list[int]:
    return [response.status_code for response in result.responses]


def count(table: str, filter: str) -> int:
    return len(ROWS.get(table, filter=filter)["value"])


with check("single requests: create, read and list in one round trip"):
    first = CLIENT.records.create("account", {"name": f"{MARK} first", "revenue": 5})
    batch = CLIENT.batch.new()
    batch.records.create("account", {"name": f"{MARK} batch's own", "industrycode": "Accounting"})
    batch.records.retrieve("account", first, select=["name", "revenue"])
    batch.records.list("account", filter=f"startswith(name,'{MARK}')", select=["name"], orderby=["name"], top=1)
    batch.records.update("account", first, {"revenue": 6})
    result = batch.execute()
    equal(statuses(result), [204, 200, 200, 204])
    made = result.responses[0].entity_id
    equal(ROWS.get(f"accounts({made})", select="name,industrycode")["industrycode"], 1)
    equal(result.responses[1].data["revenue"], 5)
    equal([row["name"] for row in result.responses[2].data["value"]], [f"{MARK} batch's own"])
    equal(ROWS.get(f"accounts({first})", select="revenue")["revenue"], 6)

with check("a change set whose parts refer to each other by content id"):
    batch = CLIENT.batch.new()
    with batch.changeset() as changes:
        person = changes.records.create("contact", {"firstname": "Content", "lastname": MARK})
        company = changes.records.create(
            "account", {"name": f"{MARK} of the set", "primarycontactid@odata.bind": person}
        )
        changes.records.update("contact", person, {"jobtitle": "in the same set"})
        changes.records.update("account", company, {"revenue": 9})
    result = batch.execute()
    equal(statuses(result), [204, 204, 204, 204])
    equal([response.content_id for response in result.responses], ["1", "2", "3", "4"])
    contact, account = (response.entity_id for response in result.responses[:2])
    row = ROWS.get(f"accounts({account})", select="revenue,_primarycontactid_value")
    equal([row["revenue"], row["_primarycontactid_value"]], [9, contact])
    equal(ROWS.get(f"contacts({contact})", select="jobtitle")["jobtitle"], "in the same set")

with check("a change set that fails leaves nothing behind"):
    batch = CLIENT.batch.new()
    with batch.changeset() as changes:
        changes.records.create("account", {"name": f"{MARK} rolled back"})
        changes.records.update("account", NOBODY, {"name": "x"})
    result = batch.execute(continue_on_error=True)
    holds(result.has_errors, statuses(result))
    equal([(failed.status_code, failed.error_code) for failed in result.failed], [(404, "0x80040217")])
    equal(count("accounts", f"name eq '{MARK} rolled back'"), 0)

with check("without continue-on-error the first error ends the batch"):
    batch = CLIENT.batch.new()
    batch.records.create("account", {"name": f"{MARK} before"})
    batch.records.create("account", {"name": "x" * 161})
    batch.records.create("account", {"name": f"{MARK} after"})
    result = batch.execute()
    equal(statuses(result), [204, 400])
    equal([result.responses[1].error_code, count("accounts", f"name eq '{MARK} after'")], ["0x80044331", 0])
    equal(count("accounts", f"name eq '{MARK} before'"), 1)

with check("with continue-on-error the rest is done"):
    batch = CLIENT.batch.new()
    batch.records.create("account", {"name": "x" * 161})
    batch.records.create("account", {"name": f"{MARK} all the same"})
    result = batch.execute(continue_on_error=True)
    equal(statuses(result), [400, 204])
    equal(count("accounts", f"name eq '{MARK} all the same'"), 1)

with check("lists of rows in a batch (CreateMultiple, UpdateMultiple, upserts)"):
    batch = CLIENT.batch.new()
    batch.records.create("account", [{"name": f"{MARK} many {n}"} for n in range(3)])
    batch.records.upsert(
        "account", [{"alternate_key": {"accountnumber": f"B-{MARK}"}, "record": {"name": f"{MARK} upserted"}}]
    )
    result = batch.execute()
    holds(not result.has_errors, [(failed.status_code, failed.error_message) for failed in result.failed])
    equal(len(result.responses[0].data["Ids"]), 3)
    equal(count("accounts", f"accountnumber eq 'B-{MARK}' and name eq '{MARK} upserted'"), 1)
    batch = CLIENT.batch.new()
    batch.records.update("account", result.responses[0].data["Ids"], {"description": MARK})
    holds(not batch.execute().has_errors, "the update failed")
    equal(count("accounts", f"description eq '{MARK}'"), 3)

with check("deletes in a batch and in a change set"):
    batch = CLIENT.batch.new()
    with batch.changeset() as changes:
        changes.records.delete("account", account)
        changes.records.delete("contact", contact)
    batch.records.delete("account", [made, first], use_bulk_delete=False)
    equal(statuses(batch.execute()), [204, 204, 204, 204])
    gone = [f"accounts({account})", f"contacts({contact})", f"accounts({made})", f"accounts({first})"]
    equal([ROWS.status(path) for path in gone], [404] * 4)

with check("metadata in a batch"):
    batch = CLIENT.batch.new()
    batch.tables.get("account")
    batch.tables.get_relationship("account_primary_contact")
    result = batch.execute()
    equal(statuses(result), [200, 200])
    equal(result.responses[0].data["value"][0]["EntitySetName"], "accounts")
    equal(result.responses[1].data["value"][0]["SchemaName"], "account_primary_contact")

with check("BulkDelete deletes, or is refused in the emulator's words and deletes nothing"):
    doomed = CLIENT.records.create("account", [{"name": f"{MARK} doomed {n}"} for n in range(2)])
    try:
        job = CLIENT.records.delete("account", doomed)
    except HttpError as error:
        equal(error.status_code, 501)
        holds("The emulator does not support" in str(error) and code_of(error), error)
        equal(count("accounts", f"startswith(name,'{MARK} doomed')"), 2)
    else:
        holds(job, "no job id")
        equal(count("accounts", f"startswith(name,'{MARK} doomed')"), 0)

finish()
