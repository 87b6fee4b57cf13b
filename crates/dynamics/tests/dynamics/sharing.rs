//! Reads that spare a request: joined with an identical one, answered from the cache, answered stale.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use crate::kit::{ID, Seen, far_side, json, key, read, soon, status, write};
use axum::response::Response;
use patchcord_dynamics::{ErrorKind, Policy, Query, ReadOptions};
use uuid::Uuid;

const ALL: Query<'static> = Query::OData("$select=fullname");
const HOUR: Duration = Duration::from_secs(3_600);

fn shared() -> ReadOptions {
    ReadOptions { share: true, ..read() }
}

fn cached() -> ReadOptions {
    ReadOptions { max_age: Some(HOUR), ..read() }
}

fn numbered(seen: &Seen) -> Response {
    if seen.method != "GET" {
        return status(204);
    }
    json(200, &format!(r#"{{"value":[{{"n":{}}}]}}"#, seen.number))
}

#[tokio::test]
async fn identical_reads_under_way_are_one_request() {
    let far = far_side().delay(Duration::from_millis(100)).api(numbered).start().await;
    let (client, options) = (far.client(), shared());
    let calls = (0..20).map(|_| client.query("contacts", ALL, &options, soon()));
    let mut requests = 0;
    for result in futures::future::join_all(calls).await {
        let answer = result.unwrap();
        assert_eq!(answer.value.records[0].get(), r#"{"n":1}"#);
        requests += answer.requests;
    }
    assert_eq!((requests, far.calls().len()), (1, 1));
    // It is no cache.
    client.query("contacts", ALL, &options, soon()).await.unwrap();
    assert_eq!(far.calls().len(), 2);
}

#[tokio::test]
async fn other_reads_are_not_joined() {
    let far = far_side().delay(Duration::from_millis(100)).api(numbered).start().await;
    let (client, options, id) = (far.client(), shared(), key(ID));
    let annotated = ReadOptions { annotations: true, ..shared() };
    let other = Query::OData("$select=lastname");
    let (a, b, c, d, e) = tokio::join!(
        client.query("contacts", ALL, &options, soon()),
        client.query("contacts", ALL, &annotated, soon()),
        client.query("contacts", other, &options, soon()),
        client.query("accounts", ALL, &options, soon()),
        client.retrieve("contacts", &id, "", &options, soon()),
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok() && d.is_ok() && e.is_ok());
    assert_eq!(far.calls().len(), 5);
}

#[tokio::test]
async fn each_waiter_has_a_deadline_of_its_own() {
    let far = far_side().delay(Duration::from_millis(400)).api(numbered).start().await;
    let (client, options) = (far.client(), shared());
    let early = Instant::now() + Duration::from_millis(150);
    let (first, second) = tokio::join!(
        client.query("contacts", ALL, &options, early),
        client.query("contacts", ALL, &options, soon()),
    );
    assert_eq!(first.unwrap_err().kind, ErrorKind::Timeout);
    assert_eq!(second.unwrap().value.records.len(), 1);
    assert_eq!(far.calls().len(), 1);
}

#[tokio::test]
async fn a_request_nobody_waits_for_frees_its_place() {
    let far = far_side()
        .api(
            |seen| {
                if seen.path.ends_with("contacts") { crate::kit::never() } else { numbered(seen) }
            },
        )
        .start()
        .await;
    let client = far.client_with(Policy { max_concurrent: 1, ..Policy::default() });
    let early = Instant::now() + Duration::from_millis(500);
    let error = client.query("contacts", ALL, &shared(), early).await.unwrap_err();
    assert_eq!((error.kind, error.requests), (ErrorKind::Timeout, 1));
    client.query("accounts", ALL, &read(), soon()).await.unwrap();
    assert_eq!(far.calls().len(), 2);
}

#[tokio::test]
async fn a_recent_answer_will_do_where_it_is_allowed() {
    let far = far_side().api(numbered).start().await;
    let client = far.client();
    let first = client.query("contacts", ALL, &cached(), soon()).await.unwrap();
    assert_eq!((first.requests, first.age, first.stale), (1, None, false));
    let again = client.query("contacts", ALL, &cached(), soon()).await.unwrap();
    assert_eq!((again.requests, again.stale), (0, false));
    assert!(again.age.is_some_and(|age| age < HOUR));
    assert_eq!(again.value.records[0].get(), r#"{"n":1}"#);
    // Not for those who do not allow it, nor for those who want it newer.
    client.query("contacts", ALL, &read(), soon()).await.unwrap();
    let newer = ReadOptions { max_age: Some(Duration::ZERO), ..read() };
    client.query("contacts", ALL, &newer, soon()).await.unwrap();
    assert_eq!(far.calls().len(), 3);
}

#[tokio::test]
async fn a_write_drops_what_is_kept_of_its_table() {
    let far = far_side().api(numbered).start().await;
    let (client, id) = (far.client(), key(ID));
    let mut expected = 0;
    for number in 0..6 {
        client.query("contacts", ALL, &cached(), soon()).await.unwrap();
        client.query("accounts", ALL, &cached(), soon()).await.unwrap();
        match number {
            0 => {
                drop(client.create("contacts", Uuid::nil(), "{}", &write(), soon()).await.unwrap())
            }
            1 => drop(client.update("contacts", &id, "{}", &write(), soon()).await.unwrap()),
            2 => drop(client.upsert("contacts", &id, "{}", &write(), soon()).await.unwrap()),
            3 => drop(client.delete("contacts", &id, None, soon()).await.unwrap()),
            4 => {
                let (from, to) = (("contacts", &id), ("leads", &id));
                drop(client.associate(from, "contactleads_association", to, soon()).await.unwrap());
            }
            _ => drop(client.execute(None, "CloseIncident", "{}", soon()).await.unwrap()),
        }
        // The contacts are read again each time, the accounts once; and the write.
        expected += if number == 0 { 3 } else { 2 };
        assert_eq!(far.calls().len(), expected, "{number}");
    }
    // An action may have written to any table.
    client.query("accounts", ALL, &cached(), soon()).await.unwrap();
    assert_eq!(far.calls().len(), expected + 1);
}

#[tokio::test]
async fn what_is_down_is_answered_stale() {
    let health = Arc::new(AtomicU16::new(200));
    let now = Arc::clone(&health);
    let far = far_side()
        .api(move |seen| match now.load(Ordering::SeqCst) {
            200 => numbered(seen),
            code => {
                let mut response = status(code);
                response.headers_mut().insert("retry-after", "600".parse().unwrap());
                response
            }
        })
        .start()
        .await;
    let client = far.client();
    let options = ReadOptions { stale_for: Some(HOUR), ..read() };
    client.query("contacts", ALL, &options, soon()).await.unwrap();
    let fresh = client.query("contacts", ALL, &options, soon()).await.unwrap();
    assert_eq!((fresh.requests, fresh.age, fresh.stale), (1, None, false));
    // Refusals are no failures.
    health.store(403, Ordering::SeqCst);
    let error = client.query("contacts", ALL, &options, soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden);
    for code in [503, 429] {
        health.store(code, Ordering::SeqCst);
        let stale = client.query("contacts", ALL, &options, soon()).await.unwrap();
        assert!(stale.stale && stale.age.is_some() && stale.requests == 1, "{code}");
        assert_eq!(stale.value.records[0].get(), r#"{"n":2}"#);
    }
    let error = client.query("contacts", ALL, &read(), soon()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Throttled(_)));
}

#[tokio::test]
async fn what_is_too_slow_is_answered_stale_in_time() {
    let slow = Arc::new(AtomicU16::new(0));
    let now = Arc::clone(&slow);
    let far = far_side()
        .api(
            move |seen| {
                if now.load(Ordering::SeqCst) == 1 { crate::kit::never() } else { numbered(seen) }
            },
        )
        .start()
        .await;
    let client = far.client();
    let options = ReadOptions { stale_for: Some(HOUR), share: true, ..read() };
    client.query("contacts", ALL, &options, soon()).await.unwrap();
    slow.store(1, Ordering::SeqCst);
    let deadline = Instant::now() + Duration::from_millis(300);
    let stale = client.query("contacts", ALL, &options, deadline).await.unwrap();
    assert!(stale.stale && Instant::now() < deadline + Duration::from_millis(100));
}
