//! What is told of the minutes of a span: sums by scenario, by block and by point of time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use patchcord_scenario::FailureKind;
use serde::Serialize;

use super::StatisticsQuery;
use super::accounts::AccountHeadRoom;
use super::figures::Tally;
use super::minute::{ByName, MinuteKept, beginning};
use crate::runs::milliseconds;

/// What is told of a span of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statistics {
    /// What calls did.
    #[serde(flatten)]
    pub summary: Summary,
    /// How much more the integration accounts may ask, by name.
    pub accounts: Vec<AccountHeadRoom>,
}

/// Calls and steps that ended within a span of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The beginning of the first point.
    pub from: Timestamp,
    /// Now, the end of the last point, which goes on.
    pub until: Timestamp,
    /// Since when there are statistics; what was before that is not known.
    pub since: Timestamp,
    /// Minutes of a point.
    pub interval: u32,
    /// All calls.
    pub calls: Figures,
    /// All calls by point of time, oldest first; points in which no call ended are there too.
    pub points: Vec<Point>,
    /// Calls by scenario, the most first.
    pub scenarios: Vec<ScenarioFigures>,
    /// Steps by version of a block, the most first.
    pub blocks: Vec<BlockFigures>,
    /// What is under more names than are told apart.
    pub others: Others,
}

/// How many ended, and how.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// How many ended.
    pub count: u64,
    /// Of those, how many a failure ended.
    pub failed: u64,
    /// How many were cancelled, mostly because their caller hung up; these have not failed.
    pub cancelled: u64,
    /// Those that failed, by the kind of failure.
    pub failures: BTreeMap<FailureKind, u64>,
    /// How long they took; none where none ended.
    pub latency: Option<Latency>,
}

/// Within how many milliseconds most ended: never told too low, and at most 1/32 too high.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// Half of them.
    pub p50_ms: f64,
    /// 95 of 100.
    pub p95_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
}

/// The calls that ended between one point and the next.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// When it begins.
    pub at: Timestamp,
    /// What ended in it.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The calls of one scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScenarioFigures {
    /// Its name.
    pub scenario: String,
    /// What ended of it.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The steps of one version of a block.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlockFigures {
    /// The block, as `id@version`.
    pub block: String,
    /// What ended of it.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What is under more names than are told apart, which are 100 of each kind; none where all are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Others {
    /// Calls of further scenarios.
    pub scenarios: Option<Figures>,
    /// Steps of further blocks.
    pub blocks: Option<Figures>,
}

impl Summary {
    pub(super) fn of(
        minutes: &[Arc<MinuteKept>],
        query: StatisticsQuery,
        since: Timestamp,
        now: Timestamp,
    ) -> Self {
        let interval = query.interval.max(1);
        let step = SignedDuration::from_mins(interval.into());
        let last = beginning(now, interval);
        let points = i32::try_from(query.minutes.div_ceil(interval)).unwrap_or(i32::MAX);
        let from = last - step * (points - 1).max(0);
        let (mut calls, mut scenarios, mut blocks) =
            (Tally::default(), ByName::default(), ByName::default());
        let mut at: HashMap<Timestamp, Tally> = HashMap::new();
        // The newest first: what runs now keeps its name where there are too many.
        for minute in minutes.iter().rev().filter(|minute| minute.at >= from) {
            calls.add_all(&minute.calls);
            at.entry(beginning(minute.at, interval)).or_default().add_all(&minute.calls);
            scenarios.add_all(&minute.scenarios);
            blocks.add_all(&minute.blocks);
        }
        let mut point = |index: i32| {
            let beginning = from + step * index;
            let figures = at.remove(&beginning).unwrap_or_default();
            Point { at: beginning, figures: (&figures).into() }
        };
        Self {
            from,
            until: now,
            since,
            interval,
            calls: (&calls).into(),
            points: (0..points).map(&mut point).collect(),
            others: Others { scenarios: others(&scenarios), blocks: others(&blocks) },
            scenarios: sorted(scenarios, |scenario, figures| ScenarioFigures { scenario, figures }),
            blocks: sorted(blocks, |block, figures| BlockFigures { block, figures }),
        }
    }
}

fn others(names: &ByName) -> Option<Figures> {
    (names.others.count > 0).then(|| (&names.others).into())
}

/// The most first; those with as many in the order of their names.
fn sorted<T>(names: ByName, told: impl Fn(String, Figures) -> T) -> Vec<T> {
    let mut named: Vec<_> = names.named.into_iter().collect();
    named.sort_unstable_by(|(a, one), (b, other)| {
        other.count.cmp(&one.count).then_with(|| a.cmp(b))
    });
    named.into_iter().map(|(name, tally)| told(name, (&tally).into())).collect()
}

impl From<&Tally> for Figures {
    fn from(tally: &Tally) -> Self {
        let mut failures = tally.failures.clone();
        let cancelled = failures.remove(&FailureKind::Cancelled).unwrap_or_default();
        let ms = |us| milliseconds(std::time::Duration::from_micros(us));
        Self {
            count: tally.count,
            failed: failures.values().sum(),
            cancelled,
            failures,
            latency: tally.percentiles([0.5, 0.95, 0.99]).map(|[p50, p95, p99]| Latency {
                p50_ms: ms(p50),
                p95_ms: ms(p95),
                p99_ms: ms(p99),
            }),
        }
    }
}
