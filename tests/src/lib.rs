//! The kit of the whole-system tests: an emulator, a server, a consented account and a caller, over real sockets.
//!
//! Every part is the real one; a test says only what it does differently.

mod consented;
mod cutting_proxy;
mod foreign;
mod organisation;
mod vault;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use patchcord::store::KeySource;
use patchcord::{Config, Patchcord, Scope};
use patchcord_emulator::{Emulator, EmulatorConfig, Visitor};
use patchcord_server::{Server, ServerConfig};
use reqwest::{Method, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use url::Url;

pub use consented::Consented;
pub use cutting_proxy::{Cuts, CuttingProxy};
pub use foreign::run_client;
pub use organisation::{Counts, Organisation, Setup};
pub use vault::MemoryVault;

/// Name of the account that [`World::consented`] sets up; the example scenarios select it.
pub const ACCOUNT: &str = "Dynamics 365 (demo)";

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
    _folder: TempDir,
}

/// The HTTP API of a server, with a token that may do everything.
#[derive(Clone)]
pub struct Api {
    /// Address of the server.
    pub url: Url,
    token: SecretString,
    http: reqwest::Client,
}

impl Api {
    /// Asks the server at `url`.
    pub fn new(url: Url, token: SecretString) -> Self {
        Self { url, token, http: reqwest::Client::new() }
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
        Ok(request.send().await?)
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
        let emulator = emulator(contacts).await?;
        let folder = TempDir::new()?;
        let data = folder.path().join("data");
        let config = Config { data, key: KeySource::File, blocks: vec![blocks()?] };
        let patchcord = Patchcord::open(config).await?;
        let token = patchcord.issue_token("whole-system test", Scope::Administer).await?.token;
        let listen = ServerConfig { listen: ([127, 0, 0, 1], 0).into(), public_url: None };
        let server = Server::bind(patchcord.clone(), listen).await?;
        let api = Api::new(server.public_url().clone(), token);
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(server.run(async {
            stopped.await.ok();
        }));
        Ok(Self { emulator, patchcord, api, stop: Some(stop), _folder: folder })
    }

    /// As [`World::bare`], with an account to which the demo user has consented and the example scenario published.
    ///
    /// # Errors
    /// A step of the set-up fails.
    pub async fn consented(contacts: u32) -> Result<Self> {
        let world = Self::bare(contacts).await?;
        let account = world.api.add_account(&world.emulator).await?;
        let page = world.api.consent(&account, &world.emulator).await?;
        ensure!(page.contains("Connection is valid."), "the consent ended with: {page}");
        world.api.publish(IDENTIFY_CALLER).await?;
        Ok(world)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
    }
}
