//! Blocks and accounts as the engine sees them, whatever stands behind.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use patchcord_runtime::{Invoked, Manifest};
use serde_json::Value;
use uuid::Uuid;

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

/// What a document can refer to.
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
    /// Ids of the blocks there are besides the engine's own, for messages.
    fn block_ids(&self) -> Vec<String>;

    /// Entity set names of the tables that the account with this handle can see, as far as that is known without asking.
    fn tables(&self, account: &str) -> Option<Arc<[String]>> {
        let _ = account;
        None
    }

    /// What is known, without asking, of the columns of a table, by its entity set name.
    fn columns(&self, account: &str, table: &str) -> Option<Arc<TableColumns>> {
        let _ = (account, table);
        None
    }
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
#[derive(Debug, Clone)]
pub struct StepCall {
    /// Id of the run.
    pub run: String,
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
}
