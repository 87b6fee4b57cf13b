//! The minutes of a day: the one that goes on, and those that are over, which nobody changes any more. So who reads holds the
//! lock for no longer than it takes to point at them.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::MOST_MINUTES;
use super::minute::{Minute, MinuteKept};

/// Minutes that are over. One in which the host was started again is there once for each start.
const MOST_KEPT: usize = 2 * MOST_MINUTES as usize;
const SPAN: SignedDuration = SignedDuration::from_mins(MOST_MINUTES as i64);

pub(super) struct Window {
    current: Minute,
    /// Oldest first.
    over: VecDeque<Arc<MinuteKept>>,
    /// Those of them that are not on disk yet.
    unwritten: Vec<Arc<MinuteKept>>,
    /// Nothing was counted before.
    since: Timestamp,
}

impl Window {
    pub(super) fn new(now: Timestamp) -> Self {
        let current = Minute::of(now);
        Self { current, over: VecDeque::new(), unwritten: Vec::new(), since: now }
    }

    /// The minute that goes on. Where the clock was put back, it is the one that has gone on since.
    pub(super) fn minute(&mut self, now: Timestamp) -> &mut Minute {
        let next = Minute::of(now);
        if next.at > self.current.at {
            self.end(next);
        }
        &mut self.current
    }

    fn end(&mut self, next: Minute) {
        let ended = std::mem::replace(&mut self.current, next);
        if !ended.is_empty() {
            let ended = Arc::new(ended.kept());
            self.over.push_back(Arc::clone(&ended));
            self.unwritten.push(ended);
        }
        self.forget();
    }

    fn forget(&mut self) {
        let oldest = self.current.at - SPAN;
        let is_old = |minute: &Arc<MinuteKept>| minute.at <= oldest;
        while self.over.front().is_some_and(is_old) || self.over.len() > MOST_KEPT {
            self.over.pop_front();
        }
        // Where the disk takes nothing, memory does not grow.
        self.unwritten.retain(|minute| !is_old(minute));
    }

    /// Takes in what was kept before this process was started, oldest first.
    pub(super) fn take_in(&mut self, before: Vec<MinuteKept>) {
        if let Some(first) = before.first() {
            self.since = self.since.min(first.at);
        }
        for minute in before.into_iter().rev() {
            self.over.push_front(Arc::new(minute));
        }
        self.forget();
    }

    /// The minutes that have ended and are not on disk yet.
    pub(super) fn take_unwritten(&mut self, now: Timestamp) -> Vec<Arc<MinuteKept>> {
        self.minute(now);
        std::mem::take(&mut self.unwritten)
    }

    /// Those that could not be written after all.
    pub(super) fn give_back(&mut self, minutes: Vec<Arc<MinuteKept>>) {
        self.unwritten.splice(0..0, minutes);
        self.forget();
    }

    /// What has been counted in the minute that goes on.
    pub(super) fn so_far(&self) -> Option<MinuteKept> {
        (!self.current.is_empty()).then(|| self.current.kept())
    }

    /// All minutes in which something was counted, oldest first.
    pub(super) fn minutes(&mut self, now: Timestamp) -> Vec<Arc<MinuteKept>> {
        self.minute(now);
        self.over.iter().cloned().chain(self.so_far().map(Arc::new)).collect()
    }

    /// Since when everything has been counted.
    pub(super) fn since(&self, now: Timestamp) -> Timestamp {
        self.since.max(now - SPAN)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::minute::MOST_NAMES;
    use super::super::summary::Summary;
    use super::super::{StatisticsQuery, minute::beginning};
    use super::*;
    use crate::runs::Run;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-26T{time}Z").parse().unwrap()
    }

    fn run(scenario: &str, elapsed_ms: f64, failure: Option<&str>) -> Run {
        let failure = failure.map(|kind| json!({ "step": "find", "kind": kind, "message": "" }));
        let step = |block: &str, failure: &Option<serde_json::Value>| {
            json!({
                "id": "find", "block": block, "title": "", "visit": 1, "exit": null, "failure": failure,
                "started_us": 0, "elapsed_us": 900, "host_calls": [], "log": [],
            })
        };
        serde_json::from_value(json!({
            "run": uuid::Uuid::nil(), "scenario": scenario, "version": 1, "started_at": at("00:00:00"),
            "elapsed_ms": elapsed_ms, "result": "", "failure": failure, "screen_pop": null,
            "steps": [step("a@1.0.0", &None), step("b@1.0.0", &failure)],
        }))
        .unwrap()
    }

    fn told(window: &mut Window, minutes: u32, interval: u32, now: &str) -> Summary {
        let (now, query) = (at(now), StatisticsQuery { minutes, interval });
        Summary::of(&window.minutes(now), query, window.since(now), now)
    }

    fn counts(summary: &Summary) -> Vec<u64> {
        summary.points.iter().map(|point| point.figures.count).collect()
    }

