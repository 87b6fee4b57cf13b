//! Functions and actions beyond those that close rows: leads, queues, e-mail, merging, bulk deletion, what a
//! new row begins with, and the organisation.

use crate::kit::{Kit, signed_in};
use reqwest::Method;
use serde_json::{Value, json};

async fn lead(kit: &Kit) -> String {
    let body = json!({
        "subject": "Wants chairs",
        "firstname": "Zoë",
        "lastname": "O'Neill",
        "companyname": "Müller & Söhne",
        "telephone1": "+49 30 23125001",
        "address1_city": "Berlin",
        "estimatedamount": 1000,
    });
    kit.create("leads", body).await
}

fn everything(status: i64) -> Value {
    json!({"CreateAccount": true, "CreateContact": true, "CreateOpportunity": true, "Status": status})
}

// Source: learn.microsoft.com/dynamics365/customer-engagement/web-api/qualifylead
#[tokio::test]
async fn a_lead_is_qualified_into_what_was_asked_for() {
    let kit = signed_in(0).await;
    let id = lead(&kit).await;
    let path = format!("leads({id})/Microsoft.Dynamics.CRM.QualifyLead");
    let answer = kit.act(&path, everything(3)).await;
    let context = answer["@odata.context"].as_str().unwrap();
    assert!(
        context.ends_with("$metadata#Collection(Microsoft.Dynamics.CRM.crmbaseentity)"),
        "{context}"
    );
    let made = answer["value"].as_array().unwrap();
    let kinds: Vec<&str> = made.iter().map(|row| row["@odata.type"].as_str().unwrap()).collect();
    let types =
        ["account", "contact", "opportunity"].map(|name| format!("#Microsoft.Dynamics.CRM.{name}"));
    assert_eq!(kinds, types);
    let account = made[0]["accountid"].as_str().unwrap();
    let contact = made[1]["contactid"].as_str().unwrap();
    let row = kit.get(&format!("accounts({account})")).await;
    assert_eq!((&row["name"], &row["address1_city"]), (&json!("Müller & Söhne"), &json!("Berlin")));
    assert_eq!(row["_originatingleadid_value"], json!(id));
    let row = kit.get(&format!("contacts({contact})")).await;
    assert_eq!(
        (&row["fullname"], &row["telephone1"]),
        (&json!("Zoë O'Neill"), &json!("+49 30 23125001"))
    );
    assert_eq!(row["_parentcustomerid_value"], json!(account));
    let opportunity = made[2]["opportunityid"].as_str().unwrap();
    let row = kit.get(&format!("opportunities({opportunity})")).await;
    assert_eq!((&row["name"], &row["estimatedvalue"]), (&json!("Wants chairs"), &json!(1000.0)));
    assert_eq!(
        (&row["_customerid_value"], &row["_parentcontactid_value"]),
        (&json!(account), &json!(contact))
    );
    assert_eq!(row["statecode"], 0);
    let row = kit.get(&format!("leads({id})")).await;
    assert_eq!((&row["statecode"], &row["statuscode"]), (&json!(1), &json!(3)));
    assert_eq!(row["_qualifyingopportunityid_value"], json!(opportunity));
    assert_eq!(kit.refusal(&path, everything(3)).await.1, "0x80040519");
    assert_eq!(
        kit.change(&format!("leads({id})"), json!({"subject": "x"})).await,
        400,
        "read-only"
    );
}

