//! A scenario that has passed its checks, compiled for running: names resolved to places, templates split.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use patchcord_runtime::Manifest;
use serde_json::{Map, Value};

use crate::blocks::{ScenarioBlock, may_write};
use crate::core::{CoreBlock, fetch_writes};
use crate::document::{OnHangUp, Scenario};
use crate::substitute::Property;

/// What a run walks. Immutable: it holds on to the blocks with which it was made.
pub struct Plan {
    pub(crate) scenario: Scenario,
    pub(crate) version: u64,
    pub(crate) start: usize,
    pub(crate) steps: Vec<PlannedStep>,
    pub(crate) deadline: Option<Duration>,
}

pub(crate) struct PlannedStep {
    pub(crate) id: String,
    /// `id@version`, for the trace.
    pub(crate) block_name: String,
    pub(crate) title: String,
    pub(crate) work: Work,
    pub(crate) account: Option<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) properties: Vec<(String, Property)>,
    pub(crate) exits: BTreeMap<String, usize>,
}

pub(crate) enum Work {
    Core(CoreBlock),
    Block(Arc<dyn ScenarioBlock>),
}

impl Work {
    pub(crate) fn manifest(&self) -> &Manifest {
        match self {
            Self::Core(block) => block.manifest(),
            Self::Block(block) => block.manifest(),
        }
    }

    /// The exits that an instance with these properties has, besides `next` and the failures.
    pub(crate) fn exits(&self, properties: &Map<String, Value>) -> BTreeSet<String> {
        match self {
            Self::Core(block) => block.exits(properties),
            Self::Block(block) => {
                block.manifest().exits.iter().map(|exit| exit.id.clone()).collect()
            }
        }
    }

    pub(crate) fn takes_next(&self) -> bool {
        match self {
            Self::Core(block) => block.takes_next(),
            Self::Block(_) => true,
        }
    }
}

impl PlannedStep {
    /// Whether it may change anything outside the run.
    pub(crate) fn may_write(&self) -> bool {
        match &self.work {
            Work::Core(CoreBlock::FetchUrl) => self.properties.iter().any(|(name, property)| {
                name == "method" && property.known().is_none_or(|method| fetch_writes(&method))
            }),
            work => may_write(work.manifest()),
        }
    }

    /// The value of a property that is known before a call comes.
    pub(crate) fn fixed(&self, name: &str) -> Option<Value> {
        let (_, property) = self.properties.iter().find(|(given, _)| given == name)?;
        property.known()
    }

    /// The other scenario that it starts, where that is known before a call comes.
    pub(crate) fn starts(&self) -> Option<String> {
        match self.work {
            Work::Core(CoreBlock::StartScenario) => {
                Some(self.fixed("scenario")?.as_str()?.to_owned())
            }
            _ => None,
        }
    }
}

impl Plan {
    /// The same plan as this version of its scenario.
    #[must_use]
    pub fn with_version(self, version: u64) -> Self {
        Self { version, ..self }
    }

    /// The version of its scenario that it is; 0 where that has not been published.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What becomes of a run when its caller hangs up.
    pub fn on_hang_up(&self) -> OnHangUp {
        self.scenario.on_hang_up
    }

    /// Whether any step of it may change anything outside the run, or starts another scenario, which may.
    pub fn may_write(&self) -> bool {
        let starts = |step: &PlannedStep| matches!(step.work, Work::Core(CoreBlock::StartScenario));
        self.steps.iter().any(|step| step.may_write() || starts(step))
    }

    /// Names of the other scenarios that it starts, where they are known before a call comes.
    pub fn scenarios_started(&self) -> BTreeSet<String> {
        self.steps.iter().filter_map(PlannedStep::starts).collect()
    }

    /// `name@version`.
    pub(crate) fn reference(&self) -> String {
        format!("{}@{}", self.scenario.name, self.version)
    }

    pub(crate) fn place(&self, id: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.id == id)
    }

    /// The document from which it was made.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Within what time a run is to be answered, where the call flow names no deadline.
    pub fn deadline(&self) -> Option<Duration> {
        self.deadline
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("scenario", &self.scenario.name).finish_non_exhaustive()
    }
}
