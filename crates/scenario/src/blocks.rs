//! Blocks, accounts and other scenarios as the engine sees them, whatever stands behind.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use patchcord_runtime::{Invoked, Manifest, Operation};
use serde_json::Value;
use uuid::Uuid;

use crate::fetch::{FetchError, FetchRequest, Fetched};
use crate::observer::Layer;
use crate::plan::Plan;

/// A block of one version that a plan holds on to: a run ends on the version with which it began.
#[async_trait]
pub trait ScenarioBlock: Send + Sync {
    /// What the block says of itself.
    fn manifest(&self) -> &Manifest;
    /// Runs one step. Returns by the call's deadline.
    async fn run(&self, call: StepCall) -> Invoked;
}

/// Why a reference names no block that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoBlock {
    /// There is no block with this id.
    Unknown,
    /// There is one, and a sentence says why it will not do.
    Because(String),
}

/// Whether a block may change anything in Dynamics 365.
pub(crate) fn may_write(manifest: &Manifest) -> bool {
    manifest.operations.iter().any(|operation| match operation {
        Operation::Query | Operation::Retrieve => false,
        Operation::Create | Operation::Update | Operation::Delete | Operation::Execute => true,
    })
}

/// What a document can refer to, and what runs reach through it.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// The block that `id`, or `id@range` with the versions that will do, names.
    ///
    /// # Errors
    /// There is none that may be used.
    fn block(&self, reference: &str) -> Result<Arc<dyn ScenarioBlock>, NoBlock>;
    /// The opaque handle of the integration account with this name.
    fn account(&self, name: &str) -> Option<String>;
    /// The opaque handle of the default integration account.
    fn default_account(&self) -> Option<String>;
    /// Why the account with this handle cannot be used now, in a sentence that says what to do; none where it can be.
    fn unusable(&self, account: &str) -> Option<String> {
        let _ = account;
        None
    }

    /// Ids of the blocks there are besides the engine's own, for messages.
    fn block_ids(&self) -> Vec<String>;

    /// The tables that the account with this handle can see, as far as that is known without asking.
    fn tables(&self, account: &str) -> Option<Arc<[TableName]>> {
        let _ = account;
        None
    }

    /// What is known, without asking, of the columns of a table, by its entity set name.
    fn columns(&self, account: &str, table: &str) -> Option<Arc<TableColumns>> {
        let _ = (account, table);
        None
    }

    /// The plan of a published scenario: of this version, or of the one that calls get now.
    fn scenario(&self, name: &str, version: Option<u64>) -> Option<Arc<Plan>> {
        let _ = (name, version);
        None
    }

    /// Asks a web server, where the host lets scenarios do so. Returns by the request's deadline.
    ///
    /// # Errors
    /// There was no answer that could be used; by default every request is forbidden.
    async fn fetch(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        Err(FetchError::forbidden(&request.url))
    }
}

/// How a table is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// In addresses: `contacts`.
    pub entity_set: String,
    /// In FetchXML: `contact`.
    pub logical: String,
}

/// The names of a table's columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableColumns {
    /// By which they are written in a query: `_customerid_value` for the lookup `customerid`.
    pub read: BTreeSet<String>,
    /// By which they are set in a create or an update.
    pub written: BTreeSet<String>,
}

/// One step as the engine asks for it.
#[derive(Clone)]
pub struct StepCall {
    /// Id of the run.
    pub run: String,
    /// Where the run is, as [`StepTrace::place`](crate::StepTrace::place) says it.
    pub step: String,
    /// How often the run has come here; the first time is 1.
    pub visit: u32,
    /// Names this step and visit of this run and no other.
    pub step_key: Uuid,
    /// Language of the call.
    pub locale: String,
    /// When the step must have ended.
    pub deadline: Instant,
    /// Handle of the account bound to the step; none where the scenario has none.
    pub account: Option<String>,
    /// The properties, every `$(…)` replaced: a JSON object.
    pub properties: Value,
    /// What is to stand between the block and the CRM.
    pub layer: Option<Arc<dyn Layer>>,
    /// Whether the step is counted in the metrics.
    pub counted: bool,
}

impl fmt::Debug for StepCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepCall")
            .field("run", &self.run)
            .field("step", &self.step)
            .field("visit", &self.visit)
            .finish_non_exhaustive()
    }
}