#[tokio::test]
async fn a_lead_is_qualified_with_a_customer_of_its_own_or_disqualified() {
    let kit = signed_in(0).await;
    let customer = kit.create("accounts", json!({"name": "Proseware"})).await;
    let id = lead(&kit).await;
    let body = json!({
        "CreateAccount": false,
        "CreateContact": false,
        "CreateOpportunity": true,
        "OpportunityCustomerId": {"accountid": customer, "@odata.type": "Microsoft.Dynamics.CRM.account"},
        "Status": 3,
    });
    let answer = kit.act(&format!("leads({id})/Microsoft.Dynamics.CRM.QualifyLead"), body).await;
    assert_eq!(answer["value"].as_array().map(Vec::len), Some(1));
    let opportunity = answer["value"][0]["opportunityid"].as_str().unwrap();
    let row = kit.get(&format!("opportunities({opportunity})")).await;
    assert_eq!(row["_customerid_value"], json!(customer));

    let other = lead(&kit).await;
    let path = format!("leads({other})/Microsoft.Dynamics.CRM.QualifyLead");
    assert_eq!(kit.refusal(&path, everything(1)).await.1, "0x80048408", "an open status");
    assert_eq!(kit.refusal(&path, json!({"Status": 3})).await.1, "0x80040203");
    let lost = json!({"CreateAccount": false, "CreateContact": false, "CreateOpportunity": false, "Status": 4});
    assert_eq!(kit.act(&path, lost).await["value"], json!([]));
    assert_eq!(kit.get(&format!("leads({other})")).await["statecode"], 2);
}

// Source: webapi/use-web-api-actions, "Bound actions".
#[tokio::test]
async fn a_row_waits_in_a_queue_is_taken_up_and_given_back() {
    let kit = signed_in(0).await;
    let me = kit.get("WhoAmI").await["UserId"].clone();
    let queue = kit.create("queues", json!({"name": "First"})).await;
    let phone_call = kit.create("phonecalls", json!({"subject": "Call"})).await;
    let target =
        json!({"activityid": phone_call, "@odata.type": "Microsoft.Dynamics.CRM.phonecall"});
    let path = format!("queues({queue})/Microsoft.Dynamics.CRM.AddToQueue");
    let answer = kit.act(&path, json!({"Target": target})).await;
    let context = answer["@odata.context"].as_str().unwrap();
    assert!(context.ends_with("$metadata#Microsoft.Dynamics.CRM.AddToQueueResponse"), "{context}");
    let item = answer["QueueItemId"].as_str().unwrap();
    let row = kit.get(&format!("queueitems({item})")).await;
    assert_eq!((&row["title"], &row["_objectid_value"]), (&json!("Call"), &json!(phone_call)));

    let second = kit.create("queues", json!({"name": "Second"})).await;
    let path = format!("queues({second})/Microsoft.Dynamics.CRM.AddToQueue");
    let wrong = json!({"Target": target, "SourceQueue": {"queueid": second}});
    assert_eq!(kit.refusal(&path, wrong).await.1, "0x80040524");
    let moved = kit.act(&path, json!({"Target": target, "SourceQueue": {"queueid": queue}})).await;
    assert_eq!(moved["QueueItemId"], json!(item));
    assert_eq!(kit.get(&format!("queueitems({item})")).await["_queueid_value"], json!(second));

    let act = |name: &str| format!("queueitems({item})/Microsoft.Dynamics.CRM.{name}");
    let user = json!({"systemuserid": me, "@odata.type": "Microsoft.Dynamics.CRM.systemuser"});
    kit.act(&act("PickFromQueue"), json!({"SystemUser": user, "RemoveQueueItem": false})).await;
    assert_eq!(kit.get(&format!("queueitems({item})")).await["_workerid_value"], me);
    kit.act(&act("ReleaseToQueue"), json!({})).await;
    assert_eq!(kit.get(&format!("queueitems({item})")).await["_workerid_value"], Value::Null);
    kit.act(&act("RemoveFromQueue"), json!({})).await;
    assert_eq!(kit.failure(&format!("queueitems({item})")).await.0, 404);
}

