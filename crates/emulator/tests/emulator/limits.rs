//! Service protection over a socket: what is refused, what the answers say, and when it is over.
// Source: learn.microsoft.com/power-apps/developer/data-platform/api-limits

use std::time::Duration;

use crate::kit::{Kit, client, emulator_with, failure, sign_in};
use patchcord_emulator::{EmulatorConfig, FaultKind, FaultRule, LimitValues, Limits, Route};
use reqwest::{Method, Response};
use serde_json::{Value, json};

async fn limited(values: LimitValues) -> Kit {
    let limits = Limits::On(values);
    sign_in(emulator_with(EmulatorConfig { limits, ..crate::kit::config(0) }).await).await
}

async fn who_am_i(kit: &Kit) -> Response {
    kit.request(Method::GET, "WhoAmI").send().await.unwrap()
}

fn number(response: &Response, header: &str) -> u64 {
    response.headers()[header].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn requests_beyond_the_limit_wait_as_long_as_they_are_told() {
    let kit = limited(LimitValues { requests: 3, ..LimitValues::default() }).await;
    for left in [2, 1, 0] {
        let response = who_am_i(&kit).await;
        assert_eq!(response.status(), 200);
        assert_eq!(number(&response, "x-ms-ratelimit-burst-remaining-xrm-requests"), left);
        assert!(response.headers().contains_key("x-ms-ratelimit-time-remaining-xrm-requests"));
        assert_eq!(number(&response, "x-ms-dop-hint"), 4);
    }
    let refused = who_am_i(&kit).await;
    let wait = number(&refused, "retry-after");
    assert!((299..=301).contains(&wait), "{wait}");
    let found = failure(refused).await;
    let message = "Number of requests exceeded the limit of 3 over time window of 300 seconds.";
    assert_eq!(found, (429, "0x80072322".to_owned(), message.to_owned()));
    let longer = number(&who_am_i(&kit).await, "retry-after");
    assert!(longer > wait - 1, "{longer}");

    kit.emulator.advance_limits(Duration::from_secs(longer));
    assert_eq!(who_am_i(&kit).await.status(), 200);
}

#[tokio::test]
async fn execution_time_is_limited_too() {
    let values =
        LimitValues { execution_ms: 2000, request_ms: Some(1000), ..LimitValues::default() };
    let kit = limited(values).await;
    let first = who_am_i(&kit).await;
    assert_eq!(first.headers()["x-ms-ratelimit-time-remaining-xrm-requests"], "1.00");
    assert_eq!(who_am_i(&kit).await.status(), 200);
    let (status, code, message) = failure(who_am_i(&kit).await).await;
    assert_eq!((status, code.as_str()), (429, "0x80072321"));
    assert!(message.contains("limit of 2,000 milliseconds over time window of 300"), "{message}");
}

#[tokio::test]
async fn requests_at_the_same_time_are_limited() {
    let kit = limited(LimitValues { concurrent: 1, ..LimitValues::default() }).await;
    kit.emulator
        .add_fault_rule(FaultRule::new(Route::Api, FaultKind::Latency { ms: 300 }).times(2));
    let (one, other) = tokio::join!(who_am_i(&kit), who_am_i(&kit));
    let mut statuses = [one.status().as_u16(), other.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429]);
    let refused = if one.status() == 429 { one } else { other };
    assert!(number(&refused, "retry-after") >= 1);
    assert_eq!(failure(refused).await.1, "0x80072326");
    assert_eq!(who_am_i(&kit).await.status(), 200);
}

#[tokio::test]
async fn a_batch_is_one_request_unless_its_operations_shall_count() {
    let batch = || {
        let part = "--b\r\nContent-Type: application/http\r\n\r\nGET /api/data/v9.2/WhoAmI HTTP/1.1\r\n\r\n";
        format!("{}--b--\r\n", part.repeat(3))
    };
    for (count, left) in [(false, 9), (true, 7)] {
        let values =
            LimitValues { requests: 10, count_batch_operations: count, ..LimitValues::default() };
        let kit = limited(values).await;
        let request = kit.request(Method::POST, "$batch").body(batch());
        let response =
            request.header("content-type", "multipart/mixed; boundary=b").send().await.unwrap();
        assert_eq!(number(&response, "x-ms-ratelimit-burst-remaining-xrm-requests"), left);
    }
}

#[tokio::test]
async fn limits_are_off_until_they_are_set_and_are_shown() {
    let kit = sign_in(emulator_with(crate::kit::config(0)).await).await;
    let label = "x-ms-ratelimit-burst-remaining-xrm-requests";
    assert!(!who_am_i(&kit).await.headers().contains_key(label));
    let limits = json!({"mode": "scaled", "requests": 1, "window_seconds": 10});
    assert_eq!(kit.control("limits", limits).await, 204);
    assert_eq!(who_am_i(&kit).await.status(), 200);
    assert_eq!(who_am_i(&kit).await.status(), 429);

    let url = format!("{}/_emulator/limits", kit.emulator.setup().http_url);
    let shown: Value = client().get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!((&shown["mode"], &shown["requests"]), (&json!("scaled"), &json!(1)));
    assert_eq!(shown["users"][0]["requests"], 1);
    assert!(shown["users"][0]["wait"].as_u64().unwrap() > 0);

    let wrong = client().post(&url).json(&json!({"mode": "scaled", "requests": 0}));
    let wrong: Value = wrong.send().await.unwrap().json().await.unwrap();
    assert_eq!((&wrong["status"], &wrong["pointer"]), (&json!(400), &json!("/requests")));
    assert_eq!(kit.control("limits/advance", json!({"seconds": 30})).await, 204);
    assert_eq!(who_am_i(&kit).await.status(), 200);
    assert_eq!(kit.control("limits", json!({"mode": "off"})).await, 204);
    assert!(!who_am_i(&kit).await.headers().contains_key(label));
}

#[tokio::test]
async fn who_has_no_token_is_not_counted() {
    let kit = limited(LimitValues { requests: 1, ..LimitValues::default() }).await;
    let url = format!("{}/WhoAmI", kit.emulator.setup().api_url);
    for _ in 0..3 {
        assert_eq!(client().get(&url).send().await.unwrap().status(), 401);
    }
    assert_eq!(who_am_i(&kit).await.status(), 200);
}
