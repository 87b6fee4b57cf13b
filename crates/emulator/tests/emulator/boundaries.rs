//! What is turned away before it is looked at: requests that are too large, and pages of other origins.

use crate::kit::{client, emulator, failure, signed_in};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors
#[tokio::test]
async fn addresses_that_are_too_long_are_refused() {
    let kit = signed_in(0).await;
    let long = kit.request(Method::GET, &format!("contacts?$filter={}", "x".repeat(33_000)));
    let long = long.send().await.unwrap();
    assert_eq!(long.status(), 414);
    assert!(long.text().await.unwrap().contains("The request URL is too long."));
    let segment = format!("contacts(lastname='{}')", "x".repeat(261));
    let segment = kit.request(Method::GET, &segment).send().await.unwrap();
    assert_eq!(segment.status(), 400);
    assert!(segment.text().await.unwrap().contains("Bad Request - Invalid URL"));
    let statuses: Vec<u16> = kit.emulator.log().iter().map(|entry| entry.status).collect();
    assert!(statuses.ends_with(&[414, 400]), "{statuses:?}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_unread() {
    let kit = signed_in(0).await;
    let host = kit.emulator.setup().http_url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let head = format!(
        "POST /api/data/v9.2/contacts HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: 134217729\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");

    let note = "x".repeat(3 * 1024 * 1024);
    let request = kit.request(Method::POST, "contacts").json(&json!({"nosuch": note}));
    let (status, code, _) = failure(request.send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (400, "0x80048d19"), "three megabytes are read");
}

#[tokio::test]
async fn pages_of_other_origins_change_nothing() {
    let emulator = emulator(0).await;
    let url = |path: &str| format!("{}/_emulator/{path}", emulator.setup().http_url);
    let own = emulator.setup().http_url.clone();
    let fault = json!({"route": "api", "kind": "garbage"});
    for (name, value) in [
        ("origin", "https://attacker.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:1"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = client().post(url("faults")).json(&fault).header(name, value);
        assert_eq!(request.send().await.unwrap().status(), 403, "{name}: {value}");
        let request = client().delete(url("log")).header(name, value);
        assert_eq!(request.send().await.unwrap().status(), 403, "{name}: {value}");
    }
    let request = client().post(url("faults")).json(&fault).header("origin", own);
    let request = request.header("sec-fetch-site", "same-origin");
    assert_eq!(request.send().await.unwrap().status(), 204);
    let list = client().get(url("faults")).send().await.unwrap();
    assert!(
        list.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("frame-ancestors 'none'")
    );
    let list: Value = list.json().await.unwrap();
    assert_eq!(list["faults"].as_array().unwrap().len(), 1);
    let text = client().post(url("faults")).body("{}").send().await.unwrap();
    assert_eq!(text.status(), 415);
}
