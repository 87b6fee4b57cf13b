//! The fake host: answers in the order in which they were written down, and a record of what was asked.

use std::cell::{RefCell, RefMut};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::call::Call;
use crate::dynamics::{Error, ErrorKind};
use crate::log::Level;

/// A host for one test. Every call of Dynamics 365 takes the next answer; one that has none left, or an answer of
/// another shape, fails as `unavailable` and says so. Clones are the same host.
#[derive(Debug, Clone, Default)]
pub struct FakeHost(Rc<RefCell<State>>);

#[derive(Debug)]
pub(super) enum Answer {
    Records { rows: Vec<Value>, more: bool, age: Option<Duration>, stale: bool },
    Found { search: usize, rows: Vec<Value> },
    NoNumber,
    Created(String),
    Upserted { id: String, created: bool, row: Option<Value> },
    Counted(u64),
    Value(Value),
    Done,
}

#[derive(Debug)]
pub(super) struct State {
    answers: VecDeque<Result<Answer, Error>>,
    calls: Vec<Call>,
    seed: u64,
    pub(super) log: Vec<(Level, String)>,
    pub(super) run_id: String,
    pub(super) locale: String,
    pub(super) now: u64,
    pub(super) deadline_left: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            answers: VecDeque::new(),
            calls: Vec::new(),
            seed: 1,
            log: Vec::new(),
            run_id: "test-run".into(),
            locale: "en-US".into(),
            // 2026-01-31T10:00:00Z
            now: 1_769_853_600_000,
            deadline_left: 5_000,
        }
    }
}

impl FakeHost {
    /// A host without answers, for a call in `en-US` with five seconds left, at 2026-01-31T10:00:00Z.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers a query or a retrieve with these records.
    #[must_use]
    pub fn finds(self, records: impl IntoIterator<Item = Value>) -> Self {
        self.records(records, false)
    }

    /// Answers a query with these records and says that more of them matched.
    #[must_use]
    pub fn finds_more(self, records: impl IntoIterator<Item = Value>) -> Self {
        self.records(records, true)
    }

    fn records(self, records: impl IntoIterator<Item = Value>, more: bool) -> Self {
        let (rows, age, stale) = (records.into_iter().collect(), None, false);
        self.then(Ok(Answer::Records { rows, more, age, stale }))
    }

    /// Answers a query or a retrieve with these records, from a cache in which they are so old; `stale` says that
    /// Dynamics 365 could not give newer ones.
    #[must_use]
    pub fn finds_aged(
        self,
        records: impl IntoIterator<Item = Value>,
        age: Duration,
        stale: bool,
    ) -> Self {
        let (rows, age) = (records.into_iter().collect(), Some(age));
        self.then(Ok(Answer::Records { rows, more: false, age, stale }))
    }

    /// Answers `phone::find` with these records of the search with this place: none is nobody, two are several.
    #[must_use]
    pub fn finds_caller(self, search: usize, records: impl IntoIterator<Item = Value>) -> Self {
        self.then(Ok(Answer::Found { search, rows: records.into_iter().collect() }))
    }

    /// Answers `phone::find` that there is no number in the text.
    #[must_use]
    pub fn finds_no_number(self) -> Self {
        self.then(Ok(Answer::NoNumber))
    }

    /// Answers a count.
    #[must_use]
    pub fn counts(self, count: u64) -> Self {
        self.then(Ok(Answer::Counted(count)))
    }

    /// Answers an upsert; `row` is what is given back where the block asks for the record.
    #[must_use]
    pub fn upserts(self, id: &str, created: bool, row: Option<Value>) -> Self {
        self.then(Ok(Answer::Upserted { id: id.into(), created, row }))
    }

    /// Answers an action with this JSON, or a write that gives the record back with the record.
    #[must_use]
    pub fn answers(self, value: Value) -> Self {
        self.then(Ok(Answer::Value(value)))
    }

    /// Answers a create with the key of the new record.
    #[must_use]
    pub fn creates(self, id: &str) -> Self {
        self.then(Ok(Answer::Created(id.into())))
    }

    /// Lets an update or a delete succeed.
    #[must_use]
    pub fn succeeds(self) -> Self {
        self.then(Ok(Answer::Done))
    }

    /// Answers as Dataverse does about a record that is not there: 404 with its code 0x80040217.
    #[must_use]
    pub fn misses(self) -> Self {
        self.fails(Error {
            kind: ErrorKind::NotFound,
            status: Some(404),
            code: Some("0x80040217".into()),
            message: "the record does not exist".into(),
        })
    }

    /// Answers any call with this error.
    #[must_use]
    pub fn fails(self, error: Error) -> Self {
        self.then(Err(error))
    }

    /// Sets the time.
    #[must_use]
    pub fn at(self, now: SystemTime) -> Self {
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.state().now = millis(since);
        self
    }

    /// Sets the time until the run must be answered.
    #[must_use]
    pub fn with_deadline_left(self, left: Duration) -> Self {
        self.state().deadline_left = millis(left);
        self
    }

    /// Sets the language of the call.
    #[must_use]
    pub fn with_locale(self, locale: &str) -> Self {
        self.state().locale = locale.into();
        self
    }

    /// The calls of Dynamics 365 so far, in order; without those that the manifest did not allow.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The lines logged so far, in order.
    pub fn log(&self) -> Vec<(Level, String)> {
        self.state().log.clone()
    }

    fn then(self, answer: Result<Answer, Error>) -> Self {
        self.state().answers.push_back(answer);
        self
    }

    pub(super) fn state(&self) -> RefMut<'_, State> {
        self.0.borrow_mut()
    }

    pub(super) fn answer(&self, call: &Call) -> Option<Result<Answer, Error>> {
        let mut state = self.state();
        state.calls.push(call.clone());
        state.answers.pop_front()
    }

    /// The same bytes in every test run, never twice the same within one (xorshift64).
    pub(super) fn random(&self, count: u32) -> Vec<u8> {
        let seed = &mut self.state().seed;
        let next = || {
            *seed ^= *seed << 13;
            *seed ^= *seed >> 7;
            *seed ^= *seed << 17;
            seed.to_le_bytes()[3]
        };
        std::iter::repeat_with(next).take(count.min(4096) as usize).collect()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
