//! Rows and what ties them together: deep insert, references, alternate keys, single columns, many at once.

use crate::kit::{Kit, failure, signed_in};
use reqwest::Method;
use serde_json::{Value, json};

async fn status(kit: &Kit, method: Method, path: &str, body: Value) -> u16 {
    let response = kit.request(method, path).json(&body).send().await.unwrap();
    let status = response.status().as_u16();
    assert!(status < 300, "{path}: {}", response.text().await.unwrap());
    status
}

// Source: webapi/create-entity-web-api, "Create related table rows in one operation".
#[tokio::test]
async fn related_rows_are_created_in_one_request() {
    let kit = signed_in(0).await;
    let body = json!({
        "name": "Sample Account",
        "primarycontactid": {"firstname": "John", "lastname": "Smith"},
        "opportunity_customer_accounts": [{
            "name": "Opportunity associated to Sample Account",
            "Opportunity_Tasks": [{"subject": "Task associated to opportunity"}]
        }]
    });
    let account = kit.create("accounts", body).await;
    let path = format!(
        "accounts({account})?$select=name&$expand=primarycontactid($select=fullname),opportunity_customer_accounts($select=name;$expand=Opportunity_Tasks($select=subject))"
    );
    let row = kit.get(&path).await;
    assert_eq!(row["primarycontactid"]["fullname"], "John Smith");
    let opportunity = &row["opportunity_customer_accounts"][0];
    assert_eq!(opportunity["name"], "Opportunity associated to Sample Account");
    assert_eq!(opportunity["Opportunity_Tasks"][0]["subject"], "Task associated to opportunity");
    // One transaction: a fault in a related row leaves nothing.
    let wrong = json!({"name": "Lost", "primarycontactid": {"lastname": "x".repeat(51)}});
    let response = kit.request(Method::POST, "accounts").json(&wrong).send().await.unwrap();
    assert_eq!(failure(response).await.1, "0x80044331");
    let wrong = json!({"name": "Lost", "Account_Tasks": [{"subject": "a"}, {"statuscode": 99}]});
    let response = kit.request(Method::POST, "accounts").json(&wrong).send().await.unwrap();
    assert_eq!(failure(response).await.1, "0x80048408");
    assert_eq!(kit.get("accounts?$filter=name eq 'Lost'&$count=true").await["@odata.count"], 0);
    assert_eq!(kit.get("tasks?$count=true").await["@odata.count"], 1);
}

// Source: webapi/associate-disassociate-entities-using-web-api.
#[tokio::test]
async fn rows_are_associated_and_disassociated() {
    let kit = signed_in(0).await;
    let api = kit.emulator.setup().api_url.clone();
    let account = kit.create("accounts", json!({"name": "A"})).await;
    let contact = kit.create("contacts", json!({"lastname": "C"})).await;
    let lead = kit.create("leads", json!({"lastname": "L", "subject": "S"})).await;
    let reference = |set: &str, id: &str| json!({"@odata.id": format!("{api}/{set}({id})")});

    let single = format!("accounts({account})/primarycontactid/$ref");
    assert_eq!(status(&kit, Method::PUT, &single, reference("contacts", &contact)).await, 204);
    assert_eq!(kit.get(&single).await["@odata.id"], format!("{api}/contacts({contact})"));
    let followed = kit.get(&format!("accounts({account})/primarycontactid/lastname")).await;
    assert_eq!(followed["value"], "C");
    let emptied = kit.request(Method::DELETE, &single).send().await.unwrap();
    assert_eq!(emptied.status(), 204);
    let nothing = kit.request(Method::GET, &format!("accounts({account})/primarycontactid"));
    assert_eq!(nothing.send().await.unwrap().status(), 204);

    let many = format!("accounts({account})/contact_customer_accounts/$ref");
    assert_eq!(status(&kit, Method::POST, &many, reference("contacts", &contact)).await, 204);
    let listed = kit.get(&many).await;
    assert_eq!(listed["value"], json!([{"@odata.id": format!("{api}/contacts({contact})")}]));
    let one = format!("accounts({account})/contact_customer_accounts({contact})/$ref");
    assert_eq!(kit.request(Method::DELETE, &one).send().await.unwrap().status(), 204);
    assert_eq!(kit.get(&many).await["value"], json!([]));

    // Many-to-many, added from one side and taken away from the other by `$id`.
    let leads = format!("accounts({account})/accountleads_association/$ref");
    assert_eq!(status(&kit, Method::POST, &leads, reference("leads", &lead)).await, 204);
    let found = kit.get("leads?$filter=accountleads_association/any(a:a/name eq 'a')").await;
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    let expanded = kit
        .get(&format!(
            "leads({lead})?$select=subject&$expand=accountleads_association($select=name)"
        ))
        .await;
    assert_eq!(expanded["accountleads_association"][0]["name"], "A");
    let away = format!("leads({lead})/accountleads_association/$ref?$id={api}/accounts({account})");
    assert_eq!(kit.request(Method::DELETE, &away).send().await.unwrap().status(), 204);
    let found = kit.get("leads?$filter=accountleads_association/any()").await;
    assert_eq!(found["value"], json!([]));

    let wrong = kit.request(Method::POST, &many).json(&reference("leads", &lead));
    assert_eq!(failure(wrong.send().await.unwrap()).await.0, 400);
    let missing = kit.request(Method::POST, &many).json(&json!({}));
    assert_eq!(failure(missing.send().await.unwrap()).await.1, "0x80048d19");
}

