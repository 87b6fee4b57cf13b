//! The Web API: rows, conditions, lookups, queries, paging, and the documented errors.

use crate::kit::{failure, signed_in};
use reqwest::Method;
use serde_json::{Value, json};

const MISSING: &str = "00000000-0000-0000-0000-00000000dead";

fn names(list: &Value, column: &str) -> Vec<String> {
    let rows = list["value"].as_array().unwrap();
    rows.iter().map(|row| row[column].as_str().unwrap_or("null").to_owned()).collect()
}

#[tokio::test]
async fn a_row_lives_from_create_to_delete() {
    let kit = signed_in(0).await;
    let account = kit.create("accounts", json!({"name": "Müller & Söhne", "revenue": 12.5})).await;
    let body = json!({
        "firstname": "Ana", "lastname": "O'Brien", "donotphone": true, "birthdate": "1990-02-03",
        "parentcustomerid_account@odata.bind": format!("/accounts({account})"),
    });
    let contact = kit.create("contacts", body).await;
    let row = kit.get(&format!("contacts({contact})")).await;
    assert_eq!(row["fullname"], "Ana O'Brien");
    assert_eq!(row["_parentcustomerid_value"], json!(account));
    assert_eq!((&row["donotphone"], &row["birthdate"]), (&json!(true), &json!("1990-02-03")));
    assert_eq!((&row["statecode"], &row["statuscode"]), (&json!(0), &json!(1)));
    assert!(row["@odata.etag"].as_str().unwrap().starts_with("W/\""));
    assert!(row["_createdby_value"].is_string() && row["createdon"].is_string());
    assert!(row["mobilephone"].is_null());

    let path = format!("contacts({contact})");
    let change = json!({"lastname": "Núñez", "parentcustomerid_account": null, "statecode": 1});
    let patched = kit.request(Method::PATCH, &path).header("If-Match", "*").json(&change);
    assert_eq!(patched.send().await.unwrap().status(), 204);
    let select = "$select=fullname,_parentcustomerid_value,statuscode";
    let row = kit.get(&format!("{path}?{select}")).await;
    assert_eq!(row["fullname"], "Ana Núñez");
    assert_eq!(row["statuscode"], 2);
    assert!(row["_parentcustomerid_value"].is_null());
    assert_eq!(row["contactid"], json!(contact));
    assert!(row["@odata.context"].as_str().unwrap().ends_with(
        "/api/data/v9.2/$metadata#contacts(fullname,_parentcustomerid_value,statuscode)/$entity"
    ));
    assert!(row.get("lastname").is_none());

    assert_eq!(kit.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    let (status, code, message) = kit.failure(&path).await;
    assert_eq!((status, code.as_str()), (404, "0x80040217"));
    assert_eq!(message, format!("contact With Id = {contact} Does Not Exist"));
}

#[tokio::test]
async fn representation_is_answered_when_preferred() {
    let kit = signed_in(0).await;
    let prefer = ("Prefer", "return=representation");
    let request = kit.request(Method::POST, "accounts?$select=name").header(prefer.0, prefer.1);
    let response = request.json(&json!({"name": "A"})).send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["preference-applied"], prefer.1);
    let row: Value = response.json().await.unwrap();
    assert_eq!(row["name"], "A");
    let path = format!("accounts({})", row["accountid"].as_str().unwrap());
    let request = kit.request(Method::PATCH, &path).header(prefer.0, prefer.1);
    let response = request.json(&json!({"name": "B"})).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap()["name"], "B");
}

#[tokio::test]
async fn conditions_decide_between_create_update_and_refusal() {
    let kit = signed_in(0).await;
    let id = "11111111-2222-3333-4444-555555555555";
    let path = format!("accounts({id})");
    let patch = |header: (&'static str, String), name: &str| {
        let request = kit.request(Method::PATCH, &path).header(header.0, header.1);
        request.json(&json!({"name": name})).send()
    };
    let any = || "*".to_owned();
    let missing = failure(patch(("If-Match", any()), "A").await.unwrap()).await;
    assert_eq!((missing.0, missing.1.as_str()), (404, "0x80040217"));
    let created = patch(("If-None-Match", any()), "A").await.unwrap();
    assert_eq!(created.status(), 204);
    assert!(created.headers()["odata-entityid"].to_str().unwrap().ends_with(&path));
    let twice = failure(patch(("If-None-Match", any()), "A").await.unwrap()).await;
    assert_eq!(twice.0, 412);
    assert_eq!(twice.1, "0x80040237");
    assert_eq!(twice.2, "A record with matching key values already exists.");

    let etag = kit.get(&path).await["@odata.etag"].as_str().unwrap().to_owned();
    assert_eq!(patch(("If-Match", etag.clone()), "B").await.unwrap().status(), 204);
    let stale = failure(patch(("If-Match", etag.clone()), "C").await.unwrap()).await;
    assert_eq!((stale.0, stale.1.as_str()), (412, "0x80060882"));
    assert_eq!(kit.get(&path).await["name"], "B");
    let stale = kit.request(Method::DELETE, &path).header("If-Match", etag).send().await.unwrap();
    assert_eq!(stale.status(), 412);

    let now = kit.get(&path).await["@odata.etag"].as_str().unwrap().to_owned();
    let same = kit.request(Method::GET, &path).header("If-None-Match", now).send().await.unwrap();
    assert_eq!(same.status(), 304);
    let upsert = kit.request(Method::PATCH, &format!("accounts({MISSING})"));
    let upsert = upsert.header("Prefer", "return=representation").json(&json!({"name": "U"}));
    assert_eq!(upsert.send().await.unwrap().status(), 201);
    let duplicate = kit.request(Method::POST, "accounts").json(&json!({"accountid": id}));
    assert_eq!(failure(duplicate.send().await.unwrap()).await.1, "0x80040237");
}

