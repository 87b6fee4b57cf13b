//! A run between two steps, written so that another process can go on with it.
//!
//! Places are ids of block instances and plans are names and versions, so that what is written means the same after a
//! restart. The time that the run may still take is the affair of whoever goes on with it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use patchcord_runtime::ScreenPop;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::close::Ending;
use super::frame::{Frame, Suspended};
use super::{Around, Walk, micros};
use crate::blocks::Catalog;
use crate::call::Call;
use crate::plan::Plan;
use crate::steering::{Items, Loop};
use crate::trace::StepTrace;
use crate::variables::{SavedRecords, Variables};

/// A run between two steps: all that it takes to go on from there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checkpoint {
    frame: SavedFrame,
    outer: Vec<SavedSuspended>,
    ended: Option<Ending>,
    variables: Variables,
    account: Option<String>,
    screen_pop: Option<ScreenPop>,
    steps: Vec<StepTrace>,
    left: usize,
    locale: String,
    elapsed_us: u64,
}

/// Why a run cannot go on from a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// There is no such version of the scenario, or it cannot run any more.
    #[error("version {version} of the scenario `{scenario}` is not to be had any more")]
    Scenario {
        /// Name of the scenario.
        scenario: String,
        /// Its version.
        version: u64,
    },
    /// The version is another one than that with which the run began.
    #[error("version {version} of the scenario `{scenario}` has no block instance `{step}`")]
    Step {
        /// Name of the scenario.
        scenario: String,
        /// Its version.
        version: u64,
        /// Id of the block instance.
        step: String,
    },
    /// Its parts do not fit together.
    #[error("the checkpoint's parts do not fit together")]
    Broken,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SavedFrame {
    scenario: String,
    version: u64,
    place: String,
    visits: BTreeMap<String, u32>,
    loops: Vec<SavedLoop>,
    handlers: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SavedLoop {
    at: String,
    item: Option<String>,
    items: SavedItems,
    next: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SavedItems {
    List(#[serde(with = "crate::deep")] Value),
    Recordset { name: String, records: SavedRecords },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SavedSuspended {
    frame: SavedFrame,
    trace: usize,
    within: String,
    /// What the scenario that was started may still take, in microseconds.
    left_us: Option<u64>,
    result_variable: Option<String>,
    answer_variable: Option<String>,
}

impl Checkpoint {
    /// Name of the scenario that was called.
    pub fn scenario(&self) -> &str {
        &self.called().scenario
    }

    /// The version of it with which the run began.
    pub fn version(&self) -> u64 {
        self.called().version
    }

    /// Every scenario that the run is in, with the version that it goes on with: the one that was called is first.
    pub fn scenarios(&self) -> impl Iterator<Item = (&str, u64)> {
        let frames = self.outer.iter().map(|outer| &outer.frame).chain([&self.frame]);
        frames.map(|frame| (frame.scenario.as_str(), frame.version))
    }

    /// The same run in another version of the scenario that was called, which finds its way about by the ids of block
    /// instances: those that the run has left behind need not be there any more.
    #[must_use]
    pub fn onto(mut self, plan: &Plan) -> Self {
        let (called, version) = (self.called().scenario.clone(), self.called().version);
        let frames = self.outer.iter_mut().map(|outer| &mut outer.frame).chain([&mut self.frame]);
        for frame in frames.filter(|frame| frame.scenario == called && frame.version == version) {
            frame.version = plan.version;
            frame.visits.retain(|id, _| plan.place(id).is_some());
        }
        self
    }

    /// The steps taken so far. One that has started another scenario has no exit until that has ended.
    pub fn steps(&self) -> &[StepTrace] {
        &self.steps
    }

    /// Whether the run has ended: going on from here gives its answer and takes no step.
    pub fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    fn called(&self) -> &SavedFrame {
        self.outer.first().map_or(&self.frame, |outer| &outer.frame)
    }

    pub(super) fn walk<'a>(
        self,
        catalog: &'a dyn Catalog,
        mut call: Call,
    ) -> Result<Walk<'a>, ResumeError> {
        if self.outer.iter().any(|outer| outer.trace >= self.steps.len()) {
            return Err(ResumeError::Broken);
        }
        let outer = self.outer.into_iter().map(|outer| outer.raise(catalog));
        call.locale = self.locale;
        Ok(Walk {
            outer: outer.collect::<Result<_, _>>()?,
            frame: self.frame.raise(catalog)?,
            ended: self.ended,
            variables: self.variables,
            account: self.account,
            screen_pop: self.screen_pop,
            steps: self.steps,
            left: self.left,
            around: Around::new(catalog, call, Duration::from_micros(self.elapsed_us)),
        })
    }
}

impl Walk<'_> {
    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            frame: SavedFrame::of(&self.frame),
            outer: self.outer.iter().map(SavedSuspended::of).collect(),
            ended: self.ended.clone(),
            variables: self.variables.clone(),
            account: self.account.clone(),
            screen_pop: self.screen_pop.clone(),
            steps: self.steps.clone(),
            left: self.left,
            locale: self.around.locale.clone(),
            elapsed_us: micros(self.around.elapsed()),
        }
    }
}

