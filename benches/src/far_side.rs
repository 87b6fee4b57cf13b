//! The other end of a look-up in a process of its own, so that its work is not counted with that of who asks: an HTTP
//! server which knows one answer. It grants a token to whoever asks for one, because the client under measurement will
//! not begin without.
//!
//! A benchmark that needs it starts itself again and becomes it ([`FarSide::serve_if_asked`]).

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use secrecy::SecretString;
use serde_json::json;
use tokio::net::TcpListener;

/// Says to the process that was started again what it is.
const ASKED: &str = "PATCHCORD_BENCH_FAR_SIDE";
const TOKEN_PATH: &str = "/tenant/oauth2/v2.0/token";
const API_PATH: &str = "/api/data/v9.2";

/// As long as one of Entra ID's.
const TOKEN_BYTES: usize = 1_500;

/// The running server; it ends with this.
pub struct FarSide {
    process: Child,
    root: String,
}

impl FarSide {
    /// Serves until the process is killed, where that is what this process was started for. To be called first.
    ///
    /// # Errors
    /// It cannot listen.
    pub fn serve_if_asked() -> Result<()> {
        match env::var(ASKED) {
            Ok(answer) => tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?
                .block_on(serve(answer)),
            Err(_) => Ok(()),
        }
    }

    /// Starts this program again as a server that answers every query with `answer`.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(answer: &str) -> Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .env(ASKED, answer)
            .stdout(Stdio::piped())
            .spawn()
            .context("the far side does not start")?;
        let output = process.stdout.take().context("the far side says nothing")?;
        let mut root = String::new();
        BufReader::new(output).read_line(&mut root)?;
        Ok(Self { process, root: root.trim().to_owned() })
    }

    /// Its authorization endpoint; nobody goes there.
    pub fn authorization_url(&self) -> String {
        format!("{}/tenant/oauth2/v2.0/authorize", self.root)
    }

    /// Its token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}{TOKEN_PATH}", self.root)
    }

    /// What it grants: a token that says nothing.
    pub fn access_token(&self) -> SecretString {
        SecretString::from("a".repeat(TOKEN_BYTES))
    }

    /// The root of its Web API.
    pub fn api_url(&self) -> String {
        format!("{}{API_PATH}", self.root)
    }
}

impl Drop for FarSide {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

async fn serve(answer: String) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut out = std::io::stdout();
    std::io::Write::write_all(&mut out, format!("http://{}\n", listener.local_addr()?).as_bytes())?;
    let answer: &'static str = answer.leak();
    let app = axum::Router::new()
        .route(TOKEN_PATH, post(|| async { json_text(token()) }))
        .fallback(move |uri: Uri| async move {
            match uri.path().rsplit('/').next() {
                Some("WhoAmI" | "WhoAmI()") => json_text(who_am_i()).into_response(),
                _ => json_text(answer).into_response(),
            }
        });
    // Never asleep: whoever sends something to a process that sleeps on this machine pays for waking it, which nobody does
    // whose far side is another machine.
    tokio::spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    axum::serve(listener, app).await?;
    Ok(())
}

fn json_text(body: impl IntoResponse) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json; odata.metadata=minimal")], body)
}

fn token() -> String {
    let token = json!({
        "token_type": "Bearer", "access_token": "a".repeat(TOKEN_BYTES), "refresh_token": "r".repeat(900),
        "expires_in": 86_400, "scope": "user_impersonation",
    });
    token.to_string()
}

fn who_am_i() -> String {
    let id = "00000000-0000-4000-8000-000000000001";
    json!({"UserId": id, "BusinessUnitId": id, "OrganizationId": id}).to_string()
}
