//! The kit of the whole-system tests: an emulator, a server, a consented account and a caller, over real sockets.
//!
//! Every part is the real one; a test says only what it does differently. When a [`World`] ends, everything that it has
//! said is searched for every secret that was in it.

mod browser;
mod canary;
mod consented;
mod cutting_proxy;
mod foreign;
pub mod hostile;
mod organisation;
mod vault;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use patchcord::store::KeySource;
use patchcord::{AccessSettings, BlockSettings, Config, Patchcord, RunSettings, Scope};
use patchcord_emulator::{Emulator, EmulatorConfig, Visitor};
use patchcord_server::{Server, ServerConfig};
use reqwest::{Method, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use url::Url;

pub use browser::run_in_browser;
use canary::Answers;
pub use canary::{Canaries, logged_bytes};
pub use consented::Consented;
pub use cutting_proxy::{Cuts, CuttingProxy};
pub use foreign::run_client;
pub use organisation::{Counts, Organisation, Setup};
pub use vault::MemoryVault;

/// Name of the account that [`World::consented`] sets up; the example scenarios select it.
pub const ACCOUNT: &str = "Dynamics 365 (demo)";

/// Traces that are searched for secrets; the runs of one test are alike.
const MOST_TRACES: usize = 200;

/// The example scenario that looks its caller up.
pub const IDENTIFY_CALLER: &str = include_str!("../../examples/scenarios/identify-caller.json");

/// Where the blocks lie, as `cargo xtask blocks` builds them.
///
/// # Errors
/// They have not been built.
pub fn blocks() -> Result<PathBuf> {
    let given = std::env::var_os("PATCHCORD_BLOCKS").map(PathBuf::from);
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/blocks");
    let folder = given.unwrap_or_else(built);
    ensure!(
        folder.join("search-object.wasm").is_file(),
        "build the blocks first: cargo xtask blocks"
    );
    Ok(folder)
}

/// An emulator on free ports of loopback, http only.
///
/// # Errors
/// It does not start.
pub async fn emulator(contacts: u32) -> Result<Emulator> {
    let http = Some(([127, 0, 0, 1], 0).into());
    let config = EmulatorConfig { http, https: None, seed: contacts, ..EmulatorConfig::default() };
    Ok(Emulator::start(config).await?)
}

/// The fields of an account for `emulator`, as an administrator enters them.
pub fn account_fields(emulator: &Emulator) -> Value {
    let setup = emulator.setup();
    json!({
        "name": ACCOUNT, "default": true, "client_id": setup.client_id,
        "client_secret": setup.client_secret, "authorization_url": setup.authorization_url,
        "token_url": setup.token_url, "api_url": setup.api_url,
    })
}

/// Everything that a call needs, running.
pub struct World {
    /// Entra ID and Dynamics 365.
    pub emulator: Emulator,
    /// What the server serves, for a look behind its face.
    pub patchcord: Patchcord,
    /// The server, as its clients see it.
    pub api: Api,
    stop: Option<oneshot::Sender<()>>,
    searched: bool,
    folder: TempDir,
}

/// The HTTP API of a server, with a token that may do everything.
#[derive(Clone)]
pub struct Api {
    /// Address of the server.
    pub url: Url,
    token: SecretString,
    http: reqwest::Client,
    answers: Answers,
}

impl Api {
    /// Asks the server at `url`.
    pub fn new(url: Url, token: SecretString) -> Self {
        Self { url, token, http: reqwest::Client::new(), answers: Answers::default() }
    }

    /// The same server asked with another token.
    #[must_use]
    pub fn with_token(&self, token: SecretString) -> Self {
        Self { token, ..self.clone() }
    }

    /// Opens a page without a token.
    ///
    /// # Errors
    /// No answer.
    pub async fn visit(&self, url: &Url) -> Result<Response> {
        self.noted(url.path(), self.http.get(url.clone()).send().await?).await
    }

    /// Sends a body as it is, said to be JSON; any status is fine.
    ///
    /// # Errors
    /// No answer.
    pub async fn send_text(&self, method: Method, path: &str, body: &str) -> Result<Response> {
        let url = self.url.join(path)?;
        let request = self.http.request(method, url).bearer_auth(self.token.expose_secret());
        let request = request.header("content-type", "application/json").body(body.to_owned());
        self.noted(path, request.send().await?).await
    }

    /// Sends bytes as they are; any status is fine.
    ///
    /// # Errors
    /// No answer.
    pub async fn send_bytes(&self, path: &str, bytes: Vec<u8>) -> Result<Response> {
        let request = self.http.post(self.url.join(path)?).bearer_auth(self.token.expose_secret());
        self.noted(path, request.body(bytes).send().await?).await
    }

    /// Sends a request; any status is fine.
    ///
    /// # Errors
    /// No answer.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Response> {
        let url = self.url.join(path)?;
        let request = self.http.request(method, url).bearer_auth(self.token.expose_secret());
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.noted(path, request.send().await?).await
    }

    /// The answer, which is searched for secrets later.
    async fn noted(&self, path: &str, answer: Response) -> Result<Response> {
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await?;
        self.answers
            .note(&format!("{path} {status} {headers:?} {}", String::from_utf8_lossy(&body)));
        let mut whole = http::Response::new(body);
        (*whole.status_mut(), *whole.headers_mut()) = (status, headers);
        Ok(whole.into())
    }

    /// Sends a request that must succeed.
    ///
    /// # Errors
    /// No answer, or one that says why not.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let response = self.send(method, path, body).await?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(status.is_success(), "{path} answered {status}: {text}");
        serde_json::from_str(&text).with_context(|| format!("{path} answered {text}"))
    }

    /// Runs a scenario for a call from `number`.
    ///
    /// # Errors
    /// The call was not taken.
    pub async fn call_from(&self, scenario: &str, number: &str) -> Result<Value> {
        let body = json!({ "variables": { "item": { "from": number } }, "deadline_ms": 10_000 });
        self.ask(Method::POST, &format!("/v1/scenarios/{scenario}/runs"), Some(&body)).await
    }

    /// Runs a scenario with an idempotency key, where one is given.
    ///
    /// # Errors
    /// No answer, or the call was not taken.
    pub async fn run(&self, scenario: &str, key: Option<&str>, body: &Value) -> Result<Value> {
        let path = format!("/v1/scenarios/{scenario}/runs");
        let request = self.http.post(self.url.join(&path)?).json(body);
        let request = request.bearer_auth(self.token.expose_secret());
        let request = match key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        };
        let response = self.noted(&path, request.send().await?).await?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(status.is_success(), "{path} answered {status}: {text}");
        serde_json::from_str(&text).with_context(|| format!("{path} answered {text}"))
    }

    /// Makes the account of `emulator`. Returns its id.
    ///
    /// # Errors
    /// It was refused.
    pub async fn add_account(&self, emulator: &Emulator) -> Result<String> {
        let fields = account_fields(emulator);
        let account = self.ask(Method::POST, "/v1/accounts", Some(&fields)).await?;
        Ok(account["id"].as_str().context("an account has an id")?.to_owned())
    }

    /// Where to sign in for an account.
    ///
    /// # Errors
    /// The server does not say.
    pub async fn request_token(&self, account: &str) -> Result<Url> {
        let path = format!("/v1/accounts/{account}/consent");
        let begun = self.ask(Method::POST, &path, None).await?;
        Ok(Url::parse(begun["authorize_url"].as_str().context("where to sign in")?)?)
    }

    /// Request token, sign in, consent. Returns what the last page says.
    ///
    /// # Errors
    /// A page cannot be had.
    pub async fn consent(&self, account: &str, emulator: &Emulator) -> Result<String> {
        let link = self.request_token(account).await?;
        let setup = emulator.setup();
        let page = Visitor::new(&setup.user, &setup.password)?.visit(&link).await?;
        self.answers.note(&page.text);
        Ok(page.text)
    }

    /// Publishes a document under its own name.
    ///
    /// # Errors
    /// It was refused.
    pub async fn publish(&self, document: &str) -> Result<Value> {
        let document: Value = serde_json::from_str(document)?;
        let name = document["name"].as_str().context("a scenario has a name")?;
        self.ask(Method::PUT, &format!("/v1/scenarios/{name}"), Some(&document)).await
    }
}

