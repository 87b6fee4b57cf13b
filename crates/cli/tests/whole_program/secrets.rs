//! Secrets and tokens are in no log line, answer, trace, metric or page, and in the data folder only sealed.

use std::fs::File;
use std::path::Path;

use patchcord_emulator::{CODE_PREFIX, Emulator, Fault, FaultKind, REFRESH_TOKEN_PREFIX, Route};
use patchcord_tests::IDENTIFY_CALLER;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kit::Server;

/// How JSON Web Tokens begin: `{"typ` and `{"alg` in base64url, long enough not to occur by chance.
const JWT: [&str; 2] = ["eyJ0eXAi", "eyJhbGci"];
const WRONG_SECRET: &str = "canary+of&a=wrong%secret";

/// Everything that the server answers, one text after another.
#[derive(Default)]
struct Answers(String);

impl Answers {
    async fn ask(
        &mut self,
        server: &Server,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> String {
        let answer = server.api.send(method, path, body.as_ref()).await.unwrap();
        let headers = format!("{:?}", answer.headers());
        let text = answer.text().await.unwrap();
        self.0 += &format!("{path}\n{headers}\n{text}\n");
        text
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn they_stay_where_they_belong() {
    let emulator = patchcord_tests::emulator(10).await.unwrap();
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let log_path = folder.path().join("log");
    // Every line that this project can write; what lies below it is not asked to keep our secrets at `trace`.
    let level = "info,patchcord=trace,patchcord_server=trace,patchcord_dynamics=trace,patchcord_runtime=trace,\
                 patchcord_scenario=trace,patchcord_store=trace,reqwest=debug,hyper=debug,oauth2=trace,sqlx=debug";
    let server = Server::start_logging(&data, level, File::create(&log_path).unwrap().into());
    let mut answers = Answers::default();
    live_through_everything(&server, &emulator, &mut answers).await;
    server.kill();

    let secrets = [
        emulator.setup().client_secret.as_str(),
        WRONG_SECRET,
        emulator.setup().password.as_str(),
        JWT[0],
        JWT[1],
        REFRESH_TOKEN_PREFIX,
    ];
    let log = std::fs::read_to_string(&log_path).unwrap();
    assert!(log.contains("patchcord"), "the log was really written: {log}");
    for secret in secrets.into_iter().chain([CODE_PREFIX]) {
        assert_absent(secret, "the log", log.as_bytes());
        assert_absent(secret, "an answer", answers.0.as_bytes());
    }
    for file in files(&data) {
        let bytes = std::fs::read(&file).unwrap();
        for secret in secrets {
            assert_absent(secret, &file.display().to_string(), &bytes);
        }
    }
}

/// Consent, calls, refreshes, and every kind of failure of both far sides.
async fn live_through_everything(server: &Server, emulator: &Emulator, answers: &mut Answers) {
    let mut fields = patchcord_tests::account_fields(emulator);
    let right = std::mem::replace(&mut fields["client_secret"], WRONG_SECRET.into());
    let made = answers.ask(server, Method::POST, "/v1/accounts", Some(fields.clone())).await;
    let made: Value = serde_json::from_str(&made).unwrap();
    let account = format!("/v1/accounts/{}", made["id"].as_str().unwrap());
    let id = made["id"].as_str().unwrap();
    answers.0 += &server.api.consent(id, emulator).await.unwrap();
    fields["client_secret"] = right;
    answers.ask(server, Method::PUT, &account, Some(fields)).await;
    answers.0 += &server.api.consent(id, emulator).await.unwrap();
    server.api.publish(IDENTIFY_CALLER).await.unwrap();

    let faults = [
        FaultKind::Status { code: 500, retry_after: None },
        FaultKind::Status { code: 503, retry_after: None },
        FaultKind::CutBefore,
        FaultKind::CutAfter,
        FaultKind::Garbage,
    ];
    for (route, kind) in
        [Route::Token, Route::Api].into_iter().flat_map(|r| faults.clone().map(|k| (r, k)))
    {
        emulator.expire_access_tokens();
        emulator.add_fault(Fault { route, kind, times: 2 });
        let number = emulator.caller(0).phone;
        let body = json!({ "variables": { "item.from": number }, "deadline_ms": 3000, "want": [
            "caller_name", "Caller", "integrationResultBody", "integrationResultCode", "integrationResultKind",
        ] });
        let answer = answers
            .ask(server, Method::POST, "/v1/scenarios/identify-caller/runs", Some(body))
            .await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let run = format!("/v1/runs/{}", answer["run"].as_str().unwrap());
        answers.ask(server, Method::GET, &run, None).await;
        emulator.clear_faults();
    }
    emulator.revoke_refresh_tokens();
    emulator.expire_access_tokens();
    let test = format!("{account}/test");
    answers.ask(server, Method::POST, &test, None).await;
    for path in [
        account.as_str(),
        "/v1/accounts",
        "/v1/scenarios",
        "/v1/runs",
        "/v1/blocks",
        "/metrics",
        "/readyz",
    ] {
        answers.ask(server, Method::GET, path, None).await;
    }
}

fn assert_absent(secret: &str, place: &str, bytes: &[u8]) {
    let found = bytes.windows(secret.len()).position(|window| window == secret.as_bytes());
    let around = found.map(|at| {
        let end = (at + 200).min(bytes.len());
        String::from_utf8_lossy(&bytes[at.saturating_sub(200)..end]).into_owned()
    });
    assert!(around.is_none(), "`{secret}` is in {place}: …{}…", around.unwrap_or_default());
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
