//! The control API, faults, tokens that end early, and the two listeners.

use crate::kit::{client, code, emulator, failure, redeem, refresh, signed_in};
use patchcord_emulator::{Emulator, EmulatorConfig, EmulatorError, Fault, FaultKind, Route};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn faults_happen_as_often_as_asked_and_no_more() {
    let kit = signed_in(0).await;
    let who = || kit.request(Method::GET, "WhoAmI").send();
    let throttle =
        json!({"route": "api", "kind": "status", "code": 429, "retry_after": 7, "times": 2});
    assert_eq!(kit.control("faults", throttle).await, 204);
    for _ in 0..2 {
        let response = who().await.unwrap();
        assert_eq!(response.headers()["retry-after"], "7");
        let found = failure(response).await;
        assert_eq!((found.0, found.1.as_str()), (429, "0x80072322"));
    }
    assert_eq!(who().await.unwrap().status(), 200);

    assert_eq!(kit.control("faults", json!({"route": "api", "kind": "garbage"})).await, 204);
    let garbage = who().await.unwrap();
    assert_eq!(garbage.status(), 200);
    assert!(garbage.json::<Value>().await.is_err());
    assert_eq!(
        kit.control("faults", json!({"route": "api", "kind": "latency", "ms": 1})).await,
        204
    );
    assert_eq!(who().await.unwrap().status(), 200);

    let wrong = json!({"route": "api", "kind": "status", "code": 200});
    assert_eq!(kit.control("faults", wrong).await, 400);
    assert_eq!(kit.control("faults", json!({"route": "nowhere", "kind": "garbage"})).await, 400);
}

#[tokio::test]
async fn a_cut_before_leaves_nothing_and_a_cut_after_leaves_the_row() {
    let kit = signed_in(0).await;
    for (kind, rows) in [("cut-before", 0), ("cut-after", 1)] {
        kit.control("faults", json!({"route": "api", "kind": kind})).await;
        let request = kit.request(Method::POST, "accounts").json(&json!({"name": kind}));
        assert!(request.send().await.is_err(), "{kind}");
        assert_eq!(kit.get("accounts?$count=true").await["@odata.count"], rows, "{kind}");
    }
    let cuts = kit.emulator.log().into_iter().filter(|entry| entry.status == 0).count();
    assert_eq!(cuts, 2);
}

#[tokio::test]
async fn a_fault_of_the_token_route_spares_the_code() {
    let emulator = emulator(0).await;
    let http = client();
    let code = code(&http, &emulator, &[]).await;
    let kind = FaultKind::Status { code: 503, retry_after: None };
    emulator.add_fault(Fault { route: Route::Token, kind, times: 1 });
    let answer = redeem(&http, &emulator, &code, &[]).await;
    assert_eq!(answer["error"], "temporarily_unavailable");
    assert!(redeem(&http, &emulator, &code, &[]).await["access_token"].is_string());
}

