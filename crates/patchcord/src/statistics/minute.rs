//! What is counted in one minute: all calls, and calls and steps by name.
//!
//! A name is that of a scenario or of a version of a block, of which there are as many as people publish and install. So a
//! minute tells only so many apart; what comes under further names is counted together.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::figures::{Tallied, Tally};
use crate::runs::Run;

/// Scenarios, and versions of blocks, that a minute tells apart.
pub(super) const MOST_NAMES: usize = 100;

/// Tallies by name, and of what is under further names.
#[derive(Debug, Default)]
pub(super) struct ByName {
    pub(super) named: HashMap<String, Tally>,
    pub(super) others: Tally,
}

impl ByName {
    pub(super) fn at(&mut self, name: &str) -> &mut Tally {
        // Looked up twice, as otherwise each name would be copied each time.
        if !self.named.contains_key(name) {
            if self.named.len() >= MOST_NAMES {
                return &mut self.others;
            }
            self.named.insert(name.to_owned(), Tally::default());
        }
        self.named.get_mut(name).unwrap_or(&mut self.others)
    }

    fn tallied(&self) -> TalliedByName {
        TalliedByName {
            named: self.named.iter().map(|(name, tally)| (name.clone(), tally.tallied())).collect(),
            others: (self.others.count > 0).then(|| self.others.tallied()),
        }
    }

    pub(super) fn add_all(&mut self, other: &TalliedByName) {
        for (name, tallied) in &other.named {
            self.at(name).add_all(tallied);
        }
        if let Some(others) = &other.others {
            self.others.add_all(others);
        }
    }
}

/// A minute that goes on.
#[derive(Debug)]
pub(super) struct Minute {
    /// When it began.
    pub(super) at: Timestamp,
    calls: Tally,
    scenarios: ByName,
    blocks: ByName,
}

/// A minute that is over, or a picture of one that goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct MinuteKept {
    pub(super) at: Timestamp,
    pub(super) calls: Tallied,
    pub(super) scenarios: TalliedByName,
    pub(super) blocks: TalliedByName,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct TalliedByName {
    named: HashMap<String, Tallied>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    others: Option<Tallied>,
}

impl Minute {
    /// The minute in which `now` is, empty.
    pub(super) fn of(now: Timestamp) -> Self {
        let (calls, scenarios, blocks) = Default::default();
        Self { at: beginning(now, 1), calls, scenarios, blocks }
    }

    pub(super) fn count(&mut self, run: &Run) {
        let (took_us, failure) = (microseconds(run), run.failure.as_ref().map(|it| it.kind));
        self.calls.add(took_us, failure);
        self.scenarios.at(&run.scenario).add(took_us, failure);
        for step in &run.steps {
            let failure = step.failure.as_ref().map(|it| it.kind);
            self.blocks.at(&step.block).add(step.elapsed_us, failure);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.count == 0
    }

    pub(super) fn kept(&self) -> MinuteKept {
        MinuteKept {
            at: self.at,
            calls: self.calls.tallied(),
            scenarios: self.scenarios.tallied(),
            blocks: self.blocks.tallied(),
        }
    }
}

/// The beginning of the span of so many minutes in which `at` is; spans are counted from the epoch.
pub(super) fn beginning(at: Timestamp, minutes: u32) -> Timestamp {
    let (second, span) = (at.as_second(), 60 * i64::from(minutes));
    Timestamp::from_second(second - second.rem_euclid(span)).unwrap_or(at)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is cut to the nearest number that there is"
)]
fn microseconds(run: &Run) -> u64 {
    (run.elapsed_ms * 1e3).round() as u64
}