impl World {
    /// Emulator and server, nothing set up.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn bare(contacts: u32) -> Result<Self> {
        canary::begin_logging();
        let mut world = Self::start(contacts).await?;
        world.emulator.keep_secrets();
        world.searched = true;
        Ok(world)
    }

    async fn start(contacts: u32) -> Result<Self> {
        let emulator = emulator(contacts).await?;
        let folder = TempDir::new()?;
        let data = folder.path().join("data");
        let config = Config {
            data,
            key: KeySource::File,
            blocks: BlockSettings { folders: vec![blocks()?], ..BlockSettings::default() },
            runs: RunSettings::default(),
            fetch_hosts: Vec::new(),
            access: AccessSettings::default(),
        };
        let patchcord = Patchcord::open(config).await?;
        let token = patchcord.issue_token("whole-system test", Scope::Administer).await?.token;
        let listen = ServerConfig::default();
        let server = Server::bind(patchcord.clone(), listen).await?;
        let api = Api::new(server.public_url().clone(), token);
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(server.run(async {
            stopped.await.ok();
        }));
        Ok(Self { emulator, patchcord, api, stop: Some(stop), searched: false, folder })
    }

    /// As [`World::bare`], with an account to which the demo user has consented and the example scenario published.
    ///
    /// # Errors
    /// A step of the set-up fails.
    pub async fn consented(contacts: u32) -> Result<Self> {
        Self::bare(contacts).await?.with_consent().await
    }

    /// As [`World::consented`], without a log and without the search at the end: for what is measured.
    ///
    /// # Errors
    /// A step of the set-up fails.
    pub async fn unsearched(contacts: u32) -> Result<Self> {
        Self::start(contacts).await?.with_consent().await
    }

    async fn with_consent(self) -> Result<Self> {
        let world = self;
        let account = world.api.add_account(&world.emulator).await?;
        let page = world.api.consent(&account, &world.emulator).await?;
        ensure!(page.contains("Connection is valid."), "the consent ended with: {page}");
        world.api.publish(IDENTIFY_CALLER).await?;
        Ok(world)
    }
}