// Source: use-alternate-key-reference-record and webapi/update-delete-entities-using-web-api.
#[tokio::test]
async fn alternate_keys_name_rows() {
    let kit = signed_in(0).await;
    let path = "accounts(accountnumber='A''1')";
    let (code, error, message) = kit.failure(path).await;
    assert_eq!((code, error.as_str()), (404, "0x80060891"), "{message}");
    let made = kit.request(Method::PATCH, path).json(&json!({"name": "One"})).send().await.unwrap();
    assert_eq!(made.status(), 204);
    let id = made.headers()["odata-entityid"].to_str().unwrap().to_owned();
    assert!(!id.contains("accountnumber"), "the answer names the row by its GUID: {id}");
    assert_eq!(kit.get(path).await["accountnumber"], "A'1");
    let again = kit.request(Method::PATCH, path).header("Prefer", "return=representation");
    let again =
        again.json(&json!({"name": "Two", "accountnumber": "ignored"})).send().await.unwrap();
    assert_eq!(again.status(), 200);
    assert_eq!(again.json::<Value>().await.unwrap()["accountnumber"], "A'1");
    let bound = json!({"lastname": "C", "parentcustomerid_account@odata.bind": path});
    let contact = kit.create("contacts", bound).await;
    let row = kit
        .get(&format!("contacts({contact})?$expand=parentcustomerid_account($select=name)"))
        .await;
    assert_eq!(row["parentcustomerid_account"]["name"], "Two");
    let twin = kit.request(Method::POST, "accounts").json(&json!({"accountnumber": "a'1"}));
    let twin = failure(twin.send().await.unwrap()).await;
    assert_eq!((twin.0, twin.1.as_str()), (412, "0x80060892"), "{}", twin.2);
    for _ in 0..2 {
        kit.create("accounts", json!({"name": "without a number"})).await;
    }
    assert_eq!(kit.failure("accounts(nosuch='x')").await.0, 400);
    let gone = kit.request(Method::DELETE, path).send().await.unwrap();
    assert_eq!(gone.status(), 204);
}

// Source: webapi/update-delete-entities-using-web-api, "Update a single property value".
#[tokio::test]
async fn single_columns_are_read_set_and_emptied() {
    let kit = signed_in(0).await;
    let account = kit.create("accounts", json!({"name": "A", "telephone1": "555-0105"})).await;
    let column = format!("accounts({account})/telephone1");
    let read = kit.get(&column).await;
    assert_eq!(read["value"], "555-0105");
    assert!(read["@odata.context"].as_str().unwrap().ends_with("/telephone1"));
    let raw = kit.request(Method::GET, &format!("{column}/$value")).send().await.unwrap();
    assert_eq!(raw.text().await.unwrap(), "555-0105");
    assert_eq!(status(&kit, Method::PUT, &column, json!({"value": "555-0199"})).await, 204);
    assert_eq!(kit.get(&column).await["value"], "555-0199");
    assert_eq!(kit.request(Method::DELETE, &column).send().await.unwrap().status(), 204);
    assert_eq!(kit.request(Method::GET, &column).send().await.unwrap().status(), 204);
    let wrong = kit.request(Method::PUT, &column).json(&json!({"value": 5}));
    assert_eq!(failure(wrong.send().await.unwrap()).await.1, "0x80048d19");
    assert_eq!(kit.failure(&format!("accounts({account})/nosuch")).await.0, 404);
}

