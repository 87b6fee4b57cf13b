//! An emulator with a consented account, which lives as long as a trial of a block.

use std::sync::Arc;

use anyhow::{Context, Result};
use patchcord::runtime::Crm;
use patchcord::store::KeySource;
use patchcord::{AccessSettings, BlockSettings, Config, Patchcord, RunSettings, Scope};
use patchcord_emulator::{Emulator, EmulatorConfig};
use patchcord_server::{Server, ServerConfig};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::commands::demo;

/// Enough for a look-up to find one among others.
const CONTACTS: u32 = 100;

/// The emulator, and the account that a user of it consented to.
pub(crate) struct Emulated {
    emulator: Emulator,
    patchcord: Patchcord,
    setup: demo::Emulator,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

impl Emulated {
    /// Starts all of it; consenting goes through the pages, as it does in a browser.
    pub(crate) async fn start() -> Result<Self> {
        let http = Some(([127, 0, 0, 1], 0).into());
        let config =
            EmulatorConfig { http, https: None, seed: CONTACTS, ..EmulatorConfig::default() };
        let emulator = Emulator::start(config).await?;
        let mut setup = serde_json::to_value(emulator.setup())?;
        setup["sample_caller"] = json!(emulator.caller(0));
        let setup: demo::Emulator = serde_json::from_value(setup)?;
        let folder = TempDir::new()?;
        let data = folder.path().to_owned();
        let config = Config {
            data,
            key: KeySource::File,
            blocks: BlockSettings::default(),
            runs: RunSettings::default(),
            fetch_hosts: Vec::new(),
            access: AccessSettings::default(),
        };
        let patchcord = Patchcord::open(config).await?;
        let token = patchcord.issue_token("a trial of a block", Scope::Administer).await?.token;
        let server = Server::bind(patchcord.clone(), ServerConfig::default()).await?;
        let client = Client::new(server.public_url().clone(), token)?;
        let serving = tokio::spawn(async move {
            server.run(std::future::pending()).await.ok();
        });
        demo::consent(&client, &setup).await.context("the consent did not come about")?;
        Ok(Self { emulator, patchcord, setup, serving, _folder: folder })
    }

    /// The account.
    pub(crate) fn crm(&self) -> Arc<dyn Crm> {
        self.patchcord.crm(None)
    }

    /// Somebody who can be asked for.
    pub(crate) fn somebody(&self) -> String {
        let caller = &self.setup.sample_caller;
        format!("{}, {}", caller.full_name, caller.phone)
    }

    pub(crate) async fn stop(self) {
        self.serving.abort();
        self.patchcord.close().await;
        self.emulator.stop().await;
    }
}
