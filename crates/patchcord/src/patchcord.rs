//! The whole, opened on a data folder.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use patchcord_dynamics::{ConsentFor, DefinitionOptions, Table, TableDetails};
use patchcord_runtime::{Capability, Crm, LimitSettings, Runtime, RuntimeConfig};
use patchcord_store::{KeySource, Store, StoreConfig, StoreError};
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::accounts::{
    AccountInput, AccountView, Accounts, ConsentAsker, ConsentLink, EndedConsent,
};
use crate::agents::{AgentEvents, Agents};
use crate::audit::Audit;
use crate::blocks::{BlockOffer, BlockSettings, BlockView, Blocks, Watching, watch};
use crate::catalog::Catalog;
use crate::detached::to_the_end;
use crate::fetch::Fetcher;
use crate::invoke::{self, BlockAnswer};
use crate::prepare::tables_with_lookups;
use crate::rehearsal::Recording;
use crate::runs::{
    CallAnswer, CallRequest, Run, RunEvents, RunQuery, RunSettings, RunUnderWay, RunView, Runs,
    Tells, TryAnswer, TryRequest,
};
use crate::scenarios::Scenarios;
use crate::statistics::{Counted, Statistics, StatisticsQuery};
use crate::tokens::{ApiToken, Bearer, IssuedToken, Scope, Tokens};
use crate::users::{AccessSettings, Users};
use crate::{CallError, Error};

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

    /// Runs a scenario for a call. Dropping the future cancels the run, unless the scenario says that it goes on or it has
    /// an idempotency key; a write that is under way is let to its end. It leaves its trace in any case.
    ///
    /// # Errors
    /// The call was not taken. One that was taken is always answered; a failure of its scenario is in the answer.
    pub async fn call(&self, request: CallRequest) -> Result<CallAnswer, CallError> {
        self.runs.call(request).await
    }

    /// Walks a scenario as a call would have it walked, for who tries it out: what it writes is shown, unless it is asked to
    /// write; no screen pops, and nothing is counted or kept. A run can be walked once more that way. Dropping the future
    /// cancels it.
    ///
    /// # Errors
    /// There is nothing of the kind; what was asked, or the document, is wrong; a run that is to be replayed is not
    /// recorded, or does not come to the step. A failure of the scenario is in the answer.
    pub async fn try_scenario(&self, request: TryRequest) -> Result<TryAnswer, Error> {
        self.runs.try_out(request).await
    }

    /// What is known of a run, whether or not it has ended.
    ///
    /// # Errors
    /// There is no such run, or the store failed.
    pub async fn look_at_run(&self, id: Uuid) -> Result<RunView, Error> {
        self.runs.look_at(id).await
    }

    /// The runs under way that match, newest first; `result` and `failure` do not matter.
    pub fn runs_under_way(&self, query: &RunQuery) -> Vec<RunUnderWay> {
        self.runs.under_way(query)
    }

    /// What is known of a run that has ended.
    ///
    /// # Errors
    /// There is no such run, or it is under way, or the store failed.
    pub async fn run(&self, id: Uuid) -> Result<Run, Error> {
        self.runs.get(id).await
    }

    /// What a run was brought, and what Dynamics 365 and web servers answered it. Nothing in it is masked.
    ///
    /// # Errors
    /// There is no such run, or it is not recorded; the store failed.
    pub async fn recording(&self, run: Uuid) -> Result<Recording, Error> {
        self.runs.recording(run).await
    }

    /// The runs that match, newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn runs(&self, query: &RunQuery) -> Result<Vec<Run>, Error> {
        self.runs.list(query).await
    }

    /// What calls did in the last minutes, by scenario and by block, and how much more the integration accounts may ask.
    ///
    /// # Errors
    /// The host is shutting down.
    pub async fn statistics(&self, query: StatisticsQuery) -> Result<Statistics, Error> {
        self.runs.settle().await;
        let counted = Arc::clone(&self.counted);
        // Thousands of minutes may have to be added up, which is no work to keep calls waiting for.
        let summary = tokio::task::spawn_blocking(move || counted.summary(query)).await;
        let summary = summary.map_err(|_| Error::Store(StoreError::Interrupted))?;
        let accounts = self.accounts.head_room(summary.from);
        Ok(Statistics { summary, accounts })
    }

    /// The screen pops of an agent, from now on; where `after` is the number of an event, first those that came after it
    /// and are still known. An agent is who `user.login` names in the variables of a run.
    pub fn agent_events(&self, login: &str, after: Option<i64>) -> AgentEvents {
        self.agents.listen(login, after)
    }

    /// Cancels a run that is under way: it ends before its next step, and before that where nothing is written meanwhile.
    ///
    /// # Errors
    /// There is no such run, or it has ended; the store failed.
    pub async fn cancel_run(&self, id: Uuid) -> Result<(), Error> {
        self.runs.cancel(id).await
    }

    /// What happens in a run from now on, to its end; where it has ended, only that.
    ///
    /// # Errors
    /// There is no such run, or the store failed.
    pub async fn run_events(&self, id: Uuid) -> Result<RunEvents, Error> {
        self.runs.events_of(id).await
    }

    /// What happens in the trial with this id from now on, to its end. It need not have begun.
    pub fn trial_events(&self, id: Uuid) -> RunEvents {
        self.runs.trial_events(id)
    }

    /// What happens in the runs of a scenario from now on, or in those of all.
    pub fn events(&self, scenario: Option<String>) -> RunEvents {
        self.runs.events(scenario)
    }

    /// Every integration account, by name.
    pub fn accounts(&self) -> Vec<AccountView> {
        self.accounts.list()
    }

    /// One integration account.
    ///
    /// # Errors
    /// There is no such account.
    pub fn account(&self, id: Uuid) -> Result<AccountView, Error> {
        self.accounts.get(id)
    }

    /// Makes an integration account.
    ///
    /// # Errors
    /// Wrong fields, a name that is taken, or the store failed; nothing is stored then.
    pub async fn create_account(&self, input: AccountInput) -> Result<AccountView, Error> {
        let accounts = Arc::clone(&self.accounts);
        self.change(async move { accounts.create(input).await }).await
    }

    /// Changes an integration account. A client secret that is not given stays.
    ///
    /// # Errors
    /// As [`Patchcord::create_account`]; there is no such account.
    pub async fn update_account(
        &self,
        id: Uuid,
        input: AccountInput,
    ) -> Result<AccountView, Error> {
        let accounts = Arc::clone(&self.accounts);
        self.change(async move { accounts.update(id, input).await }).await
    }

    /// Removes an integration account with its secrets.
    ///
    /// # Errors
    /// There is no such account, or the store failed.
    pub async fn delete_account(&self, id: Uuid) -> Result<(), Error> {
        let accounts = Arc::clone(&self.accounts);
        self.change(async move { accounts.delete(id).await }).await
    }

    /// Request token, first half: where to send the administrator to sign in. Where it is begun in a browser, which keeps a
    /// secret, only that one can end it.
    ///
    /// # Errors
    /// There is no such account, or it has no client secret.
    pub fn begin_consent(
        &self,
        account: Uuid,
        redirect_uri: &Url,
        consent_for: ConsentFor,
        asker: ConsentAsker,
    ) -> Result<ConsentLink, Error> {
        self.accounts.begin_consent(account, redirect_uri, consent_for, asker)
    }

    /// Request token, second half: what came back with `state`, a code or the sentence with which it was refused. The
    /// account is valid only after Dynamics 365 has said who consented.
    ///
    /// # Errors
    /// The sign-in is not known. Of one that is known, what came of it is in the answer: that it was refused, too, or that
    /// its code or token is worth nothing.
    pub async fn finish_consent(
        &self,
        state: &str,
        answer: Result<String, String>,
        browser: Option<SecretString>,
    ) -> Result<EndedConsent, Error> {
        let (accounts, state) = (Arc::clone(&self.accounts), state.to_owned());
        whole(async move { accounts.finish_consent(&state, answer, browser.as_ref()).await }).await
    }

    /// Test connection: asks Dynamics 365 who the account's user is.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn test_account(&self, id: Uuid) -> Result<AccountView, Error> {
        let accounts = Arc::clone(&self.accounts);
        whole(async move { accounts.test(id).await }).await
    }

    /// The tables that designers may use with an account, which is given by id or name.
    ///
    /// # Errors
    /// There is no such account, or Dynamics 365 did not tell.
    pub async fn account_tables(
        &self,
        account: &str,
        options: &DefinitionOptions,
    ) -> Result<Vec<Table>, Error> {
        self.accounts.tables(account, options).await
    }

    /// The columns, choices and keys of one of them, by its logical name or entity set name.
    ///
    /// # Errors
    /// There is no such account or table, or Dynamics 365 did not tell.
    pub async fn account_table(
        &self,
        account: &str,
        table: &str,
        options: &DefinitionOptions,
    ) -> Result<TableDetails, Error> {
        self.accounts.table(account, table, options).await
    }

    /// Every block: those of the engine, then those installed.
    pub fn blocks(&self) -> Vec<BlockView> {
        let core = patchcord_scenario::core_manifests().iter().cloned();
        let core = core.map(BlockView::of_the_engine);
        core.chain(self.blocks.list()).collect()
    }

    /// Reads the folders with blocks again. Runs under way end on the blocks with which they began.
    ///
    /// # Errors
    /// The runtime is shut down meanwhile. A block that is refused is told in the log, and the one before it stays.
    pub async fn reload_blocks(&self) -> Result<(), Error> {
        let blocks = Arc::clone(&self.blocks);
        self.change(async move {
            blocks.load_folders().await;
            Ok(())
        })
        .await
    }

    /// One block, of the engine or installed.
    ///
    /// # Errors
    /// There is no such block.
    pub fn block(&self, id: &str) -> Result<BlockView, Error> {
        let core = patchcord_scenario::core_manifests().iter().find(|manifest| manifest.id == id);
        match core {
            Some(manifest) => Ok(BlockView::of_the_engine(manifest.clone())),
            None => self.blocks.get(id),
        }
    }

    /// Checks a block and installs it beside the other versions of its id. The same bytes again change nothing.
    ///
    /// # Errors
    /// Why it is refused: what is wrong with it, other bytes under its version, a capability that is not granted, a
    /// signature that is missing or not trusted. Nothing is installed then.
    pub async fn install_block(&self, offer: BlockOffer) -> Result<BlockView, Error> {
        let blocks = Arc::clone(&self.blocks);
        self.change(async move { blocks.install(offer, "installed".into()).await }).await
    }

    /// Fetches a block from an OCI registry, such as `oci://ghcr.io/acme/greet:1.0.0`, and installs it.
    ///
    /// # Errors
    /// As [`Patchcord::install_block`]; the registry did not give it.
    pub async fn pull_block(
        &self,
        reference: &str,
        grant: BTreeSet<Capability>,
    ) -> Result<BlockView, Error> {
        let (blocks, reference) = (Arc::clone(&self.blocks), reference.to_owned());
        self.change(async move { blocks.pull(&reference, grant).await }).await
    }

    /// Says what the versions of a block may do, in place of what was said before.
    ///
    /// # Errors
    /// There is no such block, or the store failed.
    pub async fn grant_block(
        &self,
        id: &str,
        capabilities: BTreeSet<Capability>,
    ) -> Result<BlockView, Error> {
        let (blocks, id) = (Arc::clone(&self.blocks), id.to_owned());
        self.change(async move { blocks.grant(&id, capabilities).await }).await
    }

    /// Says what steps of a block may use, in place of what was said before; what is left out is as for every block.
    ///
    /// # Errors
    /// There is no such block, a limit is past the operator's maximum, or the store failed.
    pub async fn limit_block(&self, id: &str, settings: LimitSettings) -> Result<BlockView, Error> {
        let (blocks, id) = (Arc::clone(&self.blocks), id.to_owned());
        self.change(async move { blocks.limit(&id, settings).await }).await
    }

    /// Removes one version of a block.
    ///
    /// # Errors
    /// There is no such version, a published scenario uses it, or the store failed.
    pub async fn remove_block(&self, id: &str, version: &str) -> Result<(), Error> {
        let (blocks, scenarios) = (Arc::clone(&self.blocks), Arc::clone(&self.scenarios));
        let (id, version) = (id.to_owned(), version.to_owned());
        self.change(async move {
            let scenarios = scenarios.users_of(&id, &version);
            if !scenarios.is_empty() {
                let block = format!("{id}@{version}");
                return Err(Error::BlockInUse { block, scenarios });
            }
            blocks.remove(&id, &version).await
        })
        .await
    }

    /// Runs one block alone, with `properties` as a designer writes them.
    ///
    /// # Errors
    /// There is no such block, or a property, the account or the deadline is wrong; pointers lead into
    /// `{"properties": …, "account": …, "deadline_ms": …}`.
    pub async fn invoke_block(
        &self,
        block: &str,
        properties: Map<String, Value>,
        account: Option<String>,
        deadline: Option<Duration>,
    ) -> Result<BlockAnswer, Error> {
        invoke::invoke(self.scenarios.catalog(), block, properties, account, deadline).await
    }

    /// The account of that name as a block sees it, the default one where none is named; for whoever runs a block that
    /// is not installed. A call fails where there is no such account, or none that can be used.
    pub fn crm(&self, account: Option<&str>) -> Arc<dyn Crm> {
        let directory = self.accounts.directory();
        let handle = match account {
            Some(name) => directory.handle(name),
            None => directory.default_handle(),
        };
        self.accounts.crm(handle.as_deref())
    }

    /// Who signs in.
    pub fn users(&self) -> &Users {
        &self.users
    }

    /// Who changed what.
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Issues an API token.
    ///
    /// # Errors
    /// The store failed.
    pub async fn issue_token(&self, name: &str, scope: Scope) -> Result<IssuedToken, Error> {
        self.tokens.issue(name, scope).await
    }

    /// Every API token, without the tokens.
    ///
    /// # Errors
    /// The store failed.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, Error> {
        self.tokens.list().await
    }

    /// Revokes an API token; in force at once here, within five seconds elsewhere.
    ///
    /// # Errors
    /// There is no such token, or the store failed.
    pub async fn revoke_token(&self, id: Uuid) -> Result<(), Error> {
        self.tokens.revoke(id).await
    }

    /// Who bears `token`; none where it is no token of this host.
    ///
    /// # Errors
    /// The store failed.
    pub async fn verify_token(&self, token: &SecretString) -> Result<Option<Bearer>, Error> {
        self.tokens.verify(token).await
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
