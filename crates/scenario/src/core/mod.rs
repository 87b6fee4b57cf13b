//! The blocks of the engine itself: what steers a run and needs no sandbox.
//!
//! They have manifests as every block has, so that the palette, the Edit pane and the checks treat all blocks alike.

mod exception_handler;
mod exit;
mod fetch_url;
mod for_each;
mod get_next_record;
mod if_block;
mod log;
mod set_variable;
mod start_scenario;
mod switch;
mod wait;

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Instant;

use patchcord_runtime::{Exit, LogLine, Manifest, Output};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) use exception_handler::CATCH;
pub(crate) use fetch_url::writes as fetch_writes;
pub(crate) use start_scenario::Start;

use crate::blocks::Catalog;
use crate::fetch::{FetchError, FetchRequest, Fetched};
use crate::observer::Layer;
use crate::steering::Steering;
use crate::trace::{FailureKind, StepTrace};
use crate::variables::Variables;

/// The version of every block of the engine.
const VERSION: &str = "1.0.0";

/// A block of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CoreBlock {
    If,
    Switch,
    SetVariable,
    GetNextRecord,
    ForEach,
    Wait,
    Log,
    StartScenario,
    ExceptionHandler,
    FetchUrl,
    Exit,
}

/// How a block of the engine ended.
#[derive(Debug, PartialEq)]
pub(crate) enum CoreOutcome {
    /// Leaves by this exit.
    Leave(&'static str),
    /// Leaves by an exit that its properties name.
    Branch(String),
    /// Goes on when this other scenario has ended.
    Start(Start),
    /// The run has ended.
    End { result: String, answer: Map<String, Value> },
}

/// Why a block of the engine could not do its work.
#[derive(Debug, PartialEq)]
pub(crate) struct CoreFailure {
    pub(crate) kind: FailureKind,
    pub(crate) message: String,
}

/// A sentence saying which property is wrong.
impl From<String> for CoreFailure {
    fn from(message: String) -> Self {
        Self { kind: FailureKind::InvalidRequest, message }
    }
}

impl CoreFailure {
    pub(crate) fn cancelled() -> Self {
        Self { kind: FailureKind::Cancelled, message: CANCELLED.to_owned() }
    }
}

/// What is said of a run that nobody waits for any more.
pub(crate) const CANCELLED: &str = "the run was cancelled";

/// What a block of the engine may use.
pub(crate) struct Context<'a> {
    /// When the step must have ended.
    pub(crate) deadline: Instant,
    /// Names this step and visit of this run and no other.
    pub(crate) key: Uuid,
    /// Fires when nobody waits for the answer any more.
    pub(crate) cancelled: &'a CancellationToken,
    pub(crate) catalog: &'a dyn Catalog,
    /// What stands between the step and what is outside of the run.
    pub(crate) layer: Option<&'a dyn Layer>,
    /// Whether Wait lets time pass.
    pub(crate) waits: bool,
    /// Which step it is.
    pub(crate) trace: &'a StepTrace,
    /// Where the block stands in its plan.
    pub(crate) place: usize,
    pub(crate) steering: &'a mut Steering,
    pub(crate) variables: &'a mut Variables,
    /// What the trace keeps as the block's log.
    pub(crate) log: Vec<LogLine>,
}

impl Context<'_> {
    /// Asks a web server, by way of what stands between.
    pub(crate) async fn fetch(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        match self.layer {
            Some(layer) => {
                let (step, visit) = (self.trace.place(), self.trace.visit);
                layer.fetch(self.catalog, request, &step, visit).await
            }
            None => self.catalog.fetch(request).await,
        }
    }
}

const ALL: [CoreBlock; 11] = [
    CoreBlock::If,
    CoreBlock::Switch,
    CoreBlock::SetVariable,
    CoreBlock::GetNextRecord,
    CoreBlock::ForEach,
    CoreBlock::Wait,
    CoreBlock::Log,
    CoreBlock::StartScenario,
    CoreBlock::ExceptionHandler,
    CoreBlock::FetchUrl,
    CoreBlock::Exit,
];

/// In the order of [`ALL`]. Made once: every check of a scenario asks for them, and a schema is not free.
static MANIFESTS: LazyLock<[Manifest; ALL.len()]> = LazyLock::new(|| ALL.map(CoreBlock::describe));

/// The manifests of the engine's own blocks, for the palette.
pub fn manifests() -> &'static [Manifest] {
    &*MANIFESTS
}

/// The ways out that a block has without declaring them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaysOut {
    /// Whether it can leave by `next`.
    pub next: bool,
    /// Whether it can fail though its properties are right.
    pub failed: bool,
}

/// What the designer offers to be wired besides the exits of a block's manifest.
pub fn ways_out(block: &str) -> WaysOut {
    match CoreBlock::find(block) {
        Some(core) => WaysOut { next: core.takes_next(), failed: core.can_fail() },
        None => WaysOut { next: true, failed: true },
    }
}

