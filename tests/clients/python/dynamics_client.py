"""dynamics-client: a client of another hand, on httpx and Authlib, for an app without a user.

It asks for duplicate detection with each write, sends the secret in the Authorization header, puts the
values of a list in single quotes, and has a builder for nearly each of Dataverse's query functions.
"""

import datetime
import uuid

from dynamics import DynamicsClient, ftr
from dynamics.exceptions import DuplicateRecordError, NotFound, ParseError

from check import check, equal, finish, holds, raises
from emulator import API, APP_SCOPE, SETUP, Rows

MARK = uuid.uuid4().hex[:8]
NOBODY = "00000000-0000-0000-0000-00000000dead"
CLIENT = DynamicsClient(
    api_url=API,
    token_url=SETUP["token_url"],
    client_id=SETUP["client_id"],
    client_secret=SETUP["client_secret"],
    scope=APP_SCOPE,
    cache_token=False,
    connection_timeout=30,
)
TODAY = datetime.datetime.now(datetime.timezone.utc).date()


def of(table: str, row: str = "") -> DynamicsClient:
    """The client, with nothing left of the query before."""
    CLIENT.reset_query()
    CLIENT.table = table
    CLIENT.row_id = row
    return CLIENT


def found(*conditions: str, order: str = "name asc") -> list[str]:
    """The numbers of our accounts that fit."""
    client = of("accounts")
    client.select = ["name"]
    client.filter = [ftr.startswith("name", MARK), *conditions]
    column, direction = order.split()
    client.orderby = {column: direction}
    return [row["name"].removeprefix(f"{MARK} ") for row in client.get(not_found_ok=True).data]


with check("a token for the app, the secret in the header, and who that is"):
    me = CLIENT.functions.whoami().data[0]
    holds(me["UserId"] and me["OrganizationId"], me)

with check("create with the row as answer"):
    made = of("accounts").post({"name": f"{MARK} 0", "revenue": 0, "industrycode": 1}).data
    rows = Rows(CLIENT._oauth_client.token["access_token"])
    equal(rows.get(f"accounts({made['accountid']})", select="name")["name"], f"{MARK} 0")
    accounts = [made["accountid"]]
    for n in range(1, 5):
        row = {"name": f"{MARK} {n}", "revenue": n * 100, "industrycode": n % 2 + 1}
        if n > 1:
            row["parentaccountid@odata.bind"] = f"/accounts({accounts[n - 1]})"
        accounts.append(of("accounts").post(row).data["accountid"])

with check("read of a row by its key, and of what is not there"):
    client = of("accounts", accounts[1])
    client.select = ["name", "revenue"]
    equal(client.get().data[0]["revenue"], 100)
    with raises(NotFound):
        of("accounts", NOBODY).get()

with check("update with the row as answer"):
    client = of("accounts", accounts[1])
    client.select = ["fax"]
    equal(client.patch({"fax": "1"}).data["fax"], "1")
    equal(rows.get(f"accounts({accounts[1]})", select="fax")["fax"], "1")

with check("comparisons and functions of text"):
    equal(found(ftr.ge("revenue", 300)), ["3", "4"])
    equal(found(ftr.or_(ftr.eq("revenue", 0), ftr.gt("revenue", 300), group=True)), ["0", "4"])
    equal(found(ftr.not_(ftr.contains("name", " 4"))), ["0", "1", "2", "3"])
    equal(found(ftr.endswith("name", "2")), ["2"])
    equal(found(ftr.eq("fax", None)), ["0", "2", "3", "4"])

with check("In, NotIn, Between, NotBetween with values in single quotes"):
    equal(found(ftr.in_("name", [f"{MARK} 1", f"{MARK} 3"])), ["1", "3"])
    equal(found(ftr.not_in("revenue", [0, 100])), ["2", "3", "4"])
    equal(found(ftr.between("revenue", [100, 300])), ["1", "2", "3"])
    equal(found(ftr.not_between("revenue", [100, 300])), ["0", "4"])