    #[test]
    fn calls_are_counted_in_the_minute_in_which_they_end() {
        let mut window = Window::new(at("11:58:30"));
        for (time, failure) in [
            ("11:58:59", None),
            ("12:00:00", Some("timeout")),
            ("12:00:01", None),
            ("12:02:59", Some("cancelled")),
            // The clock was put back.
            ("12:01:00", None),
        ] {
            window.minute(at(time)).count(&run("greet", 12.0, failure));
        }
        let summary = told(&mut window, 6, 1, "12:03:10");
        assert_eq!(counts(&summary), [1, 0, 2, 0, 2, 0]);
        assert_eq!((summary.from, summary.until), (at("11:58:00"), at("12:03:10")));
        assert_eq!(summary.since, at("11:58:30"));
        assert_eq!(summary.points[2].at, at("12:00:00"));
        assert_eq!(summary.points[1].figures.latency, None);
        let calls = &summary.calls;
        assert_eq!((calls.count, calls.failed, calls.cancelled), (5, 1, 1));
        assert_eq!(summary.scenarios.len(), 1);
        assert_eq!(summary.scenarios[0].figures, *calls);
        let blocks = summary.blocks.iter().map(|it| (&*it.block, it.figures.failed));
        assert_eq!(blocks.collect::<Vec<_>>(), [("a@1.0.0", 0), ("b@1.0.0", 1)]);

        let longer = told(&mut window, 10, 5, "12:03:10");
        assert_eq!((longer.from, counts(&longer)), (at("11:55:00"), vec![1, 4]));
        assert_eq!(counts(&told(&mut window, 2, 1, "12:03:10")), [2, 0]);
    }

    #[test]
    fn a_day_is_kept_and_no_more() {
        let mut window = Window::new(at("00:00:10"));
        window.minute(at("00:00:10")).count(&run("greet", 1.0, None));
        window.minute(at("00:01:10")).count(&run("greet", 1.0, None));
        let day = SignedDuration::from_hours(24);
        let minutes = |window: &mut Window, later: &str| window.minutes(at(later) + day).len();
        assert_eq!(minutes(&mut window, "00:00:00"), 1);
        assert_eq!(minutes(&mut window, "00:00:59"), 1);
        assert_eq!(minutes(&mut window, "00:01:00"), 0);
        assert_eq!(window.since(at("00:01:00") + day), at("00:01:00"));
        assert!(window.take_unwritten(at("00:01:00") + day).is_empty());
    }

    #[test]
    fn a_minute_tells_so_many_names_apart_and_no_more() {
        let mut window = Window::new(at("12:00:00"));
        for number in 0..MOST_NAMES + 3 {
            window.minute(at("12:00:01")).count(&run(&number.to_string(), 1.0, Some("failed")));
        }
        let summary = told(&mut window, 1, 1, "12:00:02");
        assert_eq!(summary.scenarios.len(), MOST_NAMES);
        assert_eq!(summary.calls.count, MOST_NAMES as u64 + 3);
        let others = summary.others.scenarios.unwrap();
        assert_eq!((others.count, others.failed), (3, 3));
        assert_eq!(summary.others.blocks, None);

        // The names of several minutes together are no more either.
        window.minute(at("12:01:00")).count(&run("new", 1.0, None));
        let summary = told(&mut window, 2, 1, "12:01:01");
        assert_eq!(summary.scenarios.len(), MOST_NAMES);
        assert!(summary.scenarios.iter().any(|it| it.scenario == "new"));
        assert_eq!(summary.others.scenarios.unwrap().count, 4);
    }

    #[test]
    fn what_was_kept_before_is_taken_in() {
        let mut before = Window::new(at("11:00:00"));
        before.minute(at("11:00:00")).count(&run("greet", 3.0, None));
        before.minute(at("12:00:10")).count(&run("greet", 5.0, Some("throttled")));
        let kept: Vec<MinuteKept> =
            before.minutes(at("12:00:20")).iter().map(|it| (**it).clone()).collect();
        let text = serde_json::to_string(&kept).unwrap();

        let mut window = Window::new(at("12:00:30"));
        window.minute(at("12:00:31")).count(&run("greet", 1.0, None));
        window.take_in(serde_json::from_str(&text).unwrap());
        let summary = told(&mut window, 61, 1, "12:00:40");
        assert_eq!(summary.since, at("11:00:00"));
        assert_eq!((summary.calls.count, summary.calls.failed), (3, 1));
        assert_eq!(counts(&summary)[60], 2);
        assert!(window.take_unwritten(at("12:00:40")).is_empty());
        assert_eq!(window.take_unwritten(at("12:01:00")).len(), 1);
    }

    #[test]
    fn points_begin_where_the_hands_of_a_clock_are() {
        assert_eq!(beginning(at("12:14:59"), 15), at("12:00:00"));
        assert_eq!(beginning(at("12:15:00"), 15), at("12:15:00"));
        assert_eq!(beginning("1969-12-31T23:59:59Z".parse().unwrap(), 1).as_second(), -60);
    }
}