impl CoreBlock {
    /// The block that a document's `block` names, as `id` or `id@version`.
    pub(crate) fn find(reference: &str) -> Option<Self> {
        let (id, version) = reference.split_once('@').unwrap_or((reference, VERSION));
        ALL.into_iter().find(|block| block.id() == id && version == VERSION)
    }

    /// Every id, for messages.
    pub(crate) fn ids() -> impl Iterator<Item = String> {
        ALL.into_iter().map(|block| block.id().to_owned())
    }

    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::If => "core.if",
            Self::Switch => "core.switch",
            Self::SetVariable => "core.set-variable",
            Self::GetNextRecord => "core.get-next-record",
            Self::ForEach => "core.for-each",
            Self::Wait => "core.wait",
            Self::Log => "core.log",
            Self::StartScenario => "core.start-scenario",
            Self::ExceptionHandler => "core.exception-handler",
            Self::FetchUrl => "core.fetch-url",
            Self::Exit => "core.exit",
        }
    }

    pub(crate) fn manifest(self) -> &'static Manifest {
        &MANIFESTS[self as usize]
    }

    fn describe(self) -> Manifest {
        match self {
            Self::If => if_block::manifest(),
            Self::Switch => switch::manifest(),
            Self::SetVariable => set_variable::manifest(),
            Self::GetNextRecord => get_next_record::manifest(),
            Self::ForEach => for_each::manifest(),
            Self::Wait => wait::manifest(),
            Self::Log => log::manifest(),
            Self::StartScenario => start_scenario::manifest(),
            Self::ExceptionHandler => exception_handler::manifest(),
            Self::FetchUrl => fetch_url::manifest(),
            Self::Exit => exit::manifest(),
        }
    }

    /// Whether the block can leave by `next`.
    pub(crate) fn takes_next(self) -> bool {
        !matches!(self, Self::If | Self::Switch | Self::ExceptionHandler | Self::Exit)
    }

    /// Whether it does no more than steer the run: it goes on after the deadline, so that a wired `timeout` comes to
    /// its answer.
    pub(crate) fn only_steers(self) -> bool {
        !matches!(self, Self::FetchUrl)
    }

    /// Whether it can fail though its properties are right.
    pub(crate) fn can_fail(self) -> bool {
        matches!(self, Self::FetchUrl | Self::StartScenario)
    }

    /// The exits that an instance with these properties has, besides `next` and the failures.
    pub(crate) fn exits(self, properties: &Map<String, Value>) -> BTreeSet<String> {
        match self {
            Self::Switch => switch::exits(properties),
            _ => self.manifest().exits.iter().map(|exit| exit.id.clone()).collect(),
        }
    }

    /// What is wrong with an instance's properties beyond what their schema says: the pointer within them, and a
    /// sentence.
    pub(crate) fn faults(self, properties: &Map<String, Value>) -> Vec<(String, String)> {
        match self {
            Self::Switch => switch::faults(properties),
            _ => Vec::new(),
        }
    }

    /// Does the block's work.
    ///
    /// # Errors
    /// Why the step fails.
    pub(crate) async fn run(
        self,
        properties: Value,
        context: &mut Context<'_>,
    ) -> Result<CoreOutcome, CoreFailure> {
        Ok(match self {
            Self::If => if_block::run(read(properties)?)?,
            Self::Switch => switch::run(read(properties)?)?,
            Self::SetVariable => set_variable::run(read(properties)?, context.variables)?,
            Self::GetNextRecord => get_next_record::run(read(properties)?, context.variables)?,
            Self::ForEach => for_each::run(properties, context)?,
            Self::Wait => wait::run(read(properties)?, context).await?,
            Self::Log => log::run(read(properties)?, context),
            Self::StartScenario => CoreOutcome::Start(start_scenario::run(read(properties)?)),
            Self::ExceptionHandler => exception_handler::run(read(properties)?, context),
            Self::FetchUrl => fetch_url::run(read(properties)?, context).await?,
            Self::Exit => exit::run(read(properties)?)?,
        })
    }
}

fn read<T: DeserializeOwned>(properties: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(properties).map_err(|error| {
        let at = error.path().to_string();
        format!("property `{at}`: {}", error.into_inner())
    })
}

struct About {
    block: CoreBlock,
    title: &'static str,
    description: &'static str,
    icon: &'static str,
    exits: Vec<Exit>,
    outputs: Vec<Output>,
}

impl About {
    fn manifest<Properties: JsonSchema>(self) -> Manifest {
        Manifest {
            id: self.block.id().into(),
            version: VERSION.into(),
            title: self.title.into(),
            category: "Flow".into(),
            description: self.description.into(),
            icon: self.icon.into(),
            properties: schemars::schema_for!(Properties).to_value(),
            exits: self.exits,
            outputs: self.outputs,
            operations: Vec::new(),
            tables: None,
            selects_account: false,
            pops_screen: false,
        }
    }
}

fn exit_of(id: &str, title: &str, description: &str) -> Exit {
    Exit { id: id.into(), title: title.into(), description: description.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_has_its_own_manifest() {
        for block in ALL {
            assert_eq!(block.manifest().id, block.id());
        }
    }
}
