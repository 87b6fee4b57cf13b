//! Secrets stay where they belong, whatever goes wrong: every way to fail is gone through with the log at its most
//! talkative, and nothing that was said, shown, counted or stored holds one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use patchcord_emulator::{FaultKind, FaultRule, Limit, Route};
use patchcord_tests::{World, account_fields, logged_bytes};
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

const WRONG_SECRET: &str = "canary+of&a=wrong%secret/ä";
const MISPLACED: &str = "canary-in-a-place-of-its-own";
const FORGED_CODE: &str = "canary-of-a-forged-code";
const FORGED_STATE: &str = "canary-of-a-forged-state";
const FORGED_TOKEN: &str = "canary-of-a-forged-api-token";

/// One way of each kind in which an answer can be wrong.
fn faults() -> Vec<FaultKind> {
    let status = |code| FaultKind::Status { code, retry_after: None };
    let mut faults: Vec<_> = [400, 401, 403, 404, 408, 409, 412, 413, 500, 501, 502, 503, 504]
        .map(status)
        .into_iter()
        .collect();
    faults.extend([
        FaultKind::Status { code: 429, retry_after: Some(1) },
        FaultKind::CutBefore,
        FaultKind::CutAfter,
        FaultKind::CutMiddle { bytes: 20 },
        FaultKind::SlowBody { bytes: 64, interval_ms: 5 },
        FaultKind::Garbage,
        FaultKind::EmptyBody,
        FaultKind::WrongContentType { content_type: "text/html".into() },
        FaultKind::Oversized { bytes: 20 * 1024 * 1024 },
        FaultKind::Redirect { code: 302, location: "http://127.0.0.1:1/elsewhere".into() },
        FaultKind::Latency { ms: 1_200 },
    ]);
    faults
}

fn faults_of(route: Route) -> Vec<FaultKind> {
    let mut faults = faults();
    match route {
        Route::Api => faults.extend([
            FaultKind::ExpiredToken,
            FaultKind::ClaimsChallenge {
                claims: r#"{"access_token":{"acrs":{"essential":true}}}"#.into(),
            },
            FaultKind::Throttle { limit: Limit::Requests, retry_after: 1 },
        ]),
        _ => faults.extend([7_000_215, 7_000_222, 50_076, 50_173, 90_033].map(|code| {
            FaultKind::EntraError { code, error: None, suberror: None, claims: None, message: None }
        })),
    }
    faults
}

struct Stage {
    world: World,
    account: String,
}

impl Stage {
    async fn new() -> Self {
        let world = World::consented(10).await.unwrap();
        let accounts = world.api.ask(Method::GET, "/v1/accounts", None).await.unwrap();
        Self { account: accounts[0]["id"].as_str().unwrap().to_owned(), world }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/accounts/{}{rest}", self.account)
    }

    /// Everything that uses the account, whatever comes of it. The answers are kept by the kit.
    async fn use_account(&self) {
        let api = &self.world.api;
        let body = json!({
            "variables": { "item.from": self.world.emulator.caller(0).phone }, "deadline_ms": 1_000,
            "want": ["Caller", "integrationResultBody", "integrationResultCode", "integrationResultKind"],
        });
        let path = "/v1/scenarios/identify-caller/runs";
        api.send(Method::POST, path, Some(&body)).await.unwrap();
        api.send(Method::POST, &self.path("/test"), None).await.unwrap();
        api.send(Method::GET, &self.path(""), None).await.unwrap();
    }

    /// Both sides fail in every way, while tokens are fresh and while they must be renewed.
    async fn fail(&self, route: Route) {
        for kind in faults_of(route) {
            let fault = FaultRule::new(route, kind);
            self.world.emulator.add_fault_rule(FaultRule { times: None, ..fault });
            self.world.emulator.expire_access_tokens();
            self.use_account().await;
            self.world.emulator.clear_faults();
            self.mend().await;
        }
    }

    async fn mend(&self) {
        self.world.api.consent(&self.account, &self.world.emulator).await.unwrap();
    }

    async fn enter(&self, fields: &Value) {
        self.world.api.send(Method::PUT, &self.path(""), Some(fields)).await.unwrap();
    }

