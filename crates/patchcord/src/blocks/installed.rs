//! One version of a block, bound to the accounts with which it may be run.

use std::sync::Arc;

use async_trait::async_trait;
use patchcord_runtime::{
    Block, Invocation, Invoked, LimitError, LimitSettings, LoadError, Manifest,
};
use patchcord_scenario::{ScenarioBlock, StepCall};
use semver::Version;

use super::record::Record;
use crate::accounts::Accounts;

/// A version of a block that is at hand.
pub(crate) struct Installed {
    block: Block,
    version: Version,
    accounts: Arc<Accounts>,
    pub(super) record: Record,
    /// Name of the trusted key that signed it.
    pub(super) signed_by: Option<String>,
}

impl Installed {
    pub(super) fn new(
        block: Block,
        accounts: Arc<Accounts>,
        record: Record,
        signed_by: Option<String>,
    ) -> Result<Self, LoadError> {
        let version = version(block.manifest())?;
        Ok(Self { block, version, accounts, record, signed_by })
    }

    /// The same version with other limits; none of the steps under way notices.
    pub(super) fn limited(&self, settings: &LimitSettings) -> Result<Self, LimitError> {
        Ok(Self {
            block: self.block.limited(settings)?,
            version: self.version.clone(),
            accounts: Arc::clone(&self.accounts),
            record: self.record.clone(),
            signed_by: self.signed_by.clone(),
        })
    }

    /// What a step of it may use.
    pub(crate) fn limits(&self) -> LimitSettings {
        self.block.limits().settings()
    }

    pub(crate) fn id(&self) -> &str {
        &self.block.manifest().id
    }

    pub(crate) fn version(&self) -> &Version {
        &self.version
    }

    pub(crate) fn digest(&self) -> &str {
        self.block.digest()
    }

    pub(crate) fn size(&self) -> usize {
        self.block.size()
    }
}

/// The version that a manifest names.
pub(super) fn version(manifest: &Manifest) -> Result<Version, LoadError> {
    Version::parse(&manifest.version).map_err(|error| LoadError::Manifest {
        at: "/version".into(),
        problem: format!("no semantic version: {error}"),
    })
}

#[async_trait]
impl ScenarioBlock for Installed {
    fn manifest(&self) -> &Manifest {
        self.block.manifest()
    }

    async fn run(&self, call: StepCall) -> Invoked {
        let crm = self.accounts.crm(call.account.as_deref());
        let crm = match &call.layer {
            Some(layer) => layer.over(crm, &call),
            None => crm,
        };
        let StepCall { run, step_key, locale, deadline, properties, counted, .. } = call;
        let invocation = Invocation { run, step_key, locale, deadline, properties, crm, counted };
        self.block.invoke(invocation).await
    }
}
