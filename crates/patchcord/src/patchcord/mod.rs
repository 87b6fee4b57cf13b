//! The whole, opened on a data folder. What it is asked lies beside, by topic.

mod access;
mod accounts;
mod blocks;
mod runs;
mod scenarios;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use patchcord_runtime::{Runtime, RuntimeConfig};
use patchcord_store::{KeySource, Store, StoreConfig, StoreError};

use crate::Error;
use crate::accounts::Accounts;
use crate::agents::Agents;
use crate::audit::Audit;
use crate::blocks::{BlockSettings, Blocks, Watching, watch};
use crate::catalog::Catalog;
use crate::detached::to_the_end;
use crate::fetch::Fetcher;
use crate::prepare::tables_with_lookups;
use crate::runs::{RunSettings, Runs, Tells};
use crate::scenarios::Scenarios;
use crate::statistics::Counted;
use crate::tokens::Tokens;
use crate::users::{AccessSettings, Users};

/// How to open Patchcord.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder: database, key file, blocks, compiled artefacts.
    pub data: PathBuf,
    /// What opens the secrets in it.
    pub key: KeySource,
    /// Where blocks come from besides being installed, and whose are taken. Files that are put into the folder `blocks`
    /// of the data folder are taken in too, and wait until what they ask for is granted.
    pub blocks: BlockSettings,
    /// For how long what is kept of runs is kept.
    pub runs: RunSettings,
    /// The hosts that Fetch URL may ask, each with its port where that is not the usual one; none by default.
    pub fetch_hosts: Vec<String>,
    /// For how long people stay signed in, and what they did is kept.
    pub access: AccessSettings,
}

impl Config {
    /// For a data folder, with its key in a file beside it and all else as it is where nobody says anything.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            key: KeySource::File,
            blocks: BlockSettings::default(),
            runs: RunSettings::default(),
            fetch_hosts: Vec::new(),
            access: AccessSettings::default(),
        }
    }
}

/// Patchcord, open. Clones share everything; it is a value, and two of them can live in one process.
#[derive(Clone)]
pub struct Patchcord {
    store: Store,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) blocks: Arc<Blocks>,
    pub(crate) scenarios: Arc<Scenarios>,
    pub(crate) runs: Arc<Runs>,
    agents: Arc<Agents>,
    counted: Arc<Counted>,
    tokens: Arc<Tokens>,
    users: Arc<Users>,
    audit: Arc<Audit>,
    _watching: Arc<Option<Watching>>,
}

impl Patchcord {
    /// Opens everything that lies in the data folder. Needs a Tokio runtime.
    ///
    /// # Errors
    /// The store or the sandbox engine cannot be opened. A block that is refused and a scenario that cannot run any
    /// more are told in the log and do not stand in the way of the others.
    pub async fn open(config: Config) -> Result<Self, Error> {
        let store =
            Store::open(&StoreConfig { folder: config.data.clone(), key: config.key }).await?;
        let cache = config.blocks.compiled.clone().or(Some(config.data.join("compiled")));
        let (limits, maxima) = config.blocks.limits.limits()?;
        let settings = RuntimeConfig { cache, limits, maxima, ..RuntimeConfig::default() };
        let runtime = Runtime::new(settings)?;
        let accounts = Accounts::open(store.clone()).await?;
        let dropped = config.data.join("blocks");
        if let Err(error) = std::fs::create_dir_all(&dropped) {
            tracing::error!(folder = %dropped.display(), %error, "a folder with blocks cannot be made");
        }
        let blocks =
            Blocks::open(runtime, Arc::clone(&accounts), store.clone(), dropped, config.blocks);
        let blocks = Arc::new(blocks.await?);
        let catalog = Catalog {
            accounts: Arc::clone(&accounts),
            blocks: Arc::clone(&blocks),
            plans: Arc::default(),
            fetcher: Fetcher::new(&config.fetch_hosts)?,
        };
        let scenarios = Arc::new(Scenarios::open(store.clone(), Arc::new(catalog)).await?);
        let published = scenarios.all().await?.into_iter();
        let tables = published.flat_map(|(_, scenario)| tables_with_lookups(&scenario.document));
        accounts.prepare(tables.collect());
        let agents = Arc::new(Agents::new(Arc::clone(&accounts)));
        let counted = Arc::new(Counted::start(store.clone()));
        let tells = Tells { agents: Arc::clone(&agents), counted: Arc::clone(&counted) };
        let runs = Runs::new(store.clone(), Arc::clone(&scenarios), tells, &config.runs)?;
        let runs = Arc::new(runs);
        runs.resume().await?;
        let tokens = Arc::new(Tokens::new(store.clone()));
        let audit = Arc::new(Audit::new(store.clone(), config.access.audit_days));
        let users = Arc::new(Users::new(store.clone(), config.access));
        let watching = watch_folders(&blocks, &scenarios);
        let _watching = Arc::new(watching);
        Ok(Self {
            store,
            accounts,
            blocks,
            scenarios,
            runs,
            agents,
            counted,
            tokens,
            users,
            audit,
            _watching,
        })
    }

    /// Waits until the runs under way have ended and all that was done is on disk, and closes the store.
    pub async fn close(&self) {
        self.runs.close().await;
        self.counted.close().await;
        self.store.close().await;
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ready(&self) -> Result<(), Error> {
        self.tokens.list().await.map(drop)
    }

    /// Changes something that scenarios refer to, and looks at them again: what can run does not depend on whether it
    /// was published before or after the change.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let scenarios = Arc::clone(&self.scenarios);
        whole(async move {
            let done = work.await?;
            scenarios.check_again().await;
            Ok(done)
        })
        .await
    }
}

/// Takes in what is put into the folders with blocks, and looks at the scenarios again, which may have waited for it.
fn watch_folders(blocks: &Arc<Blocks>, scenarios: &Arc<Scenarios>) -> Option<Watching> {
    let (blocks, scenarios) = (Arc::clone(blocks), Arc::clone(scenarios));
    watch(blocks.folders(), move || {
        let (blocks, scenarios) = (Arc::clone(&blocks), Arc::clone(&scenarios));
        async move {
            blocks.load_folders().await;
            scenarios.check_again().await;
        }
    })
}

pub(crate) async fn whole<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    to_the_end(work).await.unwrap_or(Err(Error::Store(StoreError::Interrupted)))
}