impl World {
    /// What is where it must not be of everything secret that was in this world.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn leaks(&self) -> Result<Vec<String>> {
        self.found(&Canaries::new(&self.emulator, &[("API token", &self.api.token)])).await
    }

    /// As [`World::leaks`], of `secrets`, each with what it is.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn leaks_of(&self, secrets: &[(&str, &SecretString)]) -> Result<Vec<String>> {
        self.found(&Canaries::of(secrets)).await
    }

    async fn found(&self, canaries: &Canaries) -> Result<Vec<String>> {
        for path in ["/metrics", "/readyz", "/v1/accounts", "/v1/scenarios", "/v1/blocks"] {
            self.api.send(Method::GET, path, None).await?;
        }
        let runs = self.api.ask(Method::GET, "/v1/runs?limit=1000", None).await?;
        for run in runs.as_array().context("runs are a list")?.iter().take(MOST_TRACES) {
            let id = run["run"].as_str().context("a run has an id")?;
            self.api.send(Method::GET, &format!("/v1/runs/{id}"), None).await?;
        }
        let mut found = canaries.found_in("an answer", &self.api.answers.all());
        found.extend(canaries.found_in_log());
        found.extend(canaries.found_in_files(self.folder.path()));
        Ok(found)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let runtime = tokio::runtime::Handle::try_current();
        let in_test = runtime.as_ref().is_ok_and(|runtime| {
            // Elsewhere the server could not answer while this waits.
            runtime.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread
        });
        if self.searched && in_test && !std::thread::panicking() {
            let leaks = tokio::task::block_in_place(|| {
                runtime.map_or(Ok(Vec::new()), |runtime| runtime.block_on(self.leaks()))
            });
            let told = match leaks {
                Ok(leaks) => leaks,
                Err(error) => vec![format!("the search for secrets failed: {error:#}")],
            };
            assert!(told.is_empty(), "secrets are where they must not be: {told:#?}");
        }
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
    }
}
