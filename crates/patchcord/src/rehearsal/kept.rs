//! An answer as a recording holds it while the run is under way: what it shares with the run is not copied. It is written
//! out when nobody waits any more.

use std::sync::Arc;
use std::time::Duration;

use patchcord_runtime::{
    Answer, Created, CrmError, CrmErrorKind, HostFunction, PhoneMatch, RecordSet, Upserted,
};

use super::answer::Found;
use super::written::{WrittenJson, WrittenObject};
use super::{CannedAnswer, CannedError, ErrorKind, Question, RecordedCall};

/// A question, owned.
pub(super) struct KeptQuestion {
    call: HostFunction,
    tables: Vec<String>,
    key: Option<String>,
    asked: String,
    options: String,
}

/// What was answered.
pub(super) enum KeptAnswer {
    Answer {
        value: KeptValue,
        status: Option<u16>,
        body: Arc<str>,
        age: Option<Duration>,
        stale: bool,
    },
    Error(CrmError),
    /// The step ended before an answer came.
    None,
}

/// The value of an answer.
pub(super) enum KeptValue {
    Nothing,
    Records(RecordSet),
    Count(u64),
    Made { id: Option<String>, created: Option<bool>, row: Option<RecordSet> },
    Json(String),
    Found(PhoneMatch),
}

impl From<&RecordSet> for KeptValue {
    fn from(records: &RecordSet) -> Self {
        Self::Records(records.clone())
    }
}

impl From<&u64> for KeptValue {
    fn from(count: &u64) -> Self {
        Self::Count(*count)
    }
}

impl From<&Created> for KeptValue {
    fn from(made: &Created) -> Self {
        Self::Made { id: Some(made.id.clone()), created: None, row: made.row.clone() }
    }
}

impl From<&Upserted> for KeptValue {
    fn from(done: &Upserted) -> Self {
        Self::Made { id: done.id.clone(), created: done.created, row: done.row.clone() }
    }
}

impl From<&Option<RecordSet>> for KeptValue {
    fn from(row: &Option<RecordSet>) -> Self {
        row.as_ref().map_or(Self::Nothing, Self::from)
    }
}

impl From<&()> for KeptValue {
    fn from(_: &()) -> Self {
        Self::Nothing
    }
}

impl From<&String> for KeptValue {
    fn from(json: &String) -> Self {
        Self::Json(json.clone())
    }
}

impl From<&PhoneMatch> for KeptValue {
    fn from(found: &PhoneMatch) -> Self {
        Self::Found(found.clone())
    }
}

impl KeptQuestion {
    pub(super) fn of(question: &Question<'_>) -> Self {
        Self {
            call: question.call,
            tables: question.tables.iter().map(|table| (*table).to_owned()).collect(),
            key: question.key.as_deref().map(str::to_owned),
            asked: question.asked.to_string(),
            options: question.options.clone(),
        }
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>() + self.asked.len() + self.options.len()
    }
}

impl KeptAnswer {
    pub(super) fn of<T>(answered: &Result<Answer<T>, CrmError>) -> Self
    where
        for<'a> KeptValue: From<&'a T>,
    {
        match answered {
            Ok(Answer { value, status, body, age, stale, .. }) => Self::Answer {
                value: value.into(),
                status: *status,
                body: Arc::clone(body),
                age: *age,
                stale: *stale,
            },
            Err(error) => Self::Error(error.clone()),
        }
    }

    /// About how many bytes it takes: records are parts of the body.
    pub(super) fn weight(&self) -> usize {
        let body = match self {
            Self::Answer { body, .. } => body.len(),
            Self::Error(error) => {
                error.message.len() + error.body.as_ref().map_or(0, |body| body.len())
            }
            Self::None => 0,
        };
        size_of::<CannedAnswer>() + 2 * body
    }

    fn written(self, tables: &[String]) -> CannedAnswer {
        match self {
            Self::Answer { value, status, body, age, stale } => CannedAnswer {
                status,
                body: Some(body),
                age_ms: age.map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
                stale,
                ..value.written(tables)
            },
            Self::Error(error) => CannedAnswer { error: Some(error.into()), ..Default::default() },
            Self::None => {
                let message = "no answer had come when the step ended";
                let error = CrmError::local(CrmErrorKind::Timeout, message);
                CannedAnswer { error: Some(error.into()), ..CannedAnswer::default() }
            }
        }
    }
}

impl KeptValue {
    fn written(self, tables: &[String]) -> CannedAnswer {
        let answer = CannedAnswer::default();
        match self {
            Self::Nothing => answer,
            Self::Records(set) => {
                CannedAnswer { records: records(&set), more: set.more(), ..answer }
            }
            Self::Count(count) => CannedAnswer { count: Some(count), ..answer },
            Self::Made { id, created, row } => {
                let records = row.as_ref().map(records).unwrap_or_default();
                CannedAnswer { id, created, records, ..answer }
            }
            Self::Json(json) => CannedAnswer { value: WrittenJson::read(&json), ..answer },
            Self::Found(found) => {
                let (found, search, set) = match found {
                    PhoneMatch::NoNumber => (Found::NoNumber, None, RecordSet::default()),
                    PhoneMatch::Nobody => (Found::Nobody, None, RecordSet::default()),
                    PhoneMatch::One { search, records } => (Found::One, Some(search), records),
                    PhoneMatch::Several { search, records } => {
                        (Found::Several, Some(search), records)
                    }
                };
                CannedAnswer {
                    table: search.and_then(|search| tables.get(search).cloned()),
                    found: Some(found),
                    search,
                    records: records(&set),
                    more: set.more(),
                    ..answer
                }
            }
        }
    }
}

fn records(set: &RecordSet) -> Vec<WrittenObject> {
    (0..set.count()).filter_map(|at| WrittenObject::read(set.record(at)?)).collect()
}

impl From<CrmError> for CannedError {
    fn from(error: CrmError) -> Self {
        let CrmError { kind, status, code, message, body, .. } = error;
        let wait_ms = match kind {
            CrmErrorKind::Throttled(ms) => ms,
            _ => 0,
        };
        Self { kind: ErrorKind::from(kind), status, code, message, wait_ms, body }
    }
}

/// Writes a call out.
pub(super) fn written(question: KeptQuestion, answer: KeptAnswer) -> RecordedCall {
    let KeptQuestion { call, tables, key, asked, options } = question;
    let answer = CannedAnswer { call: Some(call), ..answer.written(&tables) };
    // One table is said as in a file of cases, where it tells what the answer is for.
    let table = answer.table.clone().or_else(|| (tables.len() == 1).then(|| tables[0].clone()));
    let answer = CannedAnswer { table, ..answer };
    RecordedCall { call, table: tables.join(", "), key, asked, options, answer }
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
