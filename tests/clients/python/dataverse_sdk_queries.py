"""Microsoft's Python SDK for Dataverse: its query builder, lists, pages, FetchXML, and SQL, which is refused."""

import uuid

from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.filters import col, raw
from PowerPlatform.Dataverse.models.query_builder import ExpandOption

from check import check, equal, finish, holds, raises
from sdk import CLIENT, ROWS, code_of, refused

MARK = uuid.uuid4().hex[:8]
OURS = raw(f"startswith(name,'{MARK}')")

# Seven accounts: revenue 0 to 600, every second one with industry 1, two with a primary contact.
with check("rows for the queries"):
    people = CLIENT.records.create(
        "contact", [{"firstname": name, "lastname": f"Q {MARK}"} for name in ("Zoe", "Adam")]
    )
    rows = [{"name": f"{MARK} {n}", "revenue": n * 100, "industrycode": n % 2 + 1} for n in range(7)]
    rows[1]["primarycontactid@odata.bind"] = f"/contacts({people[0]})"
    rows[2]["primarycontactid@odata.bind"] = f"/contacts({people[1]})"
    rows[3]["description"] = "50% off_[now]"
    ids = CLIENT.records.create("account", rows)
    cases = CLIENT.records.create(
        "incident",
        [
            {"title": f"{MARK} case {n}", "prioritycode": n % 3 + 1, "customerid_account@odata.bind": f"/accounts({ids[n % 2]})"}
            for n in range(4)
        ],
    )


def names(records) -> list[int]:
    """The numbers of our accounts, in the order of the answer."""
    return [int(record["name"].rsplit(" ", 1)[1]) for record in records]


def where(expression):
    return CLIENT.query.builder("account").select("name").where(OURS & expression).order_by("name").execute()


with check("the rows are there, seen without the SDK"):
    seen = ROWS.get("accounts", filter=f"startswith(name,'{MARK}')", select="name", orderby="name")["value"]
    equal(names(seen), [0, 1, 2, 3, 4, 5, 6])

with check("comparisons, and, or, not"):
    equal(names(where(col("revenue") == 300)), [3])
    equal(names(where(col("revenue") > 400)), [5, 6])
    equal(names(where((col("revenue") <= 100) | (col("revenue") >= 600))), [0, 1, 6])
    equal(names(where(~(col("revenue") < 500))), [5, 6])
    equal(names(where(col("industrycode") != 1)), [1, 3, 5])

with check("between, in and not in"):
    equal(names(where(col("revenue").between(200, 300))), [2, 3])
    equal(names(where(col("name").in_([f"{MARK} 1", f"{MARK} 5"]))), [1, 5])
    equal(names(where(col("revenue").in_([100, 200]))), [1, 2])
    equal(names(where(col("name").not_in([f"{MARK} {n}" for n in range(5)]))), [5, 6])

with check("null, and what is not null"):
    equal(names(where(col("description").is_not_null())), [3])
    equal(names(where(raw("_primarycontactid_value ne null"))), [1, 2])

with check("contains, startswith, endswith and like"):
    equal(names(where(col("name").contains(f"{MARK} 4"))), [4])
    equal(names(where(col("name").endswith(" 6"))), [6])
    equal(names(where(col("name").like(f"{MARK} 2%"))), [2])
    equal(names(where(col("description").contains("50[%] off[_][[]now"))), [3])

with check("case does not matter in a comparison"):
    equal(names(where(col("description") == "50% OFF_[NOW]")), [3])

with check("a lookup's row as condition"):
    equal(names(where(raw(f"_primarycontactid_value eq {people[0]}"))), [1])
    equal(names(where(raw("primarycontactid/firstname eq 'Adam'"))), [2])

with check("a condition on the rows of a collection"):
    equal(names(where(raw("incident_customer_accounts/any(c:c/prioritycode eq 2)"))), [1])

with check("order by several columns, and by the name of a lookup"):
    found = CLIENT.query.builder("account").select("name").where(OURS)
    found = found.order_by("industrycode", descending=True).order_by("revenue", descending=True).execute()
    equal(names(found), [5, 3, 1, 6, 4, 2, 0])
    found = CLIENT.records.list(
        "account", filter=OURS & raw("_primarycontactid_value ne null"), select=["name"], orderby=["_primarycontactid_value"]
    )
    equal(names(found), [2, 1])

with check("top"):
    found = CLIENT.query.builder("account").select("name").where(OURS).order_by("revenue", descending=True).top(2)
    equal(names(found.execute()), [6, 5])

with check("pages of two, each row once"):
    pages = list(
        CLIENT.query.builder("account").select("name").where(OURS).order_by("name").page_size(2).execute_pages()
    )
    equal([names(page) for page in pages], [[0, 1], [2, 3], [4, 5], [6]])

