//! Each kind of fault as a client meets it, over a socket.

use std::time::{Duration, Instant};

use crate::kit::{Kit, client, code, failure, redeem, refresh, signed_in};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn who_am_i(kit: &Kit) -> reqwest::Result<Response> {
    kit.request(Method::GET, "WhoAmI").send().await
}

/// `WhoAmI` with a fault of its own.
async fn with_fault(kit: &Kit, fault: Value) -> Response {
    let request = kit.request(Method::GET, "WhoAmI");
    request.header("x-emulator-fault", fault.to_string()).send().await.unwrap()
}

async fn add(kit: &Kit, fault: Value) {
    assert_eq!(kit.control("faults", fault.clone()).await, 204, "{fault}");
}

/// All that comes over the wire in answer to `WhoAmI` with a fault, until the server closes.
async fn raw(kit: &Kit, fault: &Value) -> String {
    let host = kit.emulator.setup().http_url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let request = format!(
        "GET /api/data/v9.2/WhoAmI HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         X-Emulator-Fault: {fault}\r\n\r\n",
        kit.token
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(5), read).await.expect("the server closes");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_cut_in_the_middle_is_seen_on_the_wire() {
    let kit = signed_in(0).await;
    let answer = raw(&kit, &json!({"kind": "cut-middle", "bytes": 10})).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(length.parse::<usize>().unwrap() > 100, "{head}");
    assert_eq!(body.len(), 10, "{body}");

    let answer = raw(&kit, &json!({"kind": "cut-middle", "bytes": 0})).await;
    assert!(answer.ends_with("\r\n\r\n") && answer.starts_with("HTTP/1.1 200"), "{answer}");
    for kind in ["cut-before", "cut-after"] {
        assert_eq!(raw(&kit, &json!({"kind": kind})).await, "", "{kind}");
    }
    assert!(
        with_fault(&kit, json!({"kind": "cut-middle", "bytes": 3})).await.text().await.is_err()
    );
    assert_eq!(kit.emulator.log().last().unwrap().fault.as_deref(), Some("cut-middle"));
}

#[tokio::test]
async fn answers_are_changed_on_their_way() {
    let kit = signed_in(0).await;
    let started = Instant::now();
    let slow = with_fault(&kit, json!({"kind": "slow-body", "bytes": 50, "interval_ms": 20})).await;
    assert!(slow.json::<Value>().await.unwrap()["UserId"].is_string());
    assert!(started.elapsed() >= Duration::from_millis(60));

    let garbage = with_fault(&kit, json!({"kind": "garbage"})).await;
    assert_eq!(garbage.status(), 200);
    assert!(garbage.json::<Value>().await.is_err());
    let empty = with_fault(&kit, json!({"kind": "empty-body"})).await;
    assert_eq!((empty.status().as_u16(), empty.text().await.unwrap().as_str()), (200, ""));
    let wrong = with_fault(&kit, json!({"kind": "wrong-content-type"})).await;
    assert_eq!(wrong.headers()["content-type"], "text/html");
    assert!(wrong.text().await.unwrap().contains("UserId"));
    let large = with_fault(&kit, json!({"kind": "oversized", "bytes": 1_000_000})).await;
    assert_eq!(large.content_length(), Some(1_000_000));
    assert!(large.json::<Value>().await.unwrap()["UserId"].is_string());
    let started = Instant::now();
    let late = with_fault(&kit, json!({"kind": "latency", "min_ms": 30, "max_ms": 40})).await;
    assert!(late.status() == 200 && started.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn the_service_answers_as_the_fault_wants() {
    let kit = signed_in(0).await;
    let limits = [
        ("requests", "0x80072322"),
        ("execution-time", "0x80072321"),
        ("concurrent", "0x80072326"),
    ];
    for (limit, code) in limits {
        let fault = json!({"kind": "throttle", "limit": limit, "retry_after": 9});
        let response = with_fault(&kit, fault).await;
        assert_eq!(response.headers()["retry-after"], "9");
        let found = failure(response).await;
        assert_eq!((found.0, found.1.as_str()), (429, code));
    }
    let fault =
        json!({"kind": "dataverse-error", "code": "0x80040265", "message": "No.", "status": 400});
    let found = failure(with_fault(&kit, fault).await).await;
    assert_eq!(found, (400, "0x80040265".to_owned(), "No.".to_owned()));
    let fault = json!({"kind": "redirect", "location": "https://elsewhere.example/x", "code": 307});
    let response = with_fault(&kit, fault).await;
    assert_eq!(response.status(), 307);
    assert_eq!(response.headers()["location"], "https://elsewhere.example/x");
    assert_eq!(with_fault(&kit, json!({"kind": "status", "code": 503})).await.status(), 503);
    assert_eq!(who_am_i(&kit).await.unwrap().status(), 200);
}

// Source: learn.microsoft.com/entra/identity-platform/claims-challenge
#[tokio::test]
async fn tokens_are_challenged() {
    let kit = signed_in(0).await;
    let expired = with_fault(&kit, json!({"kind": "expired-token"})).await;
    assert_eq!(expired.status(), 401);
    let challenge = expired.headers()["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.starts_with("Bearer authorization_uri=http") && challenge.contains("expired")
    );

    let claims = "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1\"}}}";
    let fault = json!({"kind": "claims-challenge", "claims": claims});
    let challenged = with_fault(&kit, fault).await;
    assert_eq!(challenged.status(), 401);
    let challenge = challenged.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.contains("error=\"insufficient_claims\""), "{challenge}");
    let (_, sent) = challenge.split_once("claims=\"").unwrap();
    use base64::Engine;
    let sent =
        base64::engine::general_purpose::STANDARD.decode(sent.trim_end_matches('"')).unwrap();
    assert_eq!(String::from_utf8(sent).unwrap(), claims);
}

#[tokio::test]
async fn entra_id_answers_as_the_fault_wants() {
    let kit = signed_in(0).await;
    let code_of = || code(&kit.http, &kit.emulator, &[]);
    let tokens = redeem(&kit.http, &kit.emulator, &code_of().await, &[]).await;
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    add(&kit, json!({"route": "token", "kind": "revoked-refresh-token"})).await;
    let by_code = redeem(&kit.http, &kit.emulator, &code_of().await, &[]).await;
    assert!(by_code["access_token"].is_string(), "only a refresh token can be revoked");
    let revoked = refresh(&kit.http, &kit.emulator, refresh_token).await;
    assert_eq!(
        (&revoked["error"], &revoked["error_codes"]),
        (&json!("invalid_grant"), &json!([50173]))
    );

    add(&kit, json!({"route": "token", "kind": "entra-error", "code": 50076, "claims": "{}"}))
        .await;
    let mfa = refresh(&kit.http, &kit.emulator, refresh_token).await;
    assert_eq!((&mfa["error_codes"], &mfa["suberror"]), (&json!([50076]), &json!("basic_action")));
    assert_eq!(mfa["claims"], "{}");
    assert!(mfa["error_description"].as_str().unwrap().starts_with("AADSTS50076: "));
    assert!(refresh(&kit.http, &kit.emulator, refresh_token).await["access_token"].is_string());

    add(&kit, json!({"route": "authorize", "kind": "status", "code": 503})).await;
    let url = &kit.emulator.setup().authorization_url;
    assert_eq!(kit.http.get(url).send().await.unwrap().status(), 503);
    add(&kit, json!({"route": "authorize", "kind": "entra-error", "code": 90002})).await;
    let page = kit.http.get(url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("AADSTS90002"), "{page}");
}

#[tokio::test]
async fn a_path_chooses_requests_and_the_first_may_be_spared() {
    let kit = signed_in(0).await;
    let fault = json!({
        "method": "POST", "path": "/api/data/*/contacts*", "kind": "status", "code": 500, "after": 1,
    });
    add(&kit, fault).await;
    assert_eq!(kit.get("contacts").await["value"], json!([]));
    kit.create("contacts", json!({"lastname": "First"})).await;
    kit.create("accounts", json!({"name": "Other"})).await;
    let request = kit.request(Method::POST, "contacts").json(&json!({"lastname": "Second"}));
    assert_eq!(request.send().await.unwrap().status(), 500);
    kit.create("contacts", json!({"lastname": "Third"})).await;
}

#[tokio::test]
async fn a_wrong_header_is_refused_and_nothing_carried_out() {
    let kit = signed_in(0).await;
    for (header, pointer) in [
        ("{\"kind\":\"explode\"}", "/kind"),
        ("{\"kind\":\"garbage\",\"times\":2}", "/times"),
        ("garbage", "/"),
    ] {
        let request = kit.request(Method::POST, "accounts").json(&json!({"name": "Never"}));
        let answer = request.header("x-emulator-fault", header).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert_eq!(answer.json::<Value>().await.unwrap()["pointer"], pointer);
    }
    let unfit = with_fault(&kit, json!({"kind": "revoked-refresh-token"})).await;
    assert_eq!(unfit.status(), 400);
    assert_eq!(kit.get("accounts?$count=true").await["@odata.count"], 0);
}

#[tokio::test]
async fn faults_are_listed_added_and_removed_by_hand() {
    let kit = signed_in(0).await;
    let url = format!("{}/_emulator/faults", kit.emulator.setup().http_url);
    let form = [
        ("route", "api"),
        ("path", ""),
        ("kind", "status"),
        ("members", "code=503\r\nretry_after=4"),
        ("times", "always"),
        ("probability", ""),
    ];
    let added = client().post(&url).form(&form).send().await.unwrap();
    assert_eq!(
        (added.status().as_u16(), &added.headers()["location"]),
        (303, &"/_emulator/faults".parse().unwrap())
    );
    let list: Value = client().get(&url).send().await.unwrap().json().await.unwrap();
    let fault = json!({"route": "api", "kind": "status", "code": 503, "retry_after": 4, "times": "always", "id": 1});
    assert_eq!(list, json!({"faults": [fault]}));
    for _ in 0..3 {
        assert_eq!(who_am_i(&kit).await.unwrap().status(), 503);
    }
    let page = client().get(&url).header("accept", "text/html").send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(
        page.contains("retry_after=4") && page.contains("/_emulator/faults/1/remove"),
        "{page}"
    );
    let wrong =
        client().post(&url).form(&[("route", "api"), ("kind", "latency"), ("members", "ms=x")]);
    let wrong = wrong.send().await.unwrap();
    assert_eq!(wrong.status(), 400);
    assert!(wrong.text().await.unwrap().contains("/ms: "));
    client().post(format!("{url}/1/remove")).send().await.unwrap();
    assert_eq!(who_am_i(&kit).await.unwrap().status(), 200);
    let gone = client().delete(format!("{url}/1")).send().await.unwrap();
    assert_eq!(gone.status(), 404);
}
