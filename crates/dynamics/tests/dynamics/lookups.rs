//! Lookups in their friendly form: what is sent, what must be asked for it, and when nothing must.

use std::time::Duration;

use crate::kit::{FarSide, ID, Seen, far_side, json, key, soon, status, write};
use axum::response::Response;
use patchcord_dynamics::ErrorKind;
use uuid::Uuid;

const TABLES: &str = r#"{"value":[
    {"LogicalName":"account","EntitySetName":"accounts","PrimaryIdAttribute":"accountid"},
    {"LogicalName":"contact","EntitySetName":"contacts","PrimaryIdAttribute":"contactid"},
    {"LogicalName":"incident","EntitySetName":"incidents","PrimaryIdAttribute":"incidentid"},
    {"LogicalName":"systemuser","EntitySetName":"systemusers","PrimaryIdAttribute":"systemuserid"},
    {"LogicalName":"team","EntitySetName":"teams","PrimaryIdAttribute":"teamid"},
    {"LogicalName":"new_shop","EntitySetName":"new_shops","PrimaryIdAttribute":"new_shopid"},
    {"LogicalName":"internal","EntitySetName":null}]}"#;

const RELATIONSHIPS: &str = r#"{"value":[
    {"ReferencingAttribute":"customerid","ReferencedEntity":"account","ReferencingEntityNavigationPropertyName":"customerid_account"},
    {"ReferencingAttribute":"customerid","ReferencedEntity":"contact","ReferencingEntityNavigationPropertyName":"customerid_contact"},
    {"ReferencingAttribute":"primarycontactid","ReferencedEntity":"contact","ReferencingEntityNavigationPropertyName":"primarycontactid"},
    {"ReferencingAttribute":"ownerid","ReferencedEntity":"owner","ReferencingEntityNavigationPropertyName":"ownerid"},
    {"ReferencingAttribute":"new_shopid","ReferencedEntity":"new_shop","ReferencingEntityNavigationPropertyName":"new_ShopId"},
    {"ReferencingAttribute":"regardingobjectid","ReferencedEntity":"incident","ReferencingEntityNavigationPropertyName":"regardingobjectid_incident_phonecall"}]}"#;

fn organisation(seen: &Seen) -> Response {
    match seen.path.rsplit('/').next().unwrap() {
        "EntityDefinitions" => json(200, TABLES),
        "ManyToOneRelationships" => json(200, RELATIONSHIPS),
        _ => status(204),
    }
}

async fn sent(far: &FarSide, columns: &str) -> String {
    far.client().create("incidents", Uuid::nil(), columns, &write(), soon()).await.unwrap();
    far.calls().pop().unwrap().body
}

#[tokio::test]
async fn lookups_are_bound_by_their_navigation_property() {
    let far = far_side().api(organisation).start().await;
    for (friendly, bound) in [
        (r#"{"contact":"ID"}"#, r#""customerid_contact@odata.bind":"/contacts(ID)""#),
        (r#"{"accounts":"{ID}"}"#, r#""customerid_account@odata.bind":"/accounts(ID)""#),
        (
            r#"{"account":"accountnumber='A/1'"}"#,
            r#""customerid_account@odata.bind":"/accounts(accountnumber='A%2F1')""#,
        ),
        (r#"{"contact":null}"#, r#""customerid_contact@odata.bind":null"#),
    ] {
        let columns = format!(r#"{{"customerid":{friendly}}}"#).replace("ID", ID);
        assert_eq!(sent(&far, &columns).await, format!("{{{bound}}}").replace("ID", ID));
    }
    for (column, table, bound) in [
        ("primarycontactid", "contact", "primarycontactid@odata.bind\":\"/contacts"),
        ("ownerid", "team", "ownerid@odata.bind\":\"/teams"),
        ("ownerid", "systemusers", "ownerid@odata.bind\":\"/systemusers"),
        ("new_shopid", "new_shop", "new_ShopId@odata.bind\":\"/new_shops"),
        (
            "regardingobjectid",
            "incident",
            "regardingobjectid_incident_phonecall@odata.bind\":\"/incidents",
        ),
    ] {
        let columns = format!(r#"{{"{column}":{{"{table}":"{ID}"}}}}"#);
        assert_eq!(sent(&far, &columns).await, format!("{{\"{bound}({ID})\"}}"));
    }
}

#[tokio::test]
async fn all_else_is_sent_as_it_was_written() {
    let far = far_side().api(organisation).start().await;
    let plain = r#" {"title": "x", "revenue": 12345678901234567.89, "a@odata.bind": "/b(1)"}"#;
    assert_eq!(sent(&far, plain).await, plain);
    assert_eq!(far.calls().len(), 1);
    let mixed = format!(
        r#"{{"revenue": 12345678901234567.890, "customerid": {{"contact":"{ID}"}}, "parts": [{{"a":1}}], "b": {{"c":"{ID}"}}}}"#
    );
    let expected = format!(
        r#"{{"revenue":12345678901234567.890,"customerid_contact@odata.bind":"/contacts({ID})","parts":[{{"a":1}}],"b":{{"c":"{ID}"}}}}"#
    );
    assert_eq!(sent(&far, &mixed).await, expected);
}

#[tokio::test]
async fn definitions_are_asked_for_once_and_counted() {
    let far = far_side().delay(Duration::from_millis(30)).api(organisation).start().await;
    let client = far.client();
    let columns = format!(r#"{{"customerid":{{"contact":"{ID}"}}}}"#);
    let options = write();
    let creates = (0..20_u128)
        .map(|n| client.create("incidents", Uuid::from_u128(n), &columns, &options, soon()));
    let mut requests = 0;
    for result in futures::future::join_all(creates).await {
        requests += result.unwrap().requests;
    }
    assert_eq!((requests, far.calls().len()), (22, 22));
    let upsert = client.upsert("incidents", &key(ID), &columns, &options, soon()).await.unwrap();
    let update = client.update("incidents", &key(ID), &columns, &options, soon()).await.unwrap();
    assert_eq!((upsert.requests, update.requests), (1, 1));
}

#[tokio::test]
async fn a_prepared_create_is_one_request() {
    let far = far_side().api(organisation).start().await;
    let client = far.client();
    client.prepare("incidents", soon()).await.unwrap();
    client.prepare("incidents", soon()).await.unwrap();
    assert_eq!(far.calls().len(), 2);
    let columns = format!(r#"{{"customerid":{{"contact":"{ID}"}}}}"#);
    let made = client.create("incidents", Uuid::nil(), &columns, &write(), soon()).await.unwrap();
    assert_eq!((made.requests, far.calls().len()), (1, 3));
    let error = client.prepare("unknowns", soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn an_impossible_target_is_told_with_those_that_are_possible() {
    let far = far_side().api(organisation).start().await;
    let columns = format!(r#"{{"customerid":{{"lead":"{ID}"}}}}"#);
    let error = far.client().create("incidents", Uuid::nil(), &columns, &write(), soon()).await;
    let error = error.unwrap_err();
    assert_eq!((error.kind, error.requests), (ErrorKind::InvalidRequest, 2));
    assert!(error.message.contains("account, contact"), "{error}");
    assert!(far.calls().iter().all(|seen| seen.method == "GET"));
}