#[tokio::test]
async fn tokens_can_be_expired_shortened_and_revoked() {
    let mut kit = signed_in(0).await;
    let answer =
        redeem(&kit.http, &kit.emulator, &code(&kit.http, &kit.emulator, &[]).await, &[]).await;
    let refresh_token = answer["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(kit.control("expire-access-tokens", Value::Null).await, 204);
    let expired = kit.request(Method::GET, "WhoAmI").send().await.unwrap();
    assert_eq!(expired.status(), 401);
    assert!(expired.headers()["www-authenticate"].to_str().unwrap().contains("expired"));

    assert_eq!(kit.control("access-token-lifetime", json!({"seconds": 60})).await, 204);
    let answer = refresh(&kit.http, &kit.emulator, &refresh_token).await;
    assert_eq!(answer["expires_in"], 60);
    answer["access_token"].as_str().unwrap().clone_into(&mut kit.token);
    assert_eq!(kit.request(Method::GET, "WhoAmI").send().await.unwrap().status(), 200);

    assert_eq!(kit.control("revoke-refresh-tokens", Value::Null).await, 204);
    let answer = refresh(&kit.http, &kit.emulator, &refresh_token).await;
    assert_eq!(answer["error"], "invalid_grant");
    assert_eq!(answer["error_codes"], json!([50173]));
}

#[tokio::test]
async fn counters_and_log_tell_what_was_sent_and_no_secret() {
    let kit = signed_in(0).await;
    kit.create("contacts", json!({"lastname": "Seen"})).await;
    let url = |path: &str| format!("{}/_emulator/{path}", kit.emulator.setup().http_url);
    let counters: Value = kit.http.get(url("counters")).send().await.unwrap().json().await.unwrap();
    assert_eq!(counters["token_requests"]["authorization_code"], 1);
    assert_eq!(counters["api_requests"]["POST"], 1);

    let log = kit.http.get(url("log")).send().await.unwrap().text().await.unwrap();
    assert!(log.contains("Seen") && log.contains("/api/data/v9.2/contacts"));
    let setup = kit.emulator.setup();
    for secret in [&kit.token, &setup.client_secret, &setup.password] {
        assert!(!log.contains(secret.as_str()));
    }
    let html = kit.http.get(url("log")).header("Accept", "text/html").send().await.unwrap();
    assert!(html.text().await.unwrap().contains("<table"));

    let start = kit.http.get(&setup.http_url).send().await.unwrap().text().await.unwrap();
    for shown in
        ["emulator", &setup.client_id, &setup.client_secret, &setup.token_url, "/_emulator/log"]
    {
        assert!(start.contains(shown), "{shown}");
    }
}

#[tokio::test]
async fn clients_that_go_away_leave_the_database_whole() {
    let kit = signed_in(20).await;
    let mut sent = 0;
    for n in 0..100 {
        let request = kit.request(Method::POST, "accounts").json(&json!({"name": "Gone"}));
        let patience = std::time::Duration::from_micros(50 * n);
        let _ = tokio::time::timeout(patience, request.send()).await;
        sent += 1;
    }
    let filter = "accounts?$filter=name eq 'gone'&$count=true";
    assert!(kit.get(filter).await["@odata.count"].as_i64().unwrap() <= sent);
    assert_eq!(kit.get("contacts?$count=true").await["@odata.count"], 20);
    kit.create("accounts", json!({"name": "Still here"})).await;
}

#[tokio::test]
async fn the_control_api_refuses_a_foreign_host_name() {
    let emulator = emulator(0).await;
    let url = format!("{}/_emulator/log", emulator.setup().http_url);
    let response = client().get(url).header("Host", "attacker.example").send().await.unwrap();
    assert_eq!(response.status(), 403);
}

#[tokio::test]
async fn only_loopback_addresses_are_taken() {
    let config = EmulatorConfig { http: "0.0.0.0:0".parse().ok(), ..EmulatorConfig::default() };
    let Err(error) = Emulator::start(config).await else { panic!("it started") };
    assert!(matches!(error, EmulatorError::NotLoopback(_)), "{error}");
    let config = EmulatorConfig { http: None, https: None, ..EmulatorConfig::default() };
    assert!(matches!(Emulator::start(config).await, Err(EmulatorError::NoAddress)));
}

#[tokio::test]
async fn https_files_and_rows_are_kept_in_the_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("emulator");
    let free = "127.0.0.1:0".parse().ok();
    let config = EmulatorConfig {
        http: free,
        https: free,
        data: Some(data.clone()),
        seed: 3,
        ..EmulatorConfig::default()
    };
    let first = Emulator::start(config.clone()).await.unwrap();
    let ca = std::fs::read(first.setup().ca_file.as_ref().unwrap()).unwrap();
    let root = reqwest::Certificate::from_pem(&ca).unwrap();
    let trusting = reqwest::Client::builder().tls_certs_only([root]).build().unwrap();
    let https = first.setup().https_url.clone().unwrap();
    for origin in [https.clone(), https.replace("127.0.0.1", "localhost")] {
        let tenant = &first.setup().tenant;
        let url = format!("{origin}/{tenant}/v2.0/.well-known/openid-configuration");
        let document: Value = trusting.get(url).send().await.unwrap().json().await.unwrap();
        assert_eq!(document["issuer"], json!(format!("{origin}/{tenant}/v2.0")));
    }
    #[cfg(unix)]
    for name in ["key.pem", "ca-key.pem"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(data.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let kit = crate::kit::Kit { token: String::new(), http: client(), emulator: first };
    let kit = crate::kit::Kit { token: token(&kit).await, ..kit };
    kit.create("accounts", json!({"name": "Kept"})).await;
    kit.emulator.stop().await;

    let second = Emulator::start(config).await.unwrap();
    assert_eq!(std::fs::read(second.setup().ca_file.as_ref().unwrap()).unwrap(), ca);
    let kit = crate::kit::Kit { token: String::new(), http: client(), emulator: second };
    let kit = crate::kit::Kit { token: token(&kit).await, ..kit };
    assert_eq!(kit.get("accounts?$filter=name eq 'kept'&$count=true").await["@odata.count"], 1);
    assert_eq!(kit.get("contacts?$count=true").await["@odata.count"], 3);
}

async fn token(kit: &crate::kit::Kit) -> String {
    let code = code(&kit.http, &kit.emulator, &[]).await;
    let answer = redeem(&kit.http, &kit.emulator, &code, &[]).await;
    answer["access_token"].as_str().unwrap().to_owned()
}