    async fn assert_nothing_leaked(&self) {
        let leaks = self.world.leaks().await.unwrap();
        assert!(leaks.is_empty(), "{leaks:#?}");
        let typed = [WRONG_SECRET, MISPLACED, FORGED_CODE, FORGED_STATE, FORGED_TOKEN];
        let typed = typed.map(SecretString::from);
        let named: Vec<_> = typed.iter().map(|secret| ("canary", secret)).collect();
        let leaks = self.world.leaks_of(&named).await.unwrap();
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_dynamics_fails() {
    let stage = Stage::new().await;
    stage.fail(Route::Api).await;
    stage.assert_nothing_leaked().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_entra_id_fails() {
    let stage = Stage::new().await;
    stage.fail(Route::Token).await;
    stage.world.emulator.revoke_refresh_tokens();
    stage.world.emulator.expire_access_tokens();
    stage.use_account().await;
    stage.assert_nothing_leaked().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_consent_fails() {
    let stage = Stage::new().await;
    for kind in faults_of(Route::Token) {
        let fault = FaultRule::new(Route::Token, kind);
        stage.world.emulator.add_fault_rule(FaultRule { times: None, ..fault });
        stage.mend().await;
        stage.world.emulator.clear_faults();
    }
    stage.assert_nothing_leaked().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_an_administrator_errs() {
    let stage = Stage::new().await;
    let right = account_fields(&stage.world.emulator);
    let with = |member: &str, value: Value| {
        let mut fields = right.clone();
        fields[member] = value;
        fields
    };
    stage.enter(&with("client_secret", WRONG_SECRET.into())).await;
    stage.use_account().await;
    stage.mend().await;
    for fields in [
        with("client_secret", json!([MISPLACED])),
        with("client_secret", json!({ "value": MISPLACED })),
        with("client_secrets", MISPLACED.into()),
        with("policy", json!({ "client_secret": MISPLACED })),
    ] {
        stage.enter(&fields).await;
    }
    let secret_first = format!(r#"{{"client_secret":"{MISPLACED}","name":"#);
    let broken =
        stage.world.api.send_text(Method::POST, "/v1/accounts", &secret_first).await.unwrap();
    assert_eq!(broken.status(), 400);
    stage.enter(&right).await;
    stage.mend().await;
    stage.assert_nothing_leaked().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_somebody_forges() {
    let stage = Stage::new().await;
    let callback = |pairs: &[(&str, &str)]| {
        let mut url = stage.world.api.url.join("/admin/msdynamicscallback.html").unwrap();
        url.query_pairs_mut().extend_pairs(pairs);
        url
    };
    let link = stage.world.api.request_token(&stage.account).await.unwrap();
    let state = state_of(&link);
    for url in [
        callback(&[("code", FORGED_CODE), ("state", FORGED_STATE)]),
        callback(&[("code", FORGED_CODE)]),
        callback(&[("state", FORGED_STATE), ("error", "server_error")]),
        callback(&[("code", FORGED_CODE), ("state", &state)]),
    ] {
        stage.world.api.visit(&url).await.unwrap();
    }
    let token = SecretString::from(FORGED_TOKEN);
    let forger = stage.world.api.with_token(token);
    let refused = forger.send(Method::GET, "/v1/accounts", None).await.unwrap();
    assert_eq!(refused.status(), 401);
    stage.assert_nothing_leaked().await;
}

/// A search that finds nothing must be one that would have.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_logged_is_found() {
    let world = World::bare(0).await.unwrap();
    assert!(logged_bytes() > 10_000, "every crate logs at its most talkative: {}", logged_bytes());
    let logged = SecretString::from("canary-that-is-logged-on-purpose");
    assert!(world.leaks_of(&[("canary", &logged)]).await.unwrap().is_empty());
    tracing::trace!("canary-that-is-logged-on-purpose");
    let found = world.leaks_of(&[("canary", &logged)]).await.unwrap();
    assert_eq!(found.len(), 1, "{found:#?}");
}

fn state_of(link: &Url) -> String {
    link.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}
