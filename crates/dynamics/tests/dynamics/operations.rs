//! The five operations: what is sent, what is read, what errors become.

use crate::kit::{ID, dataverse_error, far_side, json, key, read, soon, status, write};
use patchcord_dynamics::{ErrorKind, HttpSettings, Operation, Policy, Query, RecordKey};
use uuid::Uuid;

#[tokio::test]
async fn a_query_is_one_request_with_the_documented_headers() {
    let body = r#"{"@odata.context":"c","@odata.count":5000,"value":[{"a":1},{"a": "ü"}],
        "@odata.nextLink":"https://elsewhere/next"}"#;
    let far = far_side().api(move |_| json(200, body)).start().await;
    let options = "$select=a&$filter=telephone1 eq '+1 & 2' and b eq '#100%41'";
    let answer =
        far.client().query("contacts", Query::OData(options), &read(), soon()).await.unwrap();
    let records: Vec<_> = answer.value.records.iter().map(|record| record.get()).collect();
    assert_eq!(records, [r#"{"a":1}"#, r#"{"a": "ü"}"#]);
    assert!(answer.value.more);
    assert_eq!(answer.value.count, Some(5000));
    assert_eq!((answer.status, &*answer.body), (200, body));
    assert_eq!(far.calls().len(), 1);
    let seen = far.calls().remove(0);
    assert_eq!(seen.path, "/api/data/v9.2/contacts");
    assert_eq!(seen.options()["$filter"], "telephone1 eq '+1 & 2' and b eq '#100%41'");
    assert_eq!(seen.options().len(), 2);
    for (name, value) in [
        ("accept", "application/json"),
        ("odata-maxversion", "4.0"),
        ("odata-version", "4.0"),
        ("if-none-match", "null"),
        ("authorization", "Bearer access-canary-1"),
        ("user-agent", concat!("patchcord/", env!("CARGO_PKG_VERSION"))),
        ("cookie", ""),
    ] {
        assert_eq!(seen.header(name), value, "{name}");
    }
    assert!(Uuid::try_parse(seen.header("x-ms-client-request-id")).is_ok());
}

#[tokio::test]
async fn cookies_are_not_kept() {
    let far = far_side()
        .api(|_| {
            let mut response = json(200, r#"{"value":[]}"#);
            response.headers_mut().insert("set-cookie", "ARRAffinity=1".parse().unwrap());
            response
        })
        .start()
        .await;
    let client = far.client();
    client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    assert_eq!(far.calls()[1].header("cookie"), "");
}

#[tokio::test]
async fn one_record_is_read_by_its_key() {
    let far = far_side().api(|_| json(200, r#"{"fullname":"Ada"}"#)).start().await;
    let id = format!("{{{}}}", ID.to_uppercase());
    let answer = far
        .client()
        .retrieve("contacts", &key(&id), "?$select=fullname", &read(), soon())
        .await
        .unwrap();
    assert_eq!(answer.value.get(), r#"{"fullname":"Ada"}"#);
    let seen = far.calls().remove(0);
    assert_eq!(seen.path, format!("/api/data/v9.2/contacts({ID})"));
    assert_eq!(seen.options()["$select"], "fullname");
}

#[tokio::test]
async fn writes_say_whether_the_record_must_exist() {
    let far = far_side().api(|_| status(204)).start().await;
    let client = far.client();
    let row = Uuid::parse_str(ID).unwrap();
    let columns = r#" {"lastname":"O'Neill"}"#;
    let created = client.create("contacts", row, columns, &write(), soon()).await.unwrap();
    assert_eq!((created.value.id, created.status, &*created.body), (row, 204, ""));
    client.update("contacts", &key(ID), columns, &write(), soon()).await.unwrap();
    client.delete("contacts", &key(ID), None, soon()).await.unwrap();
    let seen: Vec<_> = far
        .calls()
        .into_iter()
        .map(|seen| {
            let conditions =
                format!("{}|{}", seen.header("if-none-match"), seen.header("if-match"));
            (seen.method.to_string(), conditions, seen.header("content-type").to_owned(), seen.body)
        })
        .collect();
    let json = "application/json";
    let row = |method: &str, conditions: &str, kind: &str, body: &str| {
        (method.to_owned(), conditions.to_owned(), kind.to_owned(), body.to_owned())
    };
    assert_eq!(
        seen,
        [
            row("PATCH", "*|", json, columns),
            row("PATCH", "|*", json, columns),
            row("DELETE", "|", "", ""),
        ]
    );
    assert!(far.calls().iter().all(|seen| seen.path == format!("/api/data/v9.2/contacts({ID})")));
}

#[tokio::test]
async fn errors_keep_code_text_and_request_id() {
    let far = far_side()
        .api(|_| {
            let mut response = dataverse_error(404, "0x80040217");
            response.headers_mut().insert("x-ms-service-request-id", "rq-1".parse().unwrap());
            response
        })
        .start()
        .await;
    let error = far.client().retrieve("contacts", &key(ID), "", &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert_eq!(error.status, Some(404));
    assert_eq!(error.code.as_deref(), Some("0x80040217"));
    assert_eq!(error.message, "Text of 0x80040217");
    assert_eq!(error.request_id.as_deref(), Some("rq-1"));
    assert!(error.body.unwrap().contains("0x80040217"));
    assert_eq!(far.calls().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_sent_as_meant_is_not_sent() {
    let far = far_side().start().await;
    let client = far.client();
    let row = Uuid::nil();
    let errors = [
        client.query("contacts?x", Query::OData(""), &read(), soon()).await.unwrap_err(),
        client
            .query("contacts", Query::OData("fullname eq 'x'"), &read(), soon())
            .await
            .unwrap_err(),
        RecordKey::parse("1 or 1").unwrap_err(),
        client.retrieve("contacts", &key(ID), "$top=1", &read(), soon()).await.unwrap_err(),
        client.create("contacts", row, "[1]", &write(), soon()).await.unwrap_err(),
        client.create("contacts", row, r#"{"a":1"#, &write(), soon()).await.unwrap_err(),
        client.update("contacts", &key(ID), "", &write(), soon()).await.unwrap_err(),
        client
            .query(
                "contacts",
                Query::OData(&format!("$filter=a eq '{}'", "x".repeat(66_000))),
                &read(),
                soon(),
            )
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}");
    }
    assert!(far.calls().is_empty() && far.token_requests().is_empty());
}

#[tokio::test]
async fn the_policy_is_kept_without_asking() {
    let far = far_side().start().await;
    let client = far.client_with(Policy {
        operations: Some(vec![Operation::Query, Operation::Delete]),
        tables: Some(vec!["contacts".to_owned()]),
        ..Policy::default()
    });
    client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    for error in [
        client.query("accounts", Query::OData(""), &read(), soon()).await.unwrap_err(),
        client.create("contacts", Uuid::nil(), "{}", &write(), soon()).await.unwrap_err(),
        client.update("contacts", &key(ID), "{}", &write(), soon()).await.unwrap_err(),
        client.retrieve("contacts", &key(ID), "", &read(), soon()).await.unwrap_err(),
        client.delete("accounts", &key(ID), None, soon()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind, ErrorKind::PolicyDenied);
    }
    assert_eq!(far.calls().len(), 1);
}

#[tokio::test]
async fn redirects_are_refused() {
    let elsewhere = far_side().start().await;
    let target = format!("{}/api/data/v9.2/contacts", elsewhere.origin);
    let far = far_side().api(move |_| crate::kit::redirect(&target)).start().await;
    let error =
        far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.message.contains("redirect"), "{}", error.message);
    assert!(elsewhere.calls().is_empty());
}

#[tokio::test]
async fn oversized_answers_are_refused() {
    let http = HttpSettings { max_answer_bytes: 1_000, ..HttpSettings::default() };
    let far = far_side()
        .http(http)
        .api(|_| json(200, &format!(r#"{{"value":["{}"]}}"#, "x".repeat(2_000))))
        .start()
        .await;
    let error =
        far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.message.contains("$top"), "{}", error.message);
    assert_eq!(far.calls().len(), 1);
}

#[tokio::test]
async fn answers_that_are_no_odata_are_told_apart() {
    let far = far_side().api(|_| json(200, "<html>")).start().await;
    let client = far.client();
    let errors = [
        client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err(),
        client.retrieve("contacts", &key(ID), "", &read(), soon()).await.unwrap_err(),
        client.who_am_i(soon()).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind, error.status), (ErrorKind::Unavailable, Some(200)));
        assert_eq!(error.body.as_deref(), Some("<html>"));
    }
}

#[tokio::test]
async fn the_pool_keeps_one_client_until_the_account_changes() {
    use patchcord_dynamics::ClientCredential;
    use std::sync::Arc;
    let far = far_side().start().await;
    let (first, again) = (far.client(), far.client());
    assert!(Arc::ptr_eq(&first, &again));
    let renamed =
        patchcord_dynamics::AccountSettings { name: "Service".to_owned(), ..far.settings() };
    let second = far.pool.client(&renamed, &crate::kit::credential()).unwrap();
    assert!(!Arc::ptr_eq(&first, &second));
    let other = ClientCredential::Secret("other".into());
    let third = far.pool.client(&renamed, &other).unwrap();
    assert!(!Arc::ptr_eq(&second, &third));
    far.pool.remove(renamed.id);
    assert!(!Arc::ptr_eq(&third, &far.pool.client(&renamed, &other).unwrap()));
}
