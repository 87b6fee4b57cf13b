//! Failures on the way: lost answers, throttling, deadlines. Nothing is doubled, nobody waits past a deadline.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::kit::{
    ID, Seen, cut, dataverse_error, far_side, hang_up, json, key, read, soon, status, write,
};
use axum::response::Response;
use patchcord_dynamics::{ErrorKind, Policy, Query};
use uuid::Uuid;

fn throttled(seconds: &str) -> Response {
    let mut response = dataverse_error(429, "0x80072322");
    response.headers_mut().insert("retry-after", seconds.parse().unwrap());
    response
}

/// Keeps keys as Dataverse does for a create-only PATCH and a DELETE.
#[derive(Clone, Default)]
struct Table(Arc<Mutex<HashSet<String>>>);

impl Table {
    fn apply(&self, seen: &Seen) -> Response {
        let mut keys = self.0.lock().unwrap();
        let is_delete = seen.method == "DELETE";
        let changed =
            if is_delete { keys.remove(&seen.path) } else { keys.insert(seen.path.clone()) };
        match (changed, is_delete) {
            (true, _) => status(204),
            (false, true) => dataverse_error(404, "0x80040217"),
            (false, false) => dataverse_error(412, "0x80040237"),
        }
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

#[tokio::test]
async fn a_create_whose_answers_are_lost_makes_one_record() {
    let table = Table::default();
    let rows = table.clone();
    let far = far_side()
        .api(move |seen| {
            let answer = rows.apply(seen);
            // The record is made, the answer is not heard, three times in a row.
            match seen.number {
                1 => cut(),
                2 => status(503),
                3 => hang_up(),
                _ => answer,
            }
        })
        .start()
        .await;
    let row = Uuid::from_u128(42);
    let answer = far.client().create("contacts", row, "{}", &write(), soon()).await.unwrap();
    assert_eq!((answer.value.id, answer.status, answer.requests), (row, 204, 4));
    assert_eq!((table.len(), far.calls().len()), (1, 4));
    // A repeated step finds its record at once.
    let again = far.client().create("contacts", row, "{}", &write(), soon()).await.unwrap();
    assert_eq!((again.value.id, again.requests), (row, 1));
    assert_eq!(table.len(), 1);
}

#[tokio::test]
async fn a_duplicate_rule_is_a_conflict() {
    for code in ["0x80040333", "0x80060892"] {
        let far = far_side().api(move |_| dataverse_error(412, code)).start().await;
        let error =
            far.client().create("contacts", Uuid::nil(), "{}", &write(), soon()).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Conflict, Some(code)));
    }
}

#[tokio::test]
async fn a_delete_whose_answer_is_lost_is_done() {
    let table = Table::default();
    table.0.lock().unwrap().insert(format!("/api/data/v9.2/contacts({ID})"));
    let rows = table.clone();
    let far = far_side()
        .api(move |seen| {
            let answer = rows.apply(seen);
            if seen.number == 1 { cut() } else { answer }
        })
        .start()
        .await;
    let client = far.client();
    assert_eq!(client.delete("contacts", &key(ID), None, soon()).await.unwrap().status, 204);
    let error = client.delete("contacts", &key(ID), None, soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn reads_are_repeated_after_passing_failures() {
    let far = far_side()
        .api(|seen| match seen.number {
            1 => status(502),
            2 => cut(),
            _ => json(200, r#"{"value":[]}"#),
        })
        .start()
        .await;
    far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    assert_eq!(far.calls().len(), 3);
}

#[tokio::test]
async fn lasting_failures_end_as_unavailable() {
    let far = far_side().api(|_| status(503)).start().await;
    let error =
        far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Unavailable, Some(503)));
    assert_eq!(far.calls().len(), 5);
}

#[tokio::test]
async fn other_failures_are_not_repeated() {
    for code in [400, 403, 405, 500] {
        let far = far_side().api(move |_| status(code)).start().await;
        far.client().update("contacts", &key(ID), "{}", &write(), soon()).await.unwrap_err();
        assert_eq!(far.calls().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn an_unreachable_host_is_unavailable() {
    let far = far_side().start().await;
    let mut settings = far.settings();
    // Bound and dropped, so that nothing listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    settings.api_url = format!("http://127.0.0.1:{port}/api/data/v9.2").parse().unwrap();
    let client = far.pool.client(&settings, &crate::kit::credential()).unwrap();
    let error = client
        .query("contacts", Query::OData("$filter=a eq 'private'"), &read(), soon())
        .await
        .unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Unavailable, None));
    assert!(!error.message.contains("private"), "{}", error.message);
}

#[tokio::test]
async fn the_deadline_ends_a_call_that_is_not_answered() {
    let far = far_side().delay(Duration::from_secs(600)).start().await;
    let deadline = Instant::now() + Duration::from_millis(150);
    let error =
        far.client().query("contacts", Query::OData(""), &read(), deadline).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout);
}

#[tokio::test]
async fn a_deadline_that_has_passed_sends_nothing() {
    let far = far_side().start().await;
    let client = far.client();
    client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    let error =
        client.query("contacts", Query::OData(""), &read(), Instant::now()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert_eq!(far.calls().len(), 1);
}

#[tokio::test]
async fn no_repetition_is_begun_that_cannot_end_in_time() {
    let far = far_side()
        .api(|_| {
            let mut response = status(503);
            response.headers_mut().insert("retry-after", "600".parse().unwrap());
            response
        })
        .start()
        .await;
    let error =
        far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert_eq!(far.calls().len(), 1);
}

#[tokio::test]
async fn a_request_without_answer_is_given_up_and_repeated() {
    let far = far_side()
        .delay(Duration::from_millis(400))
        .api(|_| json(200, r#"{"value":[]}"#))
        .start()
        .await;
    let client = far.client_with(Policy { request_timeout_ms: 100, ..Policy::default() });
    let error = client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!((2..=5).contains(&far.calls().len()));
}

#[tokio::test]
async fn a_throttled_account_waits_and_goes_on() {
    let far = far_side()
        .api(|seen| if seen.number == 1 { throttled("1") } else { json(200, r#"{"value":[]}"#) })
        .start()
        .await;
    far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    assert_eq!(far.calls().len(), 2);
}

#[tokio::test]
async fn a_wait_past_the_deadline_is_told_to_all_callers_at_once() {
    let far = far_side().api(|_| throttled("600")).start().await;
    let client = far.client();
    let error = client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Throttled(600_000));
    assert_eq!((error.status, error.code.as_deref()), (Some(429), Some("0x80072322")));
    for _ in 0..3 {
        let error =
            client.create("contacts", Uuid::nil(), "{}", &write(), soon()).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Throttled(ms) if ms > 0 && ms <= 600_000));
    }
    assert_eq!(far.calls().len(), 1);
    // A changed account is still the same user to Dynamics 365.
    let changed = far.client_with(Policy { max_concurrent: 3, ..Policy::default() });
    let error = changed.query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Throttled(_)));
    assert_eq!(far.calls().len(), 1);
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_the_policy_allows() {
    let far = far_side()
        .delay(Duration::from_millis(10))
        .api(|_| json(200, r#"{"value":[]}"#))
        .start()
        .await;
    let client = far.client_with(Policy { max_concurrent: 3, ..Policy::default() });
    let read = read();
    let calls = (0..30).map(|_| client.query("contacts", Query::OData(""), &read, soon()));
    for result in futures::future::join_all(calls).await {
        result.unwrap();
    }
    assert_eq!(far.calls().len(), 30);
    let most = far.calls().iter().map(|seen| seen.under_way).max();
    assert_eq!(most, Some(3));
}
