//! What is counted of calls or of steps: how many ended, which failures ended them, and how long they took.
//!
//! Times fall into buckets, 32 for each power of two, so that minutes can be added up and a percentile of their sum is as exact
//! as that of each: it is never told too low, and too high by no more than 1/32.

use std::collections::BTreeMap;

use histogram::{Bucket, Histogram};
use patchcord_scenario::FailureKind;
use serde::{Deserialize, Serialize};

/// A bucket is no wider than its lower bound divided by 2 to the power of this.
const GROUPING_POWER: u8 = 5;
/// Times are told apart below 2 to the power of this, in microseconds: 17 minutes, which no call takes but one that went on
/// after a crash.
const LARGEST_POWER: u8 = 30;
const LARGEST: u64 = (1 << LARGEST_POWER) - 1;

/// What is counted in a minute that goes on, or of many minutes together.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) failures: BTreeMap<FailureKind, u64>,
    /// None where nothing was counted.
    times: Option<Histogram>,
}

/// A tally that grows no more. It takes little memory: most buckets are empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tallied {
    count: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    failures: BTreeMap<FailureKind, u64>,
    /// Lower bounds of the buckets, in microseconds, and how many times are in each.
    times: Vec<(u32, u32)>,
}

impl Tally {
    /// Counts a call or a step that took so many microseconds.
    pub(super) fn add(&mut self, took_us: u64, failure: Option<FailureKind>) {
        self.count += 1;
        self.put(took_us, 1);
        if let Some(kind) = failure {
            *self.failures.entry(kind).or_default() += 1;
        }
    }

    /// Adds what was tallied elsewhere.
    pub(super) fn add_all(&mut self, other: &Tallied) {
        self.count += other.count;
        for (kind, count) in &other.failures {
            *self.failures.entry(*kind).or_default() += count;
        }
        for (took_us, count) in &other.times {
            self.put((*took_us).into(), (*count).into());
        }
    }

    fn put(&mut self, took_us: u64, count: u64) {
        if self.times.is_none() {
            self.times = Histogram::new(GROUPING_POWER, LARGEST_POWER).ok();
        }
        if let Some(times) = &mut self.times {
            // It fails for what is too large alone.
            times.add(took_us.min(LARGEST), count).ok();
        }
    }

    pub(super) fn tallied(&self) -> Tallied {
        let bucket = |bucket: Bucket| {
            let count = u32::try_from(bucket.count()).unwrap_or(u32::MAX);
            Some((u32::try_from(bucket.start()).ok()?, count)).filter(|(_, count)| *count > 0)
        };
        let times = self.times.as_ref();
        Tallied {
            count: self.count,
            failures: self.failures.clone(),
            times: times.into_iter().flatten().filter_map(bucket).collect(),
        }
    }

    /// The times, in microseconds, within which these parts of all ended; none where nothing did.
    pub(super) fn percentiles<const N: usize>(&self, parts: [f64; N]) -> Option<[u64; N]> {
        let times = self.times.as_ref()?;
        let mut ends = [0; N];
        for (end, part) in ends.iter_mut().zip(parts) {
            *end = times.quantile_bucket(part).ok()??.end();
        }
        Some(ends)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PARTS: [f64; 4] = [0.5, 0.95, 0.99, 1.0];

    /// By definition: the smallest time within which so many of all ended.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a rank of a few hundred"
    )]
    fn exact(sorted: &[u64], part: f64) -> u64 {
        let rank = (part * sorted.len() as f64).ceil() as usize;
        sorted[rank.max(1) - 1]
    }

    proptest! {
        #[test]
        fn a_percentile_is_never_too_low_and_little_too_high(
            times in prop::collection::vec(0..=LARGEST, 1..300), minutes in 1_usize..5,
        ) {
            let mut sum = Tally::default();
            for minute in times.chunks(times.len().div_ceil(minutes)) {
                let mut tally = Tally::default();
                minute.iter().for_each(|time| tally.add(*time, None));
                // As it is kept and read again.
                let text = serde_json::to_string(&tally.tallied()).unwrap();
                sum.add_all(&serde_json::from_str(&text).unwrap());
            }
            let mut sorted = times.clone();
            sorted.sort_unstable();
            let told = sum.percentiles(PARTS).unwrap();
            for (part, told) in PARTS.into_iter().zip(told) {
                let exact = exact(&sorted, part);
                prop_assert!(exact <= told && told <= exact + exact / 32, "{part}: {exact} {told}");
            }
            prop_assert_eq!(sum.count, times.len() as u64);
        }
    }

    #[test]
    fn nothing_has_no_percentiles_and_what_is_too_large_is_the_largest() {
        assert_eq!(Tally::default().percentiles(PARTS), None);
        let mut tally = Tally::default();
        tally.add(u64::MAX, None);
        assert_eq!(tally.percentiles([0.5]), Some([LARGEST]));
    }

    #[test]
    fn failures_are_counted_by_kind_and_added_up() {
        let mut tally = Tally::default();
        for failure in [None, Some(FailureKind::Timeout), Some(FailureKind::Throttled)] {
            tally.add(1_000, failure);
        }
        let kept = tally.tallied();
        assert_eq!(kept.times, [(992, 3)]);
        tally.add_all(&kept);
        assert_eq!(tally.count, 6);
        let twice = [(FailureKind::Timeout, 2), (FailureKind::Throttled, 2)];
        assert_eq!(tally.failures, BTreeMap::from(twice));
    }
}
