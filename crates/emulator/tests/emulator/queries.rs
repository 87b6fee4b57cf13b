//! Queries as Microsoft documents them: related rows, conditions on them, aggregates, wildcards, pages.

use crate::kit::{Kit, signed_in};
use reqwest::Method;
use serde_json::{Value, json};

/// An account with a contact as its primary contact, three tasks and a second contact.
struct Litware {
    kit: Kit,
    account: String,
    contact: String,
}

async fn litware() -> Litware {
    let kit = signed_in(0).await;
    let account = kit
        .create(
            "accounts",
            json!({
                "name": "Litware, Inc. (sample)",
                "revenue": 20000,
                "numberofemployees": 100,
                "address1_stateorprovince": "WA",
                "primarycontactid": {"firstname": "Susanna", "lastname": "Stubberod (sample)"},
                "Account_Tasks": [
                    {"subject": "Task 1 for Litware"},
                    {"subject": "Task 2 for Litware"},
                    {"subject": "Call back"}
                ]
            }),
        )
        .await;
    let row = kit.get(&format!("accounts({account})?$select=_primarycontactid_value")).await;
    let contact = row["_primarycontactid_value"].as_str().unwrap().to_owned();
    let body = json!({"firstname": "Jim", "lastname": "Glynn (sample)", "jobtitle": "Owner",
        "parentcustomerid_account@odata.bind": format!("accounts({account})")});
    kit.create("contacts", body).await;
    kit.create("accounts", json!({"name": "Adventure Works (sample)", "revenue": 60000})).await;
    Litware { kit, account, contact }
}

fn names(list: &Value, column: &str) -> Vec<String> {
    let rows = list["value"].as_array().unwrap();
    rows.iter().map(|row| row[column].as_str().unwrap_or("null").to_owned()).collect()
}