#[tokio::test]
async fn wrong_bodies_are_documented_errors_and_store_nothing() {
    let kit = signed_in(0).await;
    let account = kit.create("accounts", json!({"name": "A"})).await;
    let bind = |set: &str, id: &str| format!("/{set}({id})");
    let cases = [
        ("contacts", json!({"nosuch": 1}), 400, "0x80048d19", "Invalid property 'nosuch'"),
        ("contacts", json!({"firstname": 5}), 400, "0x80048d19", "Edm.String"),
        ("contacts", json!({"firstname": "x".repeat(51)}), 400, "0x80044331", "'50'"),
        ("accounts", json!({"industrycode": 4711}), 400, "0x8004431a", "4711"),
        ("accounts", json!({"statecode": 0, "statuscode": 2}), 400, "0x80048408", "status code"),
        ("accounts", json!({"_primarycontactid_value": MISSING}), 400, "0x80060888", "Navigation"),
        (
            "accounts",
            json!({"PrimaryContactId@odata.bind": bind("contacts", MISSING)}),
            400,
            "0x80048d19",
            "undeclared property 'PrimaryContactId'",
        ),
        (
            "accounts",
            json!({"primarycontactid@odata.bind": bind("contacts", MISSING)}),
            404,
            "0x80040217",
            "contact With Id",
        ),
        (
            "accounts",
            json!({"primarycontactid@odata.bind": bind("accounts", &account)}),
            400,
            "0x80048d19",
            "refers to a contact",
        ),
        ("incidents", json!({"title": "no customer"}), 400, "0x80044410", "parent contact"),
        ("accounts", json!([1]), 400, "0x80048d19", "no JSON object"),
        ("systemusers", json!({"firstname": "x"}), 403, "0x80040220", "prvCreateUser"),
        ("phonecalls", json!({"phonecall_activity_parties": {}}), 400, "0x80048d19", "StartArray"),
    ];
    for (set, body, status, code, text) in cases {
        let response = kit.request(Method::POST, set).json(&body).send().await.unwrap();
        let found = failure(response).await;
        assert_eq!((found.0, found.1.as_str()), (status, code), "{body}: {}", found.2);
        assert!(found.2.contains(text), "{body}: {}", found.2);
    }
    assert_eq!(kit.get("accounts?$count=true").await["@odata.count"], 1);
    assert_eq!(kit.get("contacts?$count=true").await["@odata.count"], 0);
}

