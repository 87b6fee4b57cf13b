//! Actions that close rows: what they do, and what they refuse.

use crate::kit::{Kit, signed_in};
use reqwest::Method;
use serde_json::{Value, json};

async fn case(kit: &Kit) -> String {
    let account = kit.create("accounts", json!({"name": "A. Datum"})).await;
    let customer = format!("/accounts({account})");
    kit.create("incidents", json!({"title": "Stuck", "customerid_account@odata.bind": customer}))
        .await
}

fn resolution(case: &str, status: i64) -> Value {
    json!({
        "IncidentResolution": {
            "subject": "Solved",
            "description": "It was unplugged",
            "timespent": 60,
            "incidentid@odata.bind": format!("/incidents({case})"),
        },
        "Status": status,
    })
}

// Source: learn.microsoft.com/dynamics365/customer-engagement/web-api/closeincident
#[tokio::test]
async fn a_case_is_resolved_by_its_own_action() {
    let kit = signed_in(0).await;
    let id = case(&kit).await;
    assert_eq!(kit.act("CloseIncident", resolution(&id, 5)).await, Value::Null);
    let row = kit.get(&format!("incidents({id})?$select=statecode,statuscode")).await;
    assert_eq!((&row["statecode"], &row["statuscode"]), (&json!(1), &json!(5)));
    let path = format!("incidents({id})/Incident_IncidentResolutions");
    let resolutions = kit.get(&path).await;
    let resolved = &resolutions["value"][0];
    assert_eq!(resolved["subject"], "Solved");
    assert_eq!((&resolved["statecode"], &resolved["timespent"]), (&json!(1), &json!(60)));
    assert_eq!(resolved["_regardingobjectid_value"], json!(id));
    let again = kit.refusal("CloseIncident", resolution(&id, 5)).await;
    assert_eq!((again.0, &*again.1, &*again.2), (400, "0x80044411", "Already Closed or Canceled"));
}

// Source: the reference named above; error codes: reference/web-service-error-codes.
#[tokio::test]
async fn a_case_with_open_activities_or_a_wrong_status_stays_open() {
    let kit = signed_in(0).await;
    let id = case(&kit).await;
    let wrong = kit.refusal("CloseIncident", resolution(&id, 6)).await;
    assert_eq!((wrong.0, &*wrong.1), (400, "0x80048408"), "{}", wrong.2);
    let task = kit
        .create("tasks", json!({"subject": "Call back", "regardingobjectid_incident_task@odata.bind": format!("/incidents({id})")}))
        .await;
    let open = kit.refusal("CloseIncident", resolution(&id, 5)).await;
    assert_eq!((open.0, &*open.1), (400, "0x8004440a"), "{}", open.2);
    let resolutions = kit.get("incidentresolutions").await;
    assert_eq!(resolutions["value"], json!([]), "a refused action left an activity");
    assert_eq!(kit.change(&format!("tasks({task})"), json!({"statecode": 1})).await, 204);
    kit.act("CloseIncident", resolution(&id, -1)).await;
    let row = kit.get(&format!("incidents({id})?$select=statuscode")).await;
    assert_eq!(row["statuscode"], 5);
}

#[tokio::test]
async fn a_case_is_not_resolved_by_an_update() {
    let kit = signed_in(0).await;
    let path = format!("incidents({})", case(&kit).await);
    let request = kit.request(Method::PATCH, &path).json(&json!({"statecode": 1, "statuscode": 5}));
    let found = crate::kit::failure(request.send().await.unwrap()).await;
    assert_eq!((found.0, &*found.1), (400, "0x80040203"));
    assert!(found.2.contains("use the CloseIncidentRequest message instead"), "{}", found.2);
    assert_eq!(kit.change(&path, json!({"statecode": 2, "statuscode": 6})).await, 204);
    assert_eq!(kit.change(&path, json!({"statecode": 0, "statuscode": 1})).await, 204);
}