with check("query functions of dates"):
    for function in (ftr.today, ftr.this_week, ftr.this_month, ftr.this_year, ftr.this_fiscal_year):
        equal((function.__name__, len(found(function("createdon")))), (function.__name__, 5))
    for function in (ftr.yesterday, ftr.tomorrow, ftr.last_week, ftr.last_month, ftr.next_year, ftr.last_fiscal_year):
        equal((function.__name__, found(function("createdon"))), (function.__name__, []))
    for function in (ftr.last_x_hours, ftr.last_x_days, ftr.last_x_weeks, ftr.last_x_months, ftr.last_x_years):
        equal((function.__name__, len(found(function("createdon", 1)))), (function.__name__, 5))
    for function in (ftr.older_than_x_minutes, ftr.older_than_x_days, ftr.older_than_x_years):
        equal((function.__name__, found(function("createdon", 5))), (function.__name__, []))
    equal(len(found(ftr.on("createdon", str(TODAY)))), 5)
    equal(len(found(ftr.on_or_after("createdon", str(TODAY - datetime.timedelta(days=1))))), 5)
    equal(found(ftr.on_or_before("createdon", str(TODAY - datetime.timedelta(days=1)))), [])

with check("query functions of users"):
    equal(len(found(ftr.equal_user_id("ownerid"))), 5)
    equal(len(found(ftr.equal_business_id("owningbusinessunit"))), 5)

# Dataverse's functions are NotEqualUserId and NotEqualBusinessId; the client calls them by names that it has not.
with check("the client's own NotUserId is no function of Dataverse's"):
    with raises(ParseError):
        found(ftr.not_user_id("ownerid"))

with check("query functions of a hierarchy"):
    equal(found(ftr.under("accountid", accounts[2])), ["3", "4"])
    equal(found(ftr.under_or_equal("accountid", accounts[2])), ["2", "3", "4"])
    equal(found(ftr.above("accountid", accounts[3])), ["1", "2"])
    equal(found(ftr.not_under("accountid", accounts[1])), ["0", "1"])

with check("any and all over a collection"):
    of("contacts").post({"firstname": "One", "lastname": MARK, "parentcustomerid_account@odata.bind": f"/accounts({accounts[0]})"})
    one = ftr.eq("firstname", "One", lambda_indicator="c")
    equal(found(ftr.any_("contact_customer_accounts", "c", one)), ["0"])

with check("expand with options, and within it another"):
    client = of("accounts", accounts[3])
    client.select = ["name"]
    nested = {"parentaccountid": {"select": ["name"]}}
    client.expand = {
        "parentaccountid": {"select": ["name"], "expand": nested},
        "account_parent_account": {"select": ["name"], "filter": [ftr.gt("revenue", 0)]},
    }
    row = client.get().data[0]
    equal(row["parentaccountid"]["name"], f"{MARK} 2")
    equal(row["parentaccountid"]["parentaccountid"]["name"], f"{MARK} 1")
    equal([child["name"] for child in row["account_parent_account"]], [f"{MARK} 4"])

with check("pages of the client's size"):
    client = of("accounts")
    client.select, client.filter, client.pagesize = ["name"], [ftr.startswith("name", MARK)], 2
    equal(len(client.get(pagination_rules={"pages": -1}).data), 5)
    client.pagesize = 5000

with check("duplicates are refused, as the client asks"):
    of("contacts").post({"lastname": f"D{MARK}", "emailaddress1": f"{MARK}@a.example"})
    with raises(DuplicateRecordError):
        of("contacts").post({"lastname": f"E{MARK}", "emailaddress1": f"{MARK}@a.example"})
    client = of("contacts")
    client.suppress_duplicate_detection = True
    client.post({"lastname": f"E{MARK}", "emailaddress1": f"{MARK}@a.example"})
    equal(len(rows.get("contacts", filter=f"emailaddress1 eq '{MARK}@a.example'")["value"]), 2)

with check("an unknown column is a fault of the request"):
    with raises(ParseError):
        found(ftr.eq("nosuch", 1))

with check("delete"):
    of("accounts", accounts[4]).delete()
    equal(rows.status(f"accounts({accounts[4]})"), 404)

finish()