// Source: the SendEmail action's reference page; error code EmailRecipientNotSpecified.
#[tokio::test]
async fn an_email_is_marked_as_sent() {
    let kit = signed_in(0).await;
    let contact = kit.create("contacts", json!({"lastname": "Reader"})).await;
    let empty = kit.create("emails", json!({"subject": "Hello"})).await;
    let send = |id: &str| format!("emails({id})/Microsoft.Dynamics.CRM.SendEmail");
    assert_eq!(kit.refusal(&send(&empty), json!({"IssueSend": true})).await.1, "0x80040b04");
    let to = json!([{"participationtypemask": 2, "partyid_contact@odata.bind": format!("/contacts({contact})")}]);
    let email =
        kit.create("emails", json!({"subject": "Hello", "email_activity_parties": to})).await;
    assert_eq!(kit.act(&send(&email), json!({"IssueSend": true})).await["Subject"], "Hello");
    let row = kit.get(&format!("emails({email})?$select=statecode,statuscode")).await;
    assert_eq!((&row["statecode"], &row["statuscode"]), (&json!(1), &json!(3)));
    assert_eq!(kit.refusal(&send(&email), json!({"IssueSend": true})).await.1, "0x80040233");
}

// Source: webapi/merge-entity-using-web-api.
#[tokio::test]
async fn merged_accounts_keep_what_belonged_to_both() {
    let kit = signed_in(0).await;
    let kept = kit.create("accounts", json!({"name": "Kept"})).await;
    let gone = kit.create("accounts", json!({"name": "Gone"})).await;
    let contact = kit
        .create("contacts", json!({"lastname": "Theirs", "parentcustomerid_account@odata.bind": format!("/accounts({gone})")}))
        .await;
    let reference =
        |id: &str| json!({"accountid": id, "@odata.type": "Microsoft.Dynamics.CRM.account"});
    let body = json!({
        "Target": reference(&kept),
        "Subordinate": reference(&gone),
        "UpdateContent": {
            "telephone1": "1234",
            "accountid": "00000000-0000-0000-0000-000000000000",
            "@odata.type": "Microsoft.Dynamics.CRM.account",
        },
        "PerformParentingChecks": false,
    });
    assert_eq!(kit.act("Merge", body.clone()).await, Value::Null);
    assert_eq!(kit.get(&format!("accounts({kept})")).await["telephone1"], "1234");
    let row = kit.get(&format!("accounts({gone})")).await;
    assert_eq!((&row["statecode"], &row["merged"]), (&json!(1), &json!(true)));
    assert_eq!(row["_masterid_value"], json!(kept));
    let row = kit.get(&format!("contacts({contact})")).await;
    assert_eq!(row["_parentcustomerid_value"], json!(kept));
    assert_eq!(kit.refusal("Merge", body).await.1, "0x80040233", "merged already");
}

// Source: delete-data-bulk; the body is the one that PowerPlatform-Dataverse-Client sends.
#[tokio::test]
async fn a_bulk_deletion_deletes_what_its_query_finds() {
    let kit = signed_in(10).await;
    let ids: Vec<String> = (0..3).map(|n| kit.emulator.caller(n).contact_id).collect();
    let values: Vec<Value> =
        ids.iter().map(|id| json!({"Value": id, "Type": "System.Guid"})).collect();
    let body = json!({
        "JobName": "Delete three",
        "SendEmailNotification": false,
        "ToRecipients": [],
        "CCRecipients": [],
        "RecurrencePattern": "",
        "StartDateTime": "2026-01-01T00:00:00Z",
        "QuerySet": [{
            "@odata.type": "Microsoft.Dynamics.CRM.QueryExpression",
            "EntityName": "contact",
            "ColumnSet": {"@odata.type": "Microsoft.Dynamics.CRM.ColumnSet", "AllColumns": false, "Columns": []},
            "Criteria": {
                "@odata.type": "Microsoft.Dynamics.CRM.FilterExpression",
                "FilterOperator": "And",
                "Conditions": [{
                    "@odata.type": "Microsoft.Dynamics.CRM.ConditionExpression",
                    "AttributeName": "contactid",
                    "Operator": "In",
                    "Values": values,
                }],
            },
        }],
    });
    let answer = kit.act("BulkDelete", body).await;
    assert_eq!(answer["JobId"].as_str().map(str::len), Some(36));
    assert_eq!(kit.get("contacts?$count=true").await["@odata.count"], 7);
    assert_eq!(kit.failure(&format!("contacts({})", ids[0])).await.0, 404);
    let unknown = json!({"JobName": "x", "RecurrencePattern": "", "QuerySet": [{"EntityName": "contact", "Criteria": {"Conditions": [{"AttributeName": "nosuch", "Operator": "Null"}]}}]});
    assert_eq!(kit.refusal("BulkDelete", unknown).await.1, "0x80041103");
    let multiple =
        kit.refusal("contacts/Microsoft.Dynamics.CRM.DeleteMultiple", json!({"Targets": []})).await;
    assert_eq!((multiple.0, &*multiple.2), (400, "DeleteMultiple has not yet been implemented."));
}

