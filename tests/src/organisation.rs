//! An organisation of other hands: a certified OpenID provider and an OData v4 server of the npm registry, which
//! `tests/clients/servers` puts where Entra ID and the Web API would be.
//!
//! What is proven against them is the protocol, not Dataverse's dialect of it: that is the emulator's part.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use patchcord::dynamics::{AccountSettings, ClientCredential};
use patchcord_emulator::Visitor;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use url::Url;
use uuid::Uuid;

use crate::consented::Consented;
use crate::foreign::{clients, here, without_proxies};

/// Longer than both servers take to start on a busy machine of two cores.
const START: Duration = Duration::from_secs(60);

/// Both servers, running until the value is dropped.
pub struct Organisation {
    /// Where they are.
    pub setup: Setup,
    http: reqwest::Client,
    _process: Child,
}

/// What the servers say of themselves.
#[derive(Debug, Clone, Deserialize)]
pub struct Setup {
    /// The provider's authorization endpoint.
    pub authorization_url: Url,
    /// Its token endpoint.
    pub token_url: Url,
    /// The OData server's root.
    pub api_url: Url,
    /// Where the test looks behind the provider's face.
    pub control_url: Url,
    /// A user who can sign in, with any password.
    pub user: String,
}

/// What the provider has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Counts {
    /// Refresh tokens used up.
    pub refreshed: u64,
    /// Token requests refused.
    pub refused: u64,
    /// Grants killed because a token of theirs was used twice.
    pub killed: u64,
}

impl Organisation {
    /// Starts both. The provider knows the apps `with-secret` and `with-certificate`, each where its credential is given.
    ///
    /// # Errors
    /// They are not installed, or do not start.
    pub async fn start(secret: Option<&str>, certificate: Option<&str>) -> Result<Self> {
        let settings = json!({ "secret": secret, "certificate": certificate });
        let settings: Value = without_nulls(settings);
        let mut command = Command::new("node");
        command.arg(here().join("clients/servers/organisation.mjs")).kill_on_drop(true);
        command.env("PATCHCORD_CLIENTS", clients()?).env("ORGANISATION", settings.to_string());
        without_proxies(&mut command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().context("cannot start node")?;
        let output = process.stdout.take().context("its output was asked for")?;
        let setup = tokio::time::timeout(START, setup(BufReader::new(output).lines())).await;
        let setup = match setup.context("the servers did not start in time")? {
            Ok(setup) => setup,
            Err(error) => return Err(complained(process, error).await),
        };
        if let Some(mut complaints) = process.stderr.take() {
            // What nobody reads would fill the pipe.
            tokio::spawn(
                async move { tokio::io::copy(&mut complaints, &mut tokio::io::sink()).await },
            );
        }
        Ok(Self { setup, http: reqwest::Client::new(), _process: process })
    }

    /// The settings of an account there.
    ///
    /// # Errors
    /// They do not pass the checks.
    pub fn account(&self, client_id: &str) -> Result<AccountSettings> {
        let settings: AccountSettings = serde_json::from_value(json!({
            "id": Uuid::new_v4(), "name": "An organisation", "client_id": client_id,
            "authorization_url": self.setup.authorization_url,
            "token_url": self.setup.token_url, "api_url": self.setup.api_url,
        }))?;
        let faults = settings.check().err().unwrap_or_default();
        ensure!(faults.is_empty(), "{faults:?}");
        Ok(settings)
    }

    /// Consents on the provider's pages, as the user would.
    ///
    /// # Errors
    /// The consent failed.
    pub async fn consent(
        &self,
        client_id: &str,
        credential: &ClientCredential,
    ) -> Result<Consented> {
        let visitor = Visitor::keeping_cookies(&self.setup.user, "any")?;
        Consented::new(self.account(client_id)?, credential, &visitor).await
    }

    /// Makes every access token that was issued so far bad.
    ///
    /// # Errors
    /// The provider does not answer.
    pub async fn expire_access_tokens(&self) -> Result<()> {
        let answer = self.http.get(self.setup.control_url.join("expire")?).send().await?;
        answer.error_for_status()?;
        Ok(())
    }

    /// What the provider has counted.
    ///
    /// # Errors
    /// The provider does not answer.
    pub async fn counts(&self) -> Result<Counts> {
        Ok(self.http.get(self.setup.control_url.join("counts")?).send().await?.json().await?)
    }

    /// The requests with a good token that the OData server has had since this was asked last.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn requests(&self) -> Result<Vec<String>> {
        let address = self.setup.api_url.join("/control/requests")?;
        Ok(self.http.get(address).send().await?.json().await?)
    }
}

fn without_nulls(mut settings: Value) -> Value {
    if let Some(members) = settings.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    settings
}

/// The one line of JSON among what the servers print.
async fn setup(mut lines: Lines<BufReader<ChildStdout>>) -> Result<Setup> {
    while let Some(line) = lines.next_line().await? {
        if line.starts_with('{') {
            // What is printed later must not fill the pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(serde_json::from_str(&line)?);
        }
    }
    anyhow::bail!("the servers ended without saying where they listen")
}

async fn complained(mut process: Child, error: anyhow::Error) -> anyhow::Error {
    process.start_kill().ok();
    match process.wait_with_output().await {
        Ok(output) => error.context(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(_) => error,
    }
}