// Source: webapi/query/join-tables, "Limit columns with $select".
#[tokio::test]
async fn related_rows_are_expanded_with_their_own_options() {
    let Litware { kit, account, contact } = litware().await;
    let path = "accounts?$select=name&$orderby=name desc&$expand=primarycontactid($select=fullname),Account_Tasks($select=subject;$filter=contains(subject,'Task');$orderby=subject desc)";
    let list = kit.get(path).await;
    assert!(
        list["@odata.context"].as_str().unwrap().ends_with(
            "/$metadata#accounts(name,primarycontactid(fullname),Account_Tasks(subject))"
        )
    );
    let row = &list["value"][0];
    assert_eq!(
        row["primarycontactid"],
        json!({"fullname": "Susanna Stubberod (sample)", "contactid": contact})
    );
    let tasks = row["Account_Tasks"].as_array().unwrap();
    let subjects: Vec<&str> = tasks.iter().map(|task| task["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["Task 2 for Litware", "Task 1 for Litware"]);
    assert_eq!(tasks[0]["_regardingobjectid_value"], json!(account));
    assert!(tasks[0]["activityid"].is_string() && tasks[0]["@odata.etag"].is_string());
    let link = row["Account_Tasks@odata.nextLink"].as_str().unwrap();
    let again = kit.http.get(link).bearer_auth(&kit.token).send().await.unwrap();
    let again: Value = again.json().await.unwrap();
    assert_eq!(names(&again, "subject"), subjects);
    let other = &list["value"][1];
    assert_eq!((&other["primarycontactid"], &other["Account_Tasks"]), (&Value::Null, &json!([])));
}

// Source: webapi/query/join-tables, "Nested expand of single-valued navigation properties" and "Return references".
#[tokio::test]
async fn expansions_nest_and_return_references() {
    let Litware { kit, contact, .. } = litware().await;
    let task = json!({"subject": "Task 1 for Susanna Stubberod",
        "regardingobjectid_contact_task@odata.bind": format!("/contacts({contact})")});
    let task = kit.create("tasks", task).await;
    let path = format!(
        "tasks({task})?$select=subject&$expand=regardingobjectid_contact_task($select=fullname;$expand=createdby($select=fullname))"
    );
    let row = kit.get(&path).await;
    let nested = &row["regardingobjectid_contact_task"];
    assert_eq!(nested["fullname"], "Susanna Stubberod (sample)");
    let user = &nested["createdby"];
    assert_eq!(user["fullname"], "Demo User");
    assert_eq!(user["systemuserid"], user["ownerid"]);
    assert!(nested.get("@odata.etag").is_none());

    let path =
        "accounts?$select=name&$filter=primarycontactid ne null&$expand=primarycontactid/$ref";
    let list = kit.get(path).await;
    let expected = format!("{}/contacts({contact})", kit.emulator.setup().api_url);
    assert_eq!(list["value"][0]["primarycontactid"], json!({"@odata.id": expected}));
}

// Source: webapi/query/join-tables, "Nested $expand on collection-valued navigation properties".
#[tokio::test]
async fn with_a_nested_expansion_collections_come_in_pages() {
    let Litware { kit, .. } = litware().await;
    let path = "accounts?$select=name&$orderby=name desc&$expand=Account_Tasks($select=subject;$expand=owninguser($select=fullname))";
    let request = kit.request(Method::GET, path).header("Prefer", "odata.maxpagesize=1");
    let list: Value = request.send().await.unwrap().json().await.unwrap();
    assert!(list["@odata.nextLink"].is_string());
    let row = &list["value"][0];
    assert_eq!(row["Account_Tasks"].as_array().unwrap().len(), 1);
    assert_eq!(row["Account_Tasks"][0]["owninguser"]["fullname"], "Demo User");
    let mut link = row["Account_Tasks@odata.nextLink"].as_str().map(str::to_owned);
    let mut more = 0;
    while let Some(url) = link {
        let request = kit.http.get(url).bearer_auth(&kit.token);
        let request = request.header("Prefer", "odata.maxpagesize=1");
        let page: Value = request.send().await.unwrap().json().await.unwrap();
        more += page["value"].as_array().unwrap().len();
        link = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(more, 2);
}

// Source: webapi/query/filter-rows.
#[tokio::test]
async fn conditions_follow_lookups_and_collections() {
    let Litware { kit, account, .. } = litware().await;
    let cases = [
        ("primarycontactid/fullname eq 'Susanna Stubberod (sample)'", 1),
        ("primarycontactid/createdby/fullname eq 'Demo User'", 1),
        ("primarycontactid/createdby/fullname eq 'System Administrator'", 0),
        ("Account_Tasks/any(t:contains(t/subject,'call'))", 1),
        ("Account_Tasks/all(t:t/statecode eq 0)", 2),
        ("Account_Tasks/all(t:contains(t/subject,'Task'))", 1),
        ("Account_Tasks/any()", 1),
        ("not Account_Tasks/any()", 1),
        ("contact_customer_accounts/any(c:c/jobtitle eq 'owner' and c/ownerid ne null)", 1),
        (
            "Microsoft.Dynamics.CRM.Between(PropertyName='numberofemployees',PropertyValues=[\"5\",\"2000\"])",
            1,
        ),
        ("Microsoft.Dynamics.CRM.Today(PropertyName='createdon')", 2),
        ("Microsoft.Dynamics.CRM.EqualUserId(PropertyName='ownerid')", 2),
        ("Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=3)", 2),
        ("revenue lt 100000 and revenue gt 30000", 1),
        ("not contains(name,'litware')", 1),
        ("name eq 'LITWARE, INC. (SAMPLE)'", 1),
        ("startswith(name,'l[a-i]tware%sample')", 1),
        ("endswith(name,'(sample_')", 2),
        ("contains(name,'[%]')", 0),
    ];
    for (filter, expected) in cases {
        let request = kit.request(Method::GET, "accounts").query(&[("$filter", filter)]);
        let answer = request.send().await.unwrap();
        let list: Value = answer.json().await.unwrap();
        let found = list["value"].as_array().map(Vec::len);
        assert_eq!(found, Some(expected), "{filter}: {list}");
    }
    // Source: webapi/query/filter-rows, "Filter rows": a filtered collection says the same as a lookup's filter.
    let members =
        kit.get(&format!("accounts({account})/contact_customer_accounts?$select=fullname")).await;
    assert_eq!(names(&members, "fullname"), ["Jim Glynn (sample)"]);
    let counted = kit.request(Method::GET, &format!("accounts({account})/Account_Tasks/$count"));
    assert!(counted.send().await.unwrap().text().await.unwrap().ends_with('3'));
}

// Source: webapi/query/filter-rows, "Manage single quotes".
#[tokio::test]
async fn parameter_aliases_carry_lists_and_quotes() {
    let kit = signed_in(0).await;
    for name in ["OBrian", "O'Bryan", "Smith"] {
        kit.create("contacts", json!({"lastname": name})).await;
    }
    let list = kit
        .get("contacts?$select=lastname&$filter=Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)&$orderby=lastname&@p1='lastname'&@p2=[\"OBrian\",\"O'Bryan\"]")
        .await;
    assert_eq!(names(&list, "lastname"), ["O'Bryan", "OBrian"]);
    let list = kit.get("contacts?$filter=lastname eq @n&@n='O''Bryan'").await;
    assert_eq!(names(&list, "lastname"), ["O'Bryan"]);
}

// Source: webapi/query/aggregate-data.
#[tokio::test]
async fn rows_are_grouped_and_summed() {
    let Litware { kit, .. } = litware().await;
    let get = |path: &'static str| {
        let request = kit.request(Method::GET, path);
        let wanted = "odata.include-annotations=\"OData.Community.Display.V1.FormattedValue\"";
        async move {
            let answer = request.header("Prefer", wanted).send().await.unwrap();
            answer.json::<Value>().await.unwrap()
        }
    };
    let formatted = |name: &str| format!("{name}@OData.Community.Display.V1.FormattedValue");
    let list = get("accounts?$apply=groupby((statuscode),aggregate($count as count))").await;
    let row = &list["value"][0];
    assert_eq!((&row["statuscode"], &row["count"]), (&json!(1), &json!(2)));
    assert_eq!(row[formatted("statuscode")], "Active");
    assert_eq!(row[formatted("count")], "2");
    let list = get("accounts?$apply=aggregate(revenue with sum as total)").await;
    assert_eq!(list["value"][0]["total"], 80000.0);
    assert_eq!(list["value"][0][formatted("total")], "$80,000.00");
    let list = get("accounts?$apply=aggregate(revenue with average as a,revenue with min as l,revenue with max as h,name with countdistinct as n)").await;
    let row = &list["value"][0];
    assert_eq!(
        [&row["a"], &row["l"], &row["h"], &row["n"]],
        [&json!(40000.0), &json!(20000.0), &json!(60000.0), &json!(2)]
    );
    let list = get("accounts?$apply=groupby((primarycontactid/fullname),aggregate(revenue with sum as total))&$orderby=primarycontactid/fullname desc").await;
    assert_eq!(list["value"][0]["contact_fullname"], "Susanna Stubberod (sample)");
    assert!(list["value"][1].get("contact_fullname").is_none(), "null is left out");
    let list = get("accounts?$apply=filter(address1_stateorprovince eq 'WA')/groupby((primarycontactid/fullname))").await;
    assert_eq!(list["value"].as_array().unwrap().len(), 1);
    let list = get("accounts?$apply=aggregate(createdon with max as lastCreate)").await;
    assert!(list["value"][0]["lastCreate"].as_str().unwrap().ends_with('Z'));
    let (status, _, message) = kit
        .failure("accounts?$apply=groupby((statuscode),aggregate($count as n))&$orderby=n")
        .await;
    assert_eq!(status, 400, "{message}");
}

// Source: webapi/query/select-columns, "Formatted values" and "Lookup property data".
#[tokio::test]
async fn annotations_say_what_people_read() {
    let Litware { kit, account, contact } = litware().await;
    let path = format!(
        "accounts({account})?$select=name,revenue,numberofemployees,statecode,_primarycontactid_value,createdon"
    );
    let request = kit.request(Method::GET, &path);
    let answer = request.header("Prefer", "odata.include-annotations=\"*\"").send().await.unwrap();
    assert_eq!(answer.headers()["preference-applied"], "odata.include-annotations=\"*\"");
    let row: Value = answer.json().await.unwrap();
    let formatted = |name: &str| &row[format!("{name}@OData.Community.Display.V1.FormattedValue")];
    assert_eq!(*formatted("revenue"), "$20,000.00");
    assert_eq!(*formatted("numberofemployees"), "100");
    assert_eq!(*formatted("statecode"), "Active");
    assert_eq!(*formatted("_primarycontactid_value"), "Susanna Stubberod (sample)");
    assert!(formatted("createdon").as_str().unwrap().ends_with('M'));
    assert_eq!(row["_primarycontactid_value@Microsoft.Dynamics.CRM.lookuplogicalname"], "contact");
    assert_eq!(
        row["_primarycontactid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"],
        "primarycontactid"
    );
    assert_eq!(row["_primarycontactid_value"], json!(contact));
    assert!(row["_transactioncurrencyid_value"].is_string(), "money brings its currency");
}

// Source: webapi/query/page-results and webapi/query/count-rows.
#[tokio::test]
async fn pages_follow_each_other_and_counts_are_annotated() {
    let kit = signed_in(12).await;
    let annotations = "odata.maxpagesize=5,odata.include-annotations=\"Microsoft.Dynamics.CRM.*\"";
    let path = "contacts?$select=fullname&$orderby=fullname&$count=true";
    let request = kit.request(Method::GET, path).header("Prefer", annotations);
    let first: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(first["@odata.count"], 12);
    assert_eq!(first["@Microsoft.Dynamics.CRM.totalrecordcount"], 12);
    assert_eq!(first["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"], false);
    let mut all = names(&first, "fullname");
    let mut link = first["@odata.nextLink"].as_str().map(str::to_owned);
    while let Some(url) = link {
        assert!(url.contains("$skiptoken=%3Ccookie%20pagenumber%3D%22"), "{url}");
        let request = kit.http.get(url).bearer_auth(&kit.token).header("Prefer", annotations);
        let page: Value = request.send().await.unwrap().json().await.unwrap();
        all.extend(names(&page, "fullname"));
        link = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    let whole = kit.get("contacts?$select=fullname&$orderby=fullname").await;
    assert_eq!(all, names(&whole, "fullname"));
    assert_eq!(kit.failure("contacts?$skiptoken=abc").await.0, 400);
}
