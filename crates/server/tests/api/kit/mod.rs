//! A Patchcord on a folder of its own with a server before it, and a client that holds every answer against the
//! contract.

mod browser;
mod contract;
mod far_side;

use std::path::{Path, PathBuf};

use patchcord::store::KeySource;
use patchcord::{AccessSettings, BlockSettings, Config, Patchcord, RunSettings, Scope};
use patchcord_server::{Server, ServerConfig, TlsReload};
use reqwest::{Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

pub(crate) use browser::{Browser, PASSWORD};
pub(crate) use contract::{Operation, operations};
pub(crate) use far_side::{ACCESS_TOKEN, FarSide, REFRESH_TOKEN, USER};

/// The client secret of [`account`]; looked for wherever it must not be.
pub(crate) const CLIENT_SECRET: &str = "canary~client~secret";
/// An id that nothing has.
pub(crate) const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// A server, and who asks it.
pub(crate) struct World {
    pub(crate) patchcord: Patchcord,
    pub(crate) url: Url,
    opening: Opening,
    folder: TempDir,
    token: SecretString,
    http: reqwest::Client,
    pub(crate) tls: Option<TlsReload>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// What a world is opened with.
#[derive(Clone, Default)]
pub(crate) struct Opening {
    pub(crate) blocks: Vec<PathBuf>,
    pub(crate) fetch_hosts: Vec<String>,
    pub(crate) access: AccessSettings,
    pub(crate) server: ServerConfig,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) text: String,
    /// Null where it is no JSON.
    pub(crate) json: Value,
}

impl World {
    /// With no blocks but those of the engine.
    pub(crate) async fn open() -> Self {
        Self::with(Opening::default()).await
    }

    /// With no blocks but those of the engine, of which Fetch URL may ask these hosts.
    pub(crate) async fn fetching(fetch_hosts: Vec<String>) -> Self {
        Self::with(Opening { fetch_hosts, ..Opening::default() }).await
    }

    /// With the Microsoft blocks.
    pub(crate) async fn with_blocks() -> Self {
        Self::with(Opening { blocks: vec![blocks()], ..Opening::default() }).await
    }

    /// With a server of this kind.
    pub(crate) async fn listening(server: ServerConfig) -> Self {
        Self::with(Opening { server, ..Opening::default() }).await
    }

    pub(crate) async fn with(opening: Opening) -> Self {
        Self::on(TempDir::new().unwrap(), opening).await
    }

    async fn on(folder: TempDir, opening: Opening) -> Self {
        let Opening { blocks, fetch_hosts, access, server } = opening.clone();
        let config = Config {
            data: folder.path().to_owned(),
            key: KeySource::File,
            blocks: BlockSettings { folders: blocks, ..BlockSettings::default() },
            runs: RunSettings::default(),
            fetch_hosts,
            access,
        };
        let patchcord = Patchcord::open(config).await.unwrap();
        let token = patchcord.issue_token("tests", Scope::Administer).await.unwrap().token;
        let server = Server::bind(patchcord.clone(), server).await.unwrap();
        let tls = server.tls();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = Url::parse(&format!("{scheme}://{}", server.address())).unwrap();
        let (stop, stopped) = oneshot::channel();
        let until = async move { drop(stopped.await) };
        let serving = tokio::spawn(async move { server.run(until).await.unwrap() });
        let redirect = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(redirect).no_proxy().build().unwrap();
        Self { patchcord, url, opening, folder, token, http, tls, stop, serving }
    }

    /// Stops the server as SIGTERM does, and starts another on the same folder.
    pub(crate) async fn reopen(self) -> Self {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        self.patchcord.close().await;
        Self::on(self.folder, self.opening).await
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }

    /// A request with no token.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.url.join(path).unwrap())
    }

    /// Sends a request with no token.
    pub(crate) async fn anonymously(&self, method: Method, path: &str) -> Answer {
        self.send(self.request(method, path)).await
    }

    /// Sends a request with a token that may do everything.
    pub(crate) async fn ask(&self, method: Method, path: &str) -> Answer {
        self.send(self.authorized(method, path)).await
    }

    /// Sends JSON with a token that may do everything.
    pub(crate) async fn tell(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.send(self.authorized(method, path).json(body)).await
    }

    /// Sends bytes with a token that may do everything.
    pub(crate) async fn tell_bytes(
        &self,
        method: Method,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        self.send(self.authorized(method, path).body(body)).await
    }

    pub(crate) fn authorized(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.request(method, path).bearer_auth(self.token.expose_secret())
    }

    /// Sends a request, and holds what is answered against the contract.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = self.http.execute(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        // A stream of events has no end to wait for.
        let ends = headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != "text/event-stream");
        let text = if ends { response.text().await.unwrap() } else { String::new() };
        let json = serde_json::from_str(&text).unwrap_or_default();
        let answer = Answer { status, headers, text, json };
        contract::check(&method, &path, &answer);
        answer
    }

    /// Publishes a scenario that must be good.
    pub(crate) async fn publish(&self, scenario: &Value) -> Value {
        let path = format!("/v1/scenarios/{}", scenario["name"].as_str().unwrap());
        self.tell(Method::PUT, &path, scenario).await.ok()
    }

    /// Runs a scenario; the call must be taken.
    pub(crate) async fn call(&self, scenario: &str, body: &Value) -> Value {
        self.tell(Method::POST, &format!("/v1/scenarios/{scenario}/runs"), body).await.ok()
    }

    /// Makes an account. Returns its id.
    pub(crate) async fn add_account(&self, fields: &Value) -> String {
        let made = self.tell(Method::POST, "/v1/accounts", fields).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        made.json["id"].as_str().unwrap().to_owned()
    }
}