// Source: webapi/use-web-api-actions, "Unbound actions".
#[tokio::test]
async fn an_opportunity_is_won_or_lost() {
    let kit = signed_in(0).await;
    for (action, status, state) in [("WinOpportunity", 3, 1), ("LoseOpportunity", 4, 2)] {
        let id = kit.create("opportunities", json!({"name": "Chairs"})).await;
        let address = format!("{}/opportunities({id})", kit.emulator.setup().api_url);
        let body = json!({
            "Status": status,
            "OpportunityClose": {
                "subject": "Over",
                "actualrevenue": 50.5,
                "opportunityid@odata.bind": address,
            },
        });
        kit.act(action, body.clone()).await;
        let row = kit.get(&format!("opportunities({id})")).await;
        assert_eq!((&row["statecode"], &row["statuscode"]), (&json!(state), &json!(status)));
        assert_eq!(row["actualvalue"], 50.5);
        assert_eq!(row["actualclosedate"].as_str().map(str::len), Some(10));
        let again = kit.refusal(action, body).await;
        assert_eq!((again.0, &*again.1), (400, "0x80040515"));
    }
}

#[tokio::test]
async fn quotes_and_orders_are_closed_too() {
    let kit = signed_in(0).await;
    let order = kit.create("salesorders", json!({"name": "Order"})).await;
    let body = json!({"OrderClose": {"subject": "Sent", "salesorderid@odata.bind": format!("/salesorders({order})")}, "Status": 100_001});
    kit.act("FulfillSalesOrder", body.clone()).await;
    let row = kit.get(&format!("salesorders({order})?$select=statecode,statuscode")).await;
    assert_eq!((&row["statecode"], &row["statuscode"]), (&json!(3), &json!(100_001)));
    assert_eq!(kit.refusal("CancelSalesOrder", body).await.1, "0x80040233");
    let quote = kit.create("quotes", json!({"name": "Quote"})).await;
    let close = |status| json!({"QuoteClose": {"quoteid@odata.bind": format!("/quotes({quote})")}, "Status": status});
    assert_eq!(kit.refusal("WinQuote", close(4)).await.1, "0x80040233", "a draft");
    assert_eq!(
        kit.change(&format!("quotes({quote})"), json!({"statecode": 1, "statuscode": 2})).await,
        204
    );
    kit.act("WinQuote", close(4)).await;
    assert_eq!(kit.get(&format!("quotes({quote})")).await["statecode"], 2);
}

#[tokio::test]
async fn wrong_parameters_are_told() {
    let kit = signed_in(0).await;
    let id = case(&kit).await;
    let mut unknown = resolution(&id, 5);
    unknown["Nosuch"] = json!(1);
    let mut typed = resolution(&id, 5);
    typed["Status"] = json!("five");
    let mut missing = resolution(&id, 5);
    missing.as_object_mut().unwrap().remove("Status");
    let mut undeclared = resolution(&id, 5);
    undeclared["IncidentResolution"]["nosuch"] = json!(1);
    for (body, code, text) in [
        (
            unknown,
            "0x80048d19",
            "The parameter 'Nosuch' in the request payload is not a valid parameter",
        ),
        (typed, "0x80048d19", "Cannot convert the literal 'five' to the expected type 'Edm.Int32'"),
        (missing, "0x80040203", "Required field 'Status' is missing"),
        (undeclared, "0x80048d19", "Invalid property 'nosuch'"),
        (json!({"Status": 5}), "0x80040203", "Required field 'IncidentResolution' is missing"),
    ] {
        let found = kit.refusal("CloseIncident", body).await;
        assert_eq!((found.0, &*found.1), (400, code), "{}", found.2);
        assert!(found.2.contains(text), "{}", found.2);
    }
    let elsewhere =
        kit.refusal("CloseIncident", resolution("00000000-0000-0000-0000-00000000dead", 5)).await;
    assert_eq!((elsewhere.0, &*elsewhere.1), (404, "0x80040217"));
    assert_eq!(kit.failure("CloseIncident").await.0, 404);
    assert_eq!(kit.refusal("Nosuch", json!({})).await.1, "0x8006088a");
    let known = kit.refusal("ReviseQuote", json!({})).await;
    assert_eq!((known.0, &*known.2), (501, "The emulator does not support ReviseQuote."));
}