// Source: webapi/create-entity-web-api, "Create a new row from another row".
#[tokio::test]
async fn a_new_row_begins_with_what_another_has() {
    let kit = signed_in(0).await;
    let account = kit.create("accounts", json!({"name": "Parent", "address1_line1": "123 Maple St.", "address1_city": "Seattle"})).await;
    let query = [
        ("@p1", format!("{{'@odata.id':'accounts({account})'}}")),
        ("@p2", "'account'".to_owned()),
        ("@p3", "Microsoft.Dynamics.CRM.TargetFieldType'ValidForCreate'".to_owned()),
    ];
    let path = "InitializeFrom(EntityMoniker=@p1,TargetEntityName=@p2,TargetFieldType=@p3)";
    let response = kit.request(Method::GET, path).query(&query).send().await.unwrap();
    let mut found: Value = response.json().await.unwrap();
    assert_eq!(found["@odata.type"], "#Microsoft.Dynamics.CRM.account");
    assert_eq!(found["address1_line1"], "123 Maple St.");
    assert_eq!(found["parentaccountid@odata.bind"], json!(format!("accounts({account})")));
    found["name"] = json!("Child");
    let child = kit.create("accounts", found).await;
    let row = kit.get(&format!("accounts({child})")).await;
    assert_eq!(
        (&row["_parentaccountid_value"], &row["address1_city"]),
        (&json!(account), &json!("Seattle"))
    );
    let none = format!(
        "InitializeFrom(EntityMoniker=@p1,TargetEntityName='queue',TargetFieldType=@p3)?@p1={{\"@odata.id\":\"accounts({account})\"}}&@p3=Microsoft.Dynamics.CRM.TargetFieldType'All'"
    );
    assert_eq!(kit.failure(&none).await.1, "0x80040203");
}

// Source: webapi/use-web-api-functions.
#[tokio::test]
async fn functions_take_their_parameters_inline_and_by_alias() {
    let kit = signed_in(5).await;
    let access = "Microsoft.Dynamics.CRM.EndpointAccessType'Default'";
    for path in [
        format!("RetrieveCurrentOrganization(AccessType={access})"),
        format!("RetrieveCurrentOrganization(AccessType=@p1)?@p1={access}"),
    ] {
        let detail = kit.get(&path).await["Detail"].clone();
        assert_eq!(detail["TenantId"], json!(kit.emulator.setup().tenant));
        assert_eq!(detail["OrganizationId"], kit.get("WhoAmI()").await["OrganizationId"]);
    }
    let counted =
        kit.get("RetrieveTotalRecordCount(EntityNames=@p1)?@p1=[\"account\",\"contact\"]").await;
    assert_eq!(counted["EntityRecordCountCollection"]["Values"], json!([1, 5]));
    assert_eq!(
        kit.get("RetrieveVersion()").await["Version"].as_str().map(|v| v.starts_with("9.2")),
        Some(true)
    );
    for path in [
        "RetrieveCurrentOrganization(AccessType='Nosuch')",
        "RetrieveCurrentOrganization()",
        "RetrieveCurrentOrganization(AccessType=@p1)",
        "WhoAmI(Nosuch=1)",
    ] {
        assert_eq!(kit.failure(path).await.0, 400, "{path}");
    }
}