impl SavedFrame {
    fn of(frame: &Frame) -> Self {
        let plan = &frame.plan;
        let visited = plan.steps.iter().zip(&frame.visits).filter(|(_, visits)| **visits > 0);
        Self {
            scenario: plan.scenario.name.clone(),
            version: plan.version,
            place: plan.steps[frame.place].id.clone(),
            visits: visited.map(|(step, visits)| (step.id.clone(), *visits)).collect(),
            loops: frame.steering.loops.iter().map(|one| SavedLoop::of(one, plan)).collect(),
            handlers: frame.steering.handlers.iter().map(|at| plan.steps[*at].id.clone()).collect(),
        }
    }

    fn raise(self, catalog: &dyn Catalog) -> Result<Frame, ResumeError> {
        let plan = catalog.scenario(&self.scenario, Some(self.version));
        let (scenario, version) = (self.scenario.clone(), self.version);
        let plan = plan.ok_or(ResumeError::Scenario { scenario, version })?;
        let mut frame = Frame::new(Arc::clone(&plan));
        frame.place = self.place_of(&plan, &self.place)?;
        for (id, visits) in &self.visits {
            frame.visits[self.place_of(&plan, id)?] = *visits;
        }
        for id in &self.handlers {
            frame.steering.handlers.push(self.place_of(&plan, id)?);
        }
        for one in &self.loops {
            let place = self.place_of(&plan, &one.at)?;
            frame.steering.loops.push(one.raise(place));
        }
        Ok(frame)
    }

    fn place_of(&self, plan: &Plan, id: &str) -> Result<usize, ResumeError> {
        let (scenario, version, step) = (self.scenario.clone(), self.version, id.to_owned());
        plan.place(id).ok_or(ResumeError::Step { scenario, version, step })
    }
}

impl SavedLoop {
    fn of(one: &Loop, plan: &Plan) -> Self {
        let items = match &one.items {
            Items::List(items) => SavedItems::List(items.clone().into()),
            Items::Recordset { name, records } => {
                SavedItems::Recordset { name: name.clone(), records: records.into() }
            }
        };
        let (at, item) = (plan.steps[one.place].id.clone(), one.item.clone());
        Self { at, item, items, next: one.next }
    }

    fn raise(&self, place: usize) -> Loop {
        let items = match self.items.clone() {
            SavedItems::List(Value::Array(items)) => Items::List(items),
            SavedItems::List(_) => Items::List(Vec::new()),
            SavedItems::Recordset { name, records } => {
                Items::Recordset { name, records: records.into() }
            }
        };
        Loop { place, item: self.item.clone(), items, next: self.next }
    }
}

impl SavedSuspended {
    fn of(outer: &Suspended) -> Self {
        let left = |deadline: Instant| micros(deadline.saturating_duration_since(Instant::now()));
        Self {
            frame: SavedFrame::of(&outer.frame),
            trace: outer.trace,
            within: outer.within.clone(),
            left_us: outer.deadline.map(left),
            result_variable: outer.result_variable.clone(),
            answer_variable: outer.answer_variable.clone(),
        }
    }

    fn raise(self, catalog: &dyn Catalog) -> Result<Suspended, ResumeError> {
        Ok(Suspended {
            frame: self.frame.raise(catalog)?,
            trace: self.trace,
            within: self.within,
            deadline: self.left_us.map(|left| Instant::now() + Duration::from_micros(left)),
            result_variable: self.result_variable,
            answer_variable: self.answer_variable,
        })
    }
}