impl Answer {
    /// The body of an answer that says that all went well.
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self.json
    }

    /// The pointers of a problem document with this status.
    pub(crate) fn pointers(&self, status: StatusCode) -> Vec<&str> {
        self.problem(status);
        let problems = self.json["problems"].as_array().map(Vec::as_slice).unwrap_or_default();
        problems.iter().filter_map(|problem| problem["pointer"].as_str()).collect()
    }

    /// Makes sure that it is a problem document with this status.
    pub(crate) fn problem(&self, status: StatusCode) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.json["status"], status.as_u16());
    }
}

/// Where the blocks lie, as `cargo xtask blocks` builds them.
pub(crate) fn blocks() -> PathBuf {
    let given = std::env::var_os("PATCHCORD_BLOCKS").map(PathBuf::from);
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/blocks");
    let folder = given.unwrap_or_else(built);
    let found = folder.join("search-object.wasm").is_file();
    assert!(found, "there are no blocks in {}: run `cargo xtask blocks` first", folder.display());
    folder
}

/// The fields of a good account, as an administrator enters them.
pub(crate) fn account(name: &str) -> Value {
    json!({
        "name": name,
        "client_id": "6f1f0000-0000-4000-8000-000000000001",
        "client_secret": CLIENT_SECRET,
        "authorization_url": "https://login.example/tenant/oauth2/v2.0/authorize",
        "token_url": "https://login.example/tenant/oauth2/v2.0/token",
        "api_url": "https://org.example/api/data/v9.2",
    })
}

/// A scenario of engine blocks only: remembers who calls, and answers `known`.
pub(crate) fn greeting() -> Value {
    json!({
        "patchcord": "1.0",
        "name": "greeting",
        "start": "remember",
        "blocks": [
            {
                "id": "remember", "block": "core.set-variable",
                "properties": { "variable": "caller", "value": "$(item.from)" },
                "exits": { "next": "end" }
            },
            { "id": "end", "block": "core.exit", "properties": { "result": "known" } }
        ]
    })
}
