//! What a user did in the last window: requests and execution time, in time slices.
//!
//! Slices in place of single requests keep the memory of a user the same however high the limits
//! are. The price: what was done counts up to one slice longer than the window, never shorter, so
//! that no stretch of one window ever holds more than the limit.

use std::collections::VecDeque;
use std::time::Duration;

/// Slices of one window; at the documented 300 seconds a slice is one second.
const SLICES: u32 = 300;

#[derive(Debug, Clone, Copy)]
struct Slice {
    number: u64,
    requests: u64,
    execution_ms: u64,
}

/// A measure of the window that has a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Requests,
    ExecutionMs,
}

#[derive(Debug)]
pub(super) struct Window {
    slice: Duration,
    slices: VecDeque<Slice>,
}

impl Window {
    pub(super) fn new(length: Duration) -> Self {
        Self { slice: length / SLICES, slices: VecDeque::new() }
    }

    fn number(&self, now: Duration) -> u64 {
        u64::try_from(now.as_nanos() / self.slice.as_nanos().max(1)).unwrap_or(u64::MAX)
    }

    /// When everything of a slice has left the window.
    fn left(&self, number: u64) -> Duration {
        let after = number.saturating_add(u64::from(SLICES) + 1);
        Duration::from_nanos(
            u64::try_from(self.slice.as_nanos()).unwrap_or(u64::MAX).saturating_mul(after),
        )
    }

    /// Adds to the slice of `now`, and lets go of what has left the window.
    pub(super) fn add(&mut self, now: Duration, requests: u64, execution_ms: u64) {
        self.forget(now);
        let number = self.number(now);
        match self.slices.back_mut() {
            // A clock that went back adds to what is there.
            Some(last) if last.number >= number => {
                last.requests += requests;
                last.execution_ms += execution_ms;
            }
            _ => self.slices.push_back(Slice { number, requests, execution_ms }),
        }
    }

    pub(super) fn forget(&mut self, now: Duration) {
        while self.slices.front().is_some_and(|first| self.left(first.number) <= now) {
            self.slices.pop_front();
        }
    }

    pub(super) fn total(&self, measure: Measure) -> u64 {
        self.slices.iter().map(|slice| slice.of(measure)).sum()
    }

    /// The first moment from `now` at which the measure is at most `most`, if nothing is added.
    pub(super) fn at_most(&self, now: Duration, measure: Measure, most: u64) -> Duration {
        let mut total = self.total(measure);
        let mut when = now;
        for slice in &self.slices {
            if total <= most {
                break;
            }
            total -= slice.of(measure);
            when = self.left(slice.number).max(now);
        }
        when
    }
}

impl Slice {
    fn of(&self, measure: Measure) -> u64 {
        match measure {
            Measure::Requests => self.requests,
            Measure::ExecutionMs => self.execution_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Duration = Duration::from_secs(300);

    #[test]
    fn what_was_done_leaves_after_one_window_and_at_most_one_slice() {
        let mut window = Window::new(WINDOW);
        window.add(Duration::from_millis(500), 10, 70);
        window.add(Duration::from_secs(100), 5, 30);
        let total = |window: &mut Window, seconds| {
            window.forget(Duration::from_secs(seconds));
            (window.total(Measure::Requests), window.total(Measure::ExecutionMs))
        };
        assert_eq!(total(&mut window, 300), (15, 100));
        assert_eq!(total(&mut window, 301), (5, 30));
        assert_eq!(total(&mut window, 400), (5, 30));
        assert_eq!(total(&mut window, 401), (0, 0));
        assert!(window.slices.is_empty());
    }

    proptest! {
        // The honest promise: at the moment named there is room, and just before there is none.
        #[test]
        fn room_comes_when_it_is_said(
            adds in proptest::collection::vec((0..400_000u64, 1..20u64), 1..50), most in 0..100u64,
        ) {
            let mut adds = adds;
            adds.sort_unstable();
            let mut window = Window::new(WINDOW);
            let mut now = Duration::ZERO;
            for (ms, requests) in adds {
                now = Duration::from_millis(ms);
                window.add(now, requests, 0);
            }
            let when = window.at_most(now, Measure::Requests, most);
            prop_assert!(when <= now + WINDOW + Duration::from_secs(1));
            if when > now {
                window.forget(when - Duration::from_millis(1));
                prop_assert!(window.total(Measure::Requests) > most);
            }
            window.forget(when);
            prop_assert!(window.total(Measure::Requests) <= most);
        }

        #[test]
        fn memory_is_bounded(times in proptest::collection::vec(0..100_000_000u64, 0..2000)) {
            let mut window = Window::new(Duration::from_secs(1));
            let mut times = times;
            times.sort_unstable();
            for nanos in times {
                window.add(Duration::from_nanos(nanos * 100), 1, 1);
                prop_assert!(window.slices.len() <= SLICES as usize + 1);
            }
        }
    }
}
