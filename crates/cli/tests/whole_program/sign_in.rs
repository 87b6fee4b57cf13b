//! Signing in to a running server: by the link that it prints, and as a user made on its data folder.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kit::{Server, patchcord};

const PASSWORD: &str = "canary horse staple";

/// `patchcord user …` on a data folder, with a line on standard input.
fn user(data: &Path, arguments: &[&str], line: &str) -> Output {
    let mut child = patchcord(&[&["user"], arguments].concat())
        .arg("--data")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever wants no line does not read it.
    writeln!(child.stdin.take().unwrap(), "{line}").ok();
    child.wait_with_output().unwrap()
}

/// A browser: it keeps its cookies.
struct Browser {
    http: Client,
    server: String,
}

impl Browser {
    fn at(server: &Server) -> Self {
        let http = Client::builder().cookie_store(true).no_proxy().build().unwrap();
        Self { http, server: server.ready["url"].as_str().unwrap().to_owned() }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let request = self.http.request(method, format!("{}{path}", self.server));
        let answer = request.json(&body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    async fn sign_in(&self, name: &str, password: &str) -> StatusCode {
        let body = json!({ "name": name, "password": password });
        self.send(Method::POST, "v1/session", body).await.0
    }

    async fn is_signed_in(&self) -> bool {
        self.send(Method::GET, "v1/session", Value::Null).await.0 == StatusCode::OK
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_comes_in_by_the_link_and_no_log_has_it() {
    let folder = TempDir::new().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let file = || Stdio::from(File::options().create(true).append(true).open(&log).unwrap());
    let level = "info,patchcord=trace,patchcord_server=trace,patchcord_store=trace";
    let server = Server::start_logging(&data, level, file());
    let link = server.ready["setup_link"].as_str().unwrap();
    let code = link.split_once("/admin/setup#code=").unwrap().1.to_owned();
    let browser = Browser::at(&server);
    let body = json!({ "code": code, "name": "ann", "password": PASSWORD });
    let (status, answer) = browser.send(Method::POST, "v1/setup", body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert!(browser.is_signed_in().await);
    server.kill();

    let server = Server::start_logging(&data, level, file());
    assert_eq!(server.ready["setup_link"], Value::Null, "there is somebody now");
    assert_eq!(Browser::at(&server).sign_in("ann", PASSWORD).await, StatusCode::OK);
    server.kill();
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("patchcord"), "the log was really written: {log}");
    for secret in [&*code, PASSWORD] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_kept_on_the_data_folder_of_a_running_server() {
    let folder = TempDir::new().unwrap();
    let add = ["add", "Ann", "--role", "administrator", "--password-stdin"];
    let added = user(folder.path(), &add, PASSWORD);
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let server = Server::start(folder.path());
    assert_eq!(server.ready["setup_link"], Value::Null);
    let browser = Browser::at(&server);
    assert_eq!(browser.sign_in("ann", PASSWORD).await, StatusCode::OK);

    let made = user(folder.path(), &["password", "ann", "--json"], "");
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert!(!browser.is_signed_in().await, "another password ends the sessions");
    assert_eq!(browser.sign_in("ann", PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.sign_in("ann", made["password"].as_str().unwrap()).await, StatusCode::OK);

    let short =
        user(folder.path(), &["add", "bob", "--role", "viewer", "--password-stdin"], "short");
    assert_eq!(short.status.code(), Some(1));
    let told = String::from_utf8_lossy(&short.stderr).into_owned();
    assert!(told.contains("has fewer than 12 characters"), "{told}");
    let last = user(folder.path(), &["remove", "ann"], "");
    assert_eq!(last.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&last.stderr).contains("only administrator"));

    let listed = user(folder.path(), &["list", "--json"], "");
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed[0]["name"], "Ann");
    assert_eq!(listed[0]["role"], "administrator");
    let audit = server.api.ask(Method::GET, "/v1/audit?what=user", None).await.unwrap();
    let told: Vec<_> = audit.as_array().unwrap().iter().map(|e| [&e["kind"], &e["what"]]).collect();
    assert_eq!(told, [["command_line", "user.password"], ["command_line", "user.add"]]);
}
