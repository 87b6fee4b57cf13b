//! A scenario that has passed its checks, compiled for running: names resolved to places, templates split.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use patchcord_runtime::Manifest;
use serde_json::{Map, Value};

use crate::blocks::ScenarioBlock;
use crate::core::CoreBlock;
use crate::document::Scenario;
use crate::substitute::Property;

/// What a run walks. Immutable: it holds on to the blocks with which it was made.
pub struct Plan {
    pub(crate) scenario: Scenario,
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

impl Plan {
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
