//! Writes beyond the plain ones: upserts, etags, returned rows, links, actions and functions, and what is never repeated.

use std::time::{Duration, Instant};

use crate::kit::{
    FarSide, ID, Seen, cut, dataverse_error, far_side, hang_up, json, key, soon, status, write,
};
use axum::response::Response;
use patchcord_dynamics::{Error, ErrorKind, Operation, Policy, WriteOptions};
use uuid::Uuid;

const ETAG: &str = r#"W/"4711""#;

fn with_etag() -> WriteOptions {
    WriteOptions { etag: Some(ETAG.to_owned()), ..write() }
}

fn returning(columns: &str) -> WriteOptions {
    WriteOptions { returning: Some(columns.to_owned()), ..write() }
}

fn created(id: &str) -> Response {
    let mut response = status(204);
    let url = format!("https://org.example/api/data/v9.2/accounts({id})");
    response.headers_mut().insert("odata-entityid", url.parse().unwrap());
    response
}

#[tokio::test]
async fn an_upsert_says_what_dataverse_told() {
    let far = far_side()
        .api(|seen| match seen.number {
            1 => created(ID),
            2 => json(201, r#"{"name":"x"}"#),
            3 => json(200, r#"{"name":"x"}"#),
            _ => status(204),
        })
        .start()
        .await;
    let (client, alternate) = (far.client(), key("accountnumber='A1'"));
    let first = client.upsert("accounts", &alternate, "{}", &write(), soon()).await.unwrap().value;
    assert_eq!((first.id, first.created), (Uuid::parse_str(ID).ok(), None));
    for expected in [true, false] {
        let options = returning("name");
        let made = client.upsert("accounts", &alternate, "{}", &options, soon()).await.unwrap();
        assert_eq!((made.value.id, made.value.created), (None, Some(expected)));
        assert_eq!(made.value.row.unwrap().get(), r#"{"name":"x"}"#);
    }
    let by_id = client.upsert("accounts", &key(ID), "{}", &write(), soon()).await.unwrap();
    assert_eq!(by_id.value.id, Uuid::parse_str(ID).ok());
    let seen = far.calls();
    assert_eq!((seen[0].method.as_str(), &*seen[0].query), ("PATCH", ""));
    assert_eq!((seen[0].header("if-match"), seen[0].header("if-none-match")), ("", ""));
    assert_eq!(seen[1].header("prefer"), "return=representation");
    assert_eq!(seen[1].options()["$select"], "name");
}

#[tokio::test]
async fn an_upsert_by_alternate_key_takes_no_refusal_for_done() {
    for code in ["0x80040237", "0x80060892"] {
        let far = far_side()
            .api(move |seen| if seen.number == 1 { cut() } else { dataverse_error(412, code) })
            .start()
            .await;
        let alternate = key("accountnumber='A1'");
        let error = far.client().upsert("accounts", &alternate, "{}", &write(), soon()).await;
        let error = error.unwrap_err();
        assert_eq!((error.kind, error.requests), (ErrorKind::Conflict, 2));
    }
}

#[tokio::test]
async fn whether_a_repeated_upsert_made_the_record_is_not_known() {
    let far =
        far_side().api(|seen| if seen.number == 1 { cut() } else { json(200, "{}") }).start().await;
    let made =
        far.client().upsert("accounts", &key(ID), "{}", &returning(""), soon()).await.unwrap();
    assert_eq!((made.value.created, made.requests), (None, 2));
}

#[tokio::test]
async fn a_created_row_comes_back_even_if_its_answer_was_lost() {
    let far = far_side()
        .api(|seen| match (seen.method.as_str(), seen.number) {
            ("PATCH", 1) => cut(),
            ("PATCH", _) => dataverse_error(412, "0x80040237"),
            _ => json(200, r#"{"ticketnumber":"CAS-1"}"#),
        })
        .start()
        .await;
    let row = Uuid::parse_str(ID).unwrap();
    let options = returning("ticketnumber");
    let made = far.client().create("incidents", row, "{}", &options, soon()).await.unwrap();
    assert_eq!((made.value.id, made.requests), (row, 3));
    assert_eq!(made.value.row.unwrap().get(), r#"{"ticketnumber":"CAS-1"}"#);
    assert_eq!(far.calls()[2].options()["$select"], "ticketnumber");
}

#[tokio::test]
async fn etags_and_duplicate_detection_are_sent_as_documented() {
    let far = far_side().api(|_| status(204)).start().await;
    let client = far.client();
    client.update("accounts", &key(ID), "{}", &with_etag(), soon()).await.unwrap();
    client.delete("accounts", &key(ID), Some(ETAG), soon()).await.unwrap();
    let detecting = WriteOptions { detect_duplicates: true, ..write() };
    client.create("accounts", Uuid::nil(), "{}", &detecting, soon()).await.unwrap();
    let seen = far.calls();
    assert_eq!((seen[0].header("if-match"), seen[1].header("if-match")), (ETAG, ETAG));
    assert_eq!(seen[2].header("mscrm.suppressduplicatedetection"), "false");
    let refused = [
        client.create("accounts", Uuid::nil(), "{}", &with_etag(), soon()).await.map(drop),
        client.upsert("accounts", &key(ID), "{}", &with_etag(), soon()).await.map(drop),
        client.delete("accounts", &key(ID), Some("4711\r\nx: y"), soon()).await.map(drop),
    ];
    for result in refused {
        assert_eq!(result.unwrap_err().kind, ErrorKind::InvalidRequest);
    }
    assert_eq!(far.calls().len(), 3);
}

/// Calls that must not be sent twice once they may have been carried out.
async fn unrepeatable(far: &FarSide, which: usize, deadline: Instant) -> Error {
    let (client, alternate) = (far.client(), key("accountnumber='A1'"));
    let id = key(ID);
    let result = match which {
        0 => client.update("accounts", &id, "{}", &with_etag(), deadline).await.map(drop),
        1 => client.delete("accounts", &id, Some(ETAG), deadline).await.map(drop),
        2 => client.delete("accounts", &alternate, None, deadline).await.map(drop),
        3 => {
            let columns = r#"{"accountnumber":"A2"}"#;
            client.update("accounts", &alternate, columns, &write(), deadline).await.map(drop)
        }
        _ => client.execute(None, "CloseIncident", "{}", deadline).await.map(drop),
    };
    result.unwrap_err()
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_twice() {
    let failures: [fn(&Seen) -> Response; 3] = [|_| cut(), |_| hang_up(), |_| status(503)];
    for failure in failures {
        for which in 0..5 {
            let far = far_side().api(failure).start().await;
            let error = unrepeatable(&far, which, soon()).await;
            assert_eq!((error.kind, error.requests), (ErrorKind::Unavailable, 1), "{which}");
            assert!(error.message.contains("not known whether"), "{error}");
            assert_eq!(far.calls().len(), 1);
        }
    }
    let far = far_side().api(|_| crate::kit::never()).start().await;
    let error = unrepeatable(&far, 4, Instant::now() + Duration::from_millis(200)).await;
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert!(error.message.contains("not known whether"), "{error}");
}

#[tokio::test]
async fn what_cannot_have_been_done_is_sent_again() {
    for which in 0..5 {
        let far = far_side()
            .api(|seen| match seen.number {
                1 => {
                    let mut response = dataverse_error(429, "0x80072326");
                    response.headers_mut().insert("retry-after", "0".parse().unwrap());
                    response
                }
                2 => status(401),
                _ => dataverse_error(404, "0x80040217"),
            })
            .start()
            .await;
        let error = unrepeatable(&far, which, soon()).await;
        assert_eq!((error.kind, error.requests), (ErrorKind::NotFound, 3), "{which}");
        assert!(!error.message.contains("not known whether"), "{error}");
    }
}

#[tokio::test]
async fn records_are_linked_and_unlinked() {
    let far = far_side().api(|_| status(204)).start().await;
    let (client, contact, account) = (far.client(), key(ID), key("accountnumber='A 1'"));
    let (from, to) = (("accounts", &account), ("contacts", &contact));
    client.associate(from, "contact_customer_accounts", to, soon()).await.unwrap();
    client.disassociate(from, "contact_customer_accounts", to, soon()).await.unwrap();
    client.disassociate(to, "account_primary_contact", from, soon()).await.unwrap();
    let seen = far.calls();
    let below = "/api/data/v9.2/accounts(accountnumber='A%201')/contact_customer_accounts";
    assert_eq!((seen[0].method.as_str(), &*seen[0].path), ("POST", &*format!("{below}/$ref")));
    let target = format!("{}/api/data/v9.2/contacts({ID})", far.origin);
    assert_eq!(seen[0].body, format!(r#"{{"@odata.id":"{target}"}}"#));
    assert_eq!(seen[1].method.as_str(), "DELETE");
    assert_eq!(seen[1].path, format!("{below}({ID})/$ref"));
    let other = format!("{}/api/data/v9.2/accounts(accountnumber='A%201')", far.origin);
    assert_eq!(seen[2].options()["$id"], other);
    let wrong = client.associate(from, "a)/b", to, soon()).await.unwrap_err();
    assert_eq!(wrong.kind, ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn a_link_whose_answer_is_lost_is_made_once() {
    let far = far_side()
        .api(|seen| match (seen.method.as_str(), seen.number) {
            (_, 1 | 3) => cut(),
            ("POST", _) => dataverse_error(412, "0x80040237"),
            _ => dataverse_error(404, "0x80040217"),
        })
        .start()
        .await;
    let (client, id) = (far.client(), key(ID));
    let (from, to) = (("accounts", &id), ("leads", &id));
    let made = client.associate(from, "accountleads_association", to, soon()).await.unwrap();
    let gone = client.disassociate(from, "accountleads_association", to, soon()).await.unwrap();
    assert_eq!((made.status, made.requests, gone.requests), (204, 2, 2));
    // Without a lost answer the same refusal is one.
    let error = client.associate(from, "accountleads_association", to, soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
}

#[tokio::test]
async fn actions_and_functions_are_addressed_as_documented() {
    let far = far_side()
        .api(|seen| if seen.number == 1 { status(204) } else { json(200, r#"{"value":[1]}"#) })
        .start()
        .await;
    let (client, id) = (far.client(), key(ID));
    let done = client.execute(None, "CloseIncident", r#"{"Status":5}"#, soon()).await.unwrap();
    assert_eq!((done.value.get(), done.requests), ("null", 1));
    let lead = Some(("leads", &id));
    let made = client.execute(lead, "QualifyLead", " ", soon()).await.unwrap();
    assert_eq!(made.value.get(), r#"{"value":[1]}"#);
    let names = r#"{"EntityNames":["account"]}"#;
    client.call_function(None, "RetrieveTotalRecordCount", names, soon()).await.unwrap();
    let seen = far.calls();
    assert_eq!((seen[0].method.as_str(), &*seen[0].path), ("POST", "/api/data/v9.2/CloseIncident"));
    assert_eq!(seen[0].body, r#"{"Status":5}"#);
    assert_eq!(
        (&*seen[1].path, &*seen[1].body),
        (&*format!("/api/data/v9.2/leads({ID})/Microsoft.Dynamics.CRM.QualifyLead"), "{}")
    );
    let path = "/api/data/v9.2/RetrieveTotalRecordCount(EntityNames=@p1)";
    assert_eq!((seen[2].method.as_str(), &*seen[2].path), ("GET", path));
    assert_eq!(seen[2].options()["@p1"], r#"["account"]"#);
}

#[tokio::test]
async fn the_policy_covers_every_operation() {
    let far = far_side().api(|_| status(204)).start().await;
    let id = key(ID);
    let (from, to) = (("accounts", &id), ("contacts", &id));
    let only = |operations: &[Operation], tables: &[&str]| {
        far.client_with(Policy {
            operations: Some(operations.to_vec()),
            tables: Some(tables.iter().map(|table| (*table).to_owned()).collect()),
            ..Policy::default()
        })
    };
    let all = ["accounts", "contacts"];
    let client = only(&[Operation::Create, Operation::Retrieve], &all);
    let denied = [
        client.upsert("accounts", &id, "{}", &write(), soon()).await.map(drop),
        client.associate(from, "a", to, soon()).await.map(drop),
        client.execute(Some(from), "A", "{}", soon()).await.map(drop),
        client.call_function(Some(from), "A", "{}", soon()).await.map(drop),
        client.count("accounts", "", soon()).await.map(drop),
    ];
    for result in denied {
        assert_eq!(result.unwrap_err().kind, ErrorKind::PolicyDenied);
    }
    let client = only(&[Operation::Associate, Operation::Execute], &["accounts", "CloseIncident"]);
    let link = client.associate(from, "a", to, soon()).await.unwrap_err();
    let action = client.execute(None, "WinOpportunity", "{}", soon()).await.unwrap_err();
    assert_eq!((link.kind, action.kind), (ErrorKind::PolicyDenied, ErrorKind::PolicyDenied));
    assert!(far.calls().is_empty());
    client.execute(None, "CloseIncident", "{}", soon()).await.unwrap();
}