#[tokio::test]
async fn polymorphic_lookups_and_what_a_delete_takes_along() {
    let kit = signed_in(0).await;
    let account = kit.create("accounts", json!({"name": "A"})).await;
    let contact = kit
        .create("contacts", json!({
            "lastname": "C", "parentcustomerid_account@odata.bind": format!("accounts({account})")
        }))
        .await;
    let base = kit.emulator.setup().api_url.clone();
    let case = kit
        .create("incidents", json!({
            "title": "T", "customerid_account@odata.bind": format!("{base}/accounts({account})"),
            "primarycontactid@odata.bind": format!("/contacts({contact})"),
        }))
        .await;
    let call = kit
        .create(
            "phonecalls",
            json!({
                "subject": "S", "phonenumber": "+1", "directioncode": false,
                "regardingobjectid_incident_phonecall@odata.bind": format!("/incidents({case})"),
            }),
        )
        .await;
    let row = kit.get(&format!("phonecalls({call})")).await;
    assert_eq!(row["_regardingobjectid_value"], json!(case));
    assert!(
        kit.get(&format!("incidents({case})")).await["ticketnumber"]
            .as_str()
            .unwrap()
            .starts_with("CAS-")
    );

    let path = format!("accounts({account})");
    assert_eq!(kit.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert_eq!(kit.failure(&format!("incidents({case})")).await.0, 404);
    assert_eq!(kit.failure(&format!("phonecalls({call})")).await.0, 404);
    let contact = kit.get(&format!("contacts({contact})")).await;
    assert!(contact["_parentcustomerid_value"].is_null());
}

#[tokio::test]
async fn filters_find_without_case_and_with_wildcards() {
    let kit = signed_in(0).await;
    for (name, phone, staff) in [
        ("Öl & Söhne", "+12125550142", 10),
        ("50% Off", "(212) 555-0143", 20),
        ("50 Percent Off", "x_y", 30),
        ("O'Reilly [EU]", "xzy", 40),
    ] {
        let body = json!({"name": name, "telephone1": phone, "numberofemployees": staff});
        kit.create("accounts", body).await;
    }
    kit.create("accounts", json!({"name": "Nobody"})).await;
    let cases: [(&str, &[&str]); 17] = [
        ("name eq 'öl %26 SÖHNE'", &["Öl & Söhne"]),
        ("telephone1 eq '%2B12125550142'", &["Öl & Söhne"]),
        ("name eq '50%25 off'", &["50% Off"]),
        ("contains(name,'50%25off')", &["50 Percent Off", "50% Off"]),
        ("contains(name,'50[%25]')", &["50% Off"]),
        ("startswith(telephone1,'x_y')", &["50 Percent Off", "O'Reilly [EU]"]),
        ("startswith(telephone1,'x[_]y')", &["50 Percent Off"]),
        ("endswith(name,'[[]eu]')", &["O'Reilly [EU]"]),
        ("name eq 'O''REILLY [EU]'", &["O'Reilly [EU]"]),
        (
            "numberofemployees ge 20 and not (name eq '50% off' or numberofemployees gt 35)",
            &["50 Percent Off"],
        ),
        ("telephone1 eq null", &["Nobody"]),
        ("telephone1 ne null and numberofemployees lt 15", &["Öl & Söhne"]),
        ("not (numberofemployees gt 10)", &["Nobody", "Öl & Söhne"]),
        (
            "telephone1 ne '%2B12125550142' and telephone1 ne 'x_y'",
            &["50% Off", "Nobody", "O'Reilly [EU]"],
        ),
        ("createdon gt 2020-01-01 and createdon gt 2020-01-01T00:00:00Z and statecode ne 0", &[]),
        ("name eq telephone1", &[]),
        ("startswith(name,'[')", &[]),
    ];
    for (filter, expected) in cases {
        for spelled in [filter.replace(' ', "+"), filter.replace(' ', "%20")] {
            let path = format!("accounts?$select=name&%24orderby=name&%24filter={spelled}");
            assert_eq!(names(&kit.get(&path).await, "name"), expected, "{filter}");
        }
    }
    let path = "accounts?$select=name&$orderby=numberofemployees desc,name asc&$top=2";
    assert_eq!(names(&kit.get(path).await, "name"), ["O'Reilly [EU]", "50 Percent Off"]);
}

#[tokio::test]
async fn lookups_sort_by_name_and_filter_by_id() {
    let kit = signed_in(0).await;
    for name in ["Zeta", "alpha"] {
        let account = kit.create("accounts", json!({"name": name})).await;
        let body = json!({
            "lastname": name,
            "parentcustomerid_account@odata.bind": format!("/accounts({account})"),
        });
        kit.create("contacts", body).await;
        let path =
            format!("contacts?$filter=_parentcustomerid_value eq {}", account.to_uppercase());
        assert_eq!(names(&kit.get(&path).await, "lastname"), [name]);
    }
    let list = kit.get("contacts?$orderby=_parentcustomerid_value").await;
    assert_eq!(names(&list, "lastname"), ["alpha", "Zeta"]);
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_overlap() {
    let kit = signed_in(25).await;
    let mut url = format!(
        "{}/contacts?$select=fullname&$orderby=fullname&$count=true&$top=3",
        kit.emulator.setup().api_url
    );
    let mut seen = Vec::new();
    let mut pages = 0;
    loop {
        let request = kit.http.get(&url).bearer_auth(&kit.token);
        let response = request.header("Prefer", "odata.maxpagesize=10").send().await.unwrap();
        assert_eq!(response.headers()["preference-applied"], "odata.maxpagesize=10");
        let page: Value = response.json().await.unwrap();
        assert_eq!(page["@odata.count"], 25);
        seen.extend(names(&page, "contactid"));
        pages += 1;
        match page["@odata.nextLink"].as_str() {
            Some(next) => next.clone_into(&mut url),
            None => break,
        }
    }
    assert_eq!((pages, seen.len()), (3, 25));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25);
    let counted = kit.request(Method::GET, "contacts/$count").send().await.unwrap();
    assert_eq!(counted.text().await.unwrap().trim_start_matches('\u{feff}'), "25");
}

#[tokio::test]
async fn a_seeded_caller_is_found_by_the_stored_number() {
    let kit = signed_in(50).await;
    for n in [0, 1, 7, 8, 23, 49] {
        let caller = kit.emulator.caller(n);
        let filter = format!("{} eq '{}'", caller.phone_column, caller.phone_as_stored);
        let request = kit.request(Method::GET, "contacts").query(&[("$filter", &filter)]);
        let list: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(names(&list, "fullname"), [caller.full_name.as_str()], "{caller:?}");
        assert_eq!(names(&list, "contactid"), [caller.contact_id.as_str()]);
    }
    assert_eq!(kit.get("accounts?$count=true").await["@odata.count"], 10);
    assert_eq!(kit.get("incidents?$count=true").await["@odata.count"], 12);
    let users = kit.get("systemusers?$select=domainname").await;
    assert!(names(&users, "domainname").contains(&kit.emulator.setup().user));
}

#[tokio::test]
async fn wrong_addresses_and_options_are_documented_errors() {
    let kit = signed_in(0).await;
    let unknown_key = format!("contacts(jobtitle='{MISSING}')");
    let no_such_key = format!("contacts(firstname='a',emailaddress1='{MISSING}')");
    let below = format!("contacts({MISSING})/fullname");
    let cases = [
        ("Contacts", 404, "0x8006088a"),
        ("contacts(abc)", 400, "0x80060888"),
        (&*unknown_key, 400, "0x80060888"),
        (&*no_such_key, 404, "0x80060891"),
        ("contacts?$select=nosuch", 400, "0x80060888"),
        ("contacts?$filter=nosuch eq 1", 400, "0x80060888"),
        ("contacts?$filter=fullname eq", 400, "0x80060888"),
        ("contacts?$orderby=nosuch", 400, "0x80060888"),
        ("contacts?$skip=1", 400, "0x80060888"),
        ("contacts?$top=x", 400, "0x80060888"),
        ("contacts?$expand=nosuch", 400, "0x80060888"),
        ("contacts?$apply=x", 400, "0x80060888"),
        ("contacts?savedQuery=00000000-0000-0000-0000-00000000dead", 404, "0x80040217"),
        (&*below, 404, "0x80040217"),
    ];
    for (path, status, code) in cases {
        let found = kit.failure(path).await;
        assert_eq!((found.0, found.1.as_str()), (status, code), "{path}: {}", found.2);
    }
    let verb = kit.request(Method::PUT, "contacts").body("{}").send().await.unwrap();
    let found = failure(verb).await;
    assert_eq!((found.0, found.1.as_str()), (404, ""));
    assert!(found.2.starts_with("No HTTP resource was found"));
    let old = kit.emulator.setup().api_url.replace("v9.2", "v8.0");
    let response = kit.http.get(format!("{old}/WhoAmI")).bearer_auth(&kit.token).send().await;
    assert_eq!(response.unwrap().status(), 404);
    let sets = kit.get("").await;
    assert!(names(&sets, "name").contains(&"phonecalls".to_owned()));
}

#[tokio::test]
async fn labels_and_names_come_as_annotations_when_asked_for() {
    let kit = signed_in(0).await;
    let account = kit.create("accounts", json!({"name": "Named"})).await;
    let body = json!({
        "title": "T", "prioritycode": 1,
        "customerid_account@odata.bind": format!("/accounts({account})"),
    });
    let case = kit.create("incidents", body).await;
    let path =
        format!("incidents({case})?$select=prioritycode,statuscode,_customerid_value,description");
    let request = kit.request(Method::GET, &path);
    let response =
        request.header("Prefer", "odata.include-annotations=\"*\"").send().await.unwrap();
    assert_eq!(response.headers()["preference-applied"], "odata.include-annotations=\"*\"");
    let row: Value = response.json().await.unwrap();
    for (member, value) in [
        ("prioritycode@OData.Community.Display.V1.FormattedValue", "High"),
        ("statuscode@OData.Community.Display.V1.FormattedValue", "In Progress"),
        ("_customerid_value@OData.Community.Display.V1.FormattedValue", "Named"),
        ("_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname", "account"),
        (
            "_customerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty",
            "customerid_account",
        ),
    ] {
        assert_eq!(row[member], value, "{row}");
    }
    assert_eq!(row["_customerid_value"], json!(account));
    let plain = kit.get(&path).await;
    assert!(plain.as_object().unwrap().keys().filter(|name| name.contains('@')).count() == 2);
}