// Source: webapi/create-entity-web-api and the reference of activityparty.
#[tokio::test]
async fn a_phone_call_has_parties() {
    let kit = signed_in(1).await;
    let contact = kit.emulator.caller(0).contact_id;
    let me = kit.get("WhoAmI").await["UserId"].as_str().unwrap().to_owned();
    let call = json!({
        "subject": "Called back",
        "phonecall_activity_parties": [
            {"participationtypemask": 1, "partyid_systemuser@odata.bind": format!("/systemusers({me})")},
            {"participationtypemask": 2, "partyid_contact@odata.bind": format!("/contacts({contact})")}
        ]
    });
    let call = kit.create("phonecalls", call).await;
    let path = format!(
        "phonecalls({call})?$select=subject,directioncode&$expand=phonecall_activity_parties($select=participationtypemask,_partyid_value;$orderby=participationtypemask)"
    );
    let row = kit.get(&path).await;
    assert_eq!(row["directioncode"], true);
    let parties = row["phonecall_activity_parties"].as_array().unwrap();
    assert_eq!(parties.len(), 2);
    assert_eq!(parties[1]["_partyid_value"], json!(contact));
    let replaced = json!({"phonecall_activity_parties": [
        {"participationtypemask": 2, "partyid_contact@odata.bind": format!("/contacts({contact})")}]});
    assert_eq!(status(&kit, Method::PATCH, &format!("phonecalls({call})"), replaced).await, 204);
    assert_eq!(kit.get(&path).await["phonecall_activity_parties"].as_array().unwrap().len(), 1);
    let pointers = kit.get("activitypointers?$select=subject,activitytypecode").await;
    assert_eq!(pointers["value"][0]["activitytypecode"], "phonecall");
}

// Source: bulk-operations.
#[tokio::test]
async fn many_rows_are_written_at_once_or_none() {
    let kit = signed_in(0).await;
    let message = |name: &str| format!("accounts/Microsoft.Dynamics.CRM.{name}");
    let kind = "Microsoft.Dynamics.CRM.account";
    let targets = json!({"Targets": [
        {"@odata.type": kind, "name": "One"}, {"@odata.type": kind, "name": "Two"}]});
    let made = kit.request(Method::POST, &message("CreateMultiple")).json(&targets);
    let made: Value = made.send().await.unwrap().json().await.unwrap();
    let ids: Vec<String> = serde_json::from_value(made["Ids"].clone()).unwrap();
    assert_eq!(ids.len(), 2);
    let changed = json!({"Targets": [
        {"@odata.type": kind, "accountid": ids[0], "name": "Eins"},
        {"@odata.type": kind, "accountid": ids[1], "name": "Zwei"}]});
    assert_eq!(status(&kit, Method::POST, &message("UpdateMultiple"), changed).await, 204);
    assert_eq!(kit.get(&format!("accounts({})", ids[1])).await["name"], "Zwei");
    let upserted = json!({"Targets": [
        {"@odata.type": kind, "@odata.id": "accounts(accountnumber='N1')", "name": "New"},
        {"@odata.type": kind, "accountid": ids[0], "name": "Uno"}]});
    assert_eq!(status(&kit, Method::POST, &message("UpsertMultiple"), upserted).await, 200);
    assert_eq!(kit.get("accounts(accountnumber='N1')").await["name"], "New");
    let wrong = json!({"Targets": [{"name": "Kept out"}, {"name": "x".repeat(161)}]});
    let refused = kit.request(Method::POST, &message("CreateMultiple")).json(&wrong);
    assert_eq!(failure(refused.send().await.unwrap()).await.0, 400);
    assert_eq!(kit.get("accounts?$filter=name eq 'Kept out'").await["value"], json!([]));
}

// Source: "Detect duplicate data using the Web API".
#[tokio::test]
async fn duplicates_are_detected_when_asked_for() {
    let kit = signed_in(0).await;
    let body =
        json!({"firstname": "Ana", "lastname": "Roe", "emailaddress1": "ana@customers.example"});
    kit.create("contacts", body).await;
    let twin = json!({"firstname": "ANA", "lastname": "roe"});
    let asked = kit.request(Method::POST, "contacts").json(&twin);
    let asked = asked.header("MSCRM.SuppressDuplicateDetection", "false").send().await.unwrap();
    let found = failure(asked).await;
    assert_eq!((found.0, found.1.as_str()), (412, "0x80040333"), "{}", found.2);
    kit.create("contacts", twin).await;
}
