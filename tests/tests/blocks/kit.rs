//! A server without Dynamics 365, and blocks written by hand that leave a word behind.

use patchcord::store::KeySource;
use patchcord::{AccessSettings, BlockSettings, Config, Patchcord, RunSettings, Scope};
use patchcord_server::{Server, ServerConfig};
use patchcord_tests::Api;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::fixture::{Asked, Fixture};

/// The id of every block here.
pub(crate) const ID: &str = "test.fixture";

/// A server, its data in a folder of its own.
pub(crate) struct Host {
    pub(crate) patchcord: Patchcord,
    pub(crate) api: Api,
    pub(crate) folder: TempDir,
    token: SecretString,
    settings: BlockSettings,
    serving: tokio::task::JoinHandle<()>,
}

impl Host {
    pub(crate) async fn open(settings: BlockSettings) -> Self {
        Self::on(TempDir::new().unwrap(), settings).await
    }

    async fn on(folder: TempDir, settings: BlockSettings) -> Self {
        let data = folder.path().join("data");
        let (key, blocks, runs) = (KeySource::File, settings.clone(), RunSettings::default());
        let (fetch_hosts, access) = (Vec::new(), AccessSettings::default());
        let config = Config { data, key, blocks, runs, fetch_hosts, access };
        let patchcord = Patchcord::open(config).await.unwrap();
        let token = patchcord.issue_token("tests", Scope::Administer).await.unwrap().token;
        let listen = ServerConfig::default();
        let server = Server::bind(patchcord.clone(), listen).await.unwrap();
        let api = Api::new(server.public_url().clone(), token.clone());
        let serving = tokio::spawn(async move {
            server.run(std::future::pending()).await.unwrap();
        });
        Self { patchcord, api, folder, token, settings, serving }
    }

    /// The same data opened again, as after a restart.
    pub(crate) async fn reopen(self) -> Self {
        self.serving.abort();
        self.patchcord.close().await;
        Self::on(self.folder, self.settings).await
    }

    /// Offers a block; any status is fine.
    pub(crate) async fn offer(
        &self,
        query: &str,
        bytes: Vec<u8>,
        signature: Option<&str>,
    ) -> (StatusCode, Value) {
        let url = self.api.url.join(&format!("/v1/blocks?{query}")).unwrap();
        let mut request = reqwest::Client::new().post(url).body(bytes);
        request = request.bearer_auth(self.token.expose_secret());
        if let Some(signature) = signature {
            use base64::Engine;
            let encoded = base64::prelude::BASE64_STANDARD.encode(signature);
            request = request.header("patchcord-signature", encoded);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Installs a block, granting all that it asks for.
    pub(crate) async fn install(&self, bytes: Vec<u8>) -> Value {
        let (status, told) = self.offer("grant=pop-screen", bytes, None).await;
        assert_eq!(status, StatusCode::CREATED, "{told}");
        told
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.api.ask(Method::GET, path, None).await.unwrap()
    }

    /// Publishes a scenario of one block, which leaves its word in `answer`.
    pub(crate) async fn publish(&self, reference: &str) -> (StatusCode, Value) {
        let document = json!({
            "patchcord": "1.0", "name": "one", "start": "a",
            "blocks": [
                {
                    "id": "a", "block": reference,
                    "properties": { "variable": "answer" },
                    "exits": { "next": "end", "no_data": "end", "failed": "end" }
                },
                {
                    "id": "end", "block": "core.exit",
                    "properties": { "result": "done", "answer": { "word": "$(answer)" } }
                }
            ]
        });
        let answer = self.api.send(Method::PUT, "/v1/scenarios/one", Some(&document)).await;
        let answer = answer.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// The word that the scenario answers with.
    pub(crate) async fn word(&self) -> Value {
        let body = json!({ "variables": {} });
        let path = "/v1/scenarios/one/runs";
        let answer = self.api.ask(Method::POST, path, Some(&body)).await.unwrap();
        let word = answer["variables"]["word"].clone();
        assert!(word.is_string(), "{answer}");
        word
    }
}

/// A block of this version that sets its variable to `word` and asks for `pop-screen` alone.
pub(crate) fn block(version: &str, word: &str) -> Vec<u8> {
    let mut fixture = fixture(word);
    fixture.manifest.version = version.to_owned();
    fixture.build()
}

/// The same, still to be changed.
pub(crate) fn fixture(word: &str) -> Fixture {
    let word = json!(word).to_string();
    let mut fixture = Fixture::saying(&[Asked::Variable("answer", &word)]);
    fixture.manifest.operations.clear();
    fixture.manifest.selects_account = false;
    fixture
}
