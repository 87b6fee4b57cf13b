//! Writes that are shown and not sent: each is what is sent otherwise, to the letter.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use patchcord_dynamics::{
    Client, ErrorKind, Operation, Policy, Query, ReadOptions, ShownRequest, WriteOptions,
};
use uuid::Uuid;

use crate::kit::{FarSide, ID, Seen, entra_error, far_side, json, key, read, soon, status, write};

const COLUMNS: &str = r#"{"name": "O'Neill & \"Söhne\"", "n": 1.50}"#;

/// A client of which nothing is sent that writes, and what it showed.
fn rehearsing(far: &FarSide) -> (Client, Arc<Mutex<Vec<ShownRequest>>>) {
    let shown = Arc::<Mutex<Vec<_>>>::default();
    let seen = Arc::clone(&shown);
    let client = far.client().rehearsing(Arc::new(move |shown| seen.lock().unwrap().push(shown)));
    (client, shown)
}

/// Every operation that writes, in each of its forms.
async fn write_everything(client: &Client) {
    let (id, alternate) = (key(ID), key("accountnumber='A/1'"));
    let plain = write();
    let returning =
        WriteOptions { returning: Some("name".to_owned()), detect_duplicates: true, ..write() };
    let etag = WriteOptions { etag: Some("W/\"1\"".to_owned()), ..write() };
    for options in [&plain, &returning] {
        client.create("accounts", Uuid::from_u128(7), COLUMNS, options, soon()).await.unwrap();
        client.upsert("accounts", &alternate, COLUMNS, options, soon()).await.unwrap();
        client.update("accounts", &id, COLUMNS, options, soon()).await.unwrap();
    }
    client.update("accounts", &id, COLUMNS, &etag, soon()).await.unwrap();
    client.delete("accounts", &id, Some("W/\"1\""), soon()).await.unwrap();
    client.delete("accounts", &alternate, None, soon()).await.unwrap();
    let from = ("accounts", &id);
    for to in [("contacts", &id), ("contacts", &alternate)] {
        client.associate(from, "contact_customer_accounts", to, soon()).await.unwrap();
        client.disassociate(from, "contact_customer_accounts", to, soon()).await.unwrap();
    }
    client.execute(None, "WinOpportunity", r#"{"Status": 3}"#, soon()).await.unwrap();
    client.execute(Some(from), "Qualify", "", soon()).await.unwrap();
}

/// A request as it came in, as it is shown.
fn as_shown(seen: &Seen, api_url: &str) -> (String, String, BTreeMap<String, String>, String) {
    const OF_THE_SENDING: [&str; 7] = [
        "authorization",
        "x-ms-client-request-id",
        "host",
        "user-agent",
        "content-length",
        "accept-encoding",
        "transfer-encoding",
    ];
    let headers = seen
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let headers = headers.filter(|(name, _)| !OF_THE_SENDING.contains(&name.as_str()));
    let query = if seen.query.is_empty() { String::new() } else { format!("?{}", seen.query) };
    let url = format!("{api_url}{}{query}", seen.path);
    (seen.method.to_string(), url, headers.collect(), seen.body.clone())
}

#[tokio::test]
async fn every_write_is_shown_as_it_is_sent_and_none_is_sent() {
    let far = far_side()
        .api(|seen| match seen.header("prefer") {
            "return=representation" => json(200, COLUMNS),
            _ => status(204),
        })
        .start()
        .await;
    let (client, shown) = rehearsing(&far);
    write_everything(&client).await;
    assert_eq!(far.calls().len(), 0);
    write_everything(&far.client()).await;
    let mut origin = far.settings().api_url;
    origin.set_path("");
    let origin = origin.as_str().trim_end_matches('/').to_owned();
    let sent: Vec<_> = far.calls().iter().map(|seen| as_shown(seen, &origin)).collect();
    let shown = shown.lock().unwrap().clone();
    let shown = shown.into_iter().map(|shown| {
        let ShownRequest { method, url, headers, body } = shown;
        (method, url, headers.into_iter().collect(), body.unwrap_or_default())
    });
    assert_eq!(shown.collect::<Vec<_>>(), sent);
}

#[tokio::test]
async fn a_write_that_is_shown_is_answered_as_if_it_had_gone_well() {
    let far = far_side().api(|_| status(500)).start().await;
    let (client, _) = rehearsing(&far);
    let returning = WriteOptions { returning: Some(String::new()), ..write() };
    let row = Uuid::from_u128(7);
    let made = client.create("accounts", row, COLUMNS, &returning, soon()).await.unwrap();
    assert_eq!((made.value.id, made.status, made.requests), (row, 201, 0));
    assert_eq!(made.value.row.unwrap().get(), COLUMNS);
    let done = client.upsert("accounts", &key(ID), "{}", &returning, soon()).await.unwrap();
    assert_eq!(done.value.created, None, "nobody knows");
    let value = client.execute(None, "WinOpportunity", "{}", soon()).await.unwrap().value;
    assert_eq!(value.get(), "null");
}

#[tokio::test]
async fn reads_are_made_and_what_was_read_is_not_forgotten() {
    let far = far_side().api(|_| json(200, r#"{"value": []}"#)).start().await;
    let (client, _) = rehearsing(&far);
    let kept = ReadOptions { max_age: Some(std::time::Duration::from_secs(60)), ..read() };
    let query = Query::OData("$top=1");
    far.client().query("accounts", query, &kept, soon()).await.unwrap();
    client.update("accounts", &key(ID), "{}", &write(), soon()).await.unwrap();
    client.execute(None, "WinOpportunity", "{}", soon()).await.unwrap();
    for client in [&client, &*far.client()] {
        let answer = client.query("accounts", query, &kept, soon()).await.unwrap();
        assert!(answer.age.is_some(), "it was known already");
    }
    let long = format!("$filter=name eq '{}'", "x".repeat(40_000));
    client.query("contacts", Query::OData(&long), &read(), soon()).await.ok();
    let seen = far.calls();
    assert_eq!(seen.len(), 2);
    assert!(seen[1].path.ends_with("/$batch"), "a long read is posted, and is a read");
}

#[tokio::test]
async fn what_would_not_be_sent_is_not_shown() {
    let far = far_side().start().await;
    let reads = Policy { operations: Some([Operation::Query].into()), ..Policy::default() };
    let shown = Arc::<Mutex<Vec<ShownRequest>>>::default();
    let seen = Arc::clone(&shown);
    let client = far.client_with(reads);
    let client = client.rehearsing(Arc::new(move |shown| seen.lock().unwrap().push(shown)));
    let refused = client.delete("accounts", &key(ID), None, soon()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::PolicyDenied);
    assert!(shown.lock().unwrap().is_empty());

    let far = far_side().tokens(|_| entra_error("invalid_grant", 50_173)).start().await;
    let (client, shown) = rehearsing(&far);
    let refused = client.delete("accounts", &key(ID), None, soon()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::ConsentRequired);
    assert!(shown.lock().unwrap().is_empty());
}