with check("pages of a list without an order hold each row once"):
    pages = list(CLIENT.records.list_pages("account", filter=OURS, select=["name"], page_size=3))
    equal([len(page) for page in pages], [3, 3, 1])
    equal(sorted(number for page in pages for number in names(page)), [0, 1, 2, 3, 4, 5, 6])

with check("expand one row, with its own select"):
    found = CLIENT.query.builder("account").select("name").where(OURS & (col("revenue") == 100))
    found = found.expand(ExpandOption("primarycontactid").select("firstname")).execute()
    equal(found[0]["primarycontactid"]["firstname"], "Zoe")

with check("expand a collection with filter, order and top"):
    option = ExpandOption("incident_customer_accounts").select("title").filter("prioritycode ne 2")
    option = option.order_by("title", descending=True).top(1)
    found = CLIENT.query.builder("account").select("name").where(OURS & (col("revenue") == 0)).expand(option).execute()
    equal([row["title"] for row in found[0]["incident_customer_accounts"]], [f"{MARK} case 2"])

with check("formatted values"):
    found = CLIENT.query.builder("account").select("industrycode", "revenue").where(OURS & (col("revenue") == 0))
    found = found.include_formatted_values().execute()
    equal(found[0]["industrycode@OData.Community.Display.V1.FormattedValue"], "Accounting")

with check("count does not disturb the rows"):
    equal(len(CLIENT.query.builder("account").select("name").where(OURS).count().execute()), 7)

with check("to_dataframe has a row each"):
    frame = CLIENT.query.builder("account").select("name", "revenue").where(OURS).order_by("revenue").to_dataframe()
    equal(list(frame["revenue"]), [0, 100, 200, 300, 400, 500, 600])

FETCH = f"""<fetch{{count}}><entity name="account"><attribute name="name"/><attribute name="revenue"/>
<order attribute="name"/><filter><condition attribute="name" operator="like" value="{MARK}%"/>{{more}}</filter>{{link}}
</entity></fetch>"""

with check("FetchXML with a condition"):
    more = '<condition attribute="revenue" operator="ge" value="500"/>'
    equal(names(CLIENT.query.fetchxml(FETCH.format(count="", more=more, link="")).execute()), [5, 6])

with check("FetchXML in pages with the paging cookie"):
    pages = list(CLIENT.query.fetchxml(FETCH.format(count=' count="3"', more="", link="")).execute_pages())
    equal([names(page) for page in pages], [[0, 1, 2], [3, 4, 5], [6]])

with check("FetchXML with a linked table and its alias"):
    link = """<link-entity name="contact" from="contactid" to="primarycontactid" alias="who">
    <attribute name="firstname"/></link-entity>"""
    found = CLIENT.query.fetchxml(FETCH.format(count="", more="", link=link)).execute()
    equal([(record["who.firstname"]) for record in found], ["Zoe", "Adam"])

with check("FetchXML with an aggregate"):
    xml = f"""<fetch aggregate="true"><entity name="account"><attribute name="revenue" aggregate="sum" alias="total"/>
    <attribute name="industrycode" groupby="true" alias="industry"/><order alias="industry"/>
    <filter><condition attribute="name" operator="like" value="{MARK}%"/></filter></entity></fetch>"""
    found = CLIENT.query.fetchxml(xml).execute()
    equal([(record["industry"], record["total"]) for record in found], [(1, 1200), (2, 900)])

with check("400: an unknown column in FetchXML and in select"):
    with raises(HttpError) as caught:
        CLIENT.query.fetchxml('<fetch><entity name="account"><attribute name="nosuch"/></entity></fetch>').execute()
    equal((caught[0].status_code, code_of(caught[0])), (400, "0x80041103"))
    with raises(HttpError) as caught:
        CLIENT.records.list("account", select=["nosuch"])
    equal((caught[0].status_code, code_of(caught[0])), (400, "0x80060888"))
    holds("Could not find a property named 'nosuch'" in str(caught[0]), caught[0])

with check("the helper for expand finds the navigation property, and it expands"):
    navigation = CLIENT.query.odata_expand("account", "contact")
    holds(navigation in [option["nav_property"] for option in CLIENT.query.odata_expands("account")], navigation)
    found = CLIENT.records.list("account", filter=OURS, select=["name"], expand=[navigation], top=1)
    holds(navigation in found[0].keys(), list(found[0].keys()))

with check("the helper for bind links two rows"):
    link = CLIENT.query.odata_bind("incident", "contact", people[0])
    CLIENT.records.update("incident", cases[0], link)
    row = ROWS.get(f"incidents({cases[0]})")
    holds(people[0] in [row["_primarycontactid_value"], row["_customerid_value"], row["_responsiblecontactid_value"]], link)

with check("SQL, which Microsoft's Web API pages do not document, is refused"):
    refused("sql", lambda: CLIENT.query.sql("SELECT name FROM account WHERE revenue > 100"))

finish()
