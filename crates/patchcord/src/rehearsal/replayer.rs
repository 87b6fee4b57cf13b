//! Answers a run as another one was answered: each step, by its place and how often the run has come there, gets what was
//! recorded of it. What is asked otherwise is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use patchcord_runtime::{Crm, CrmError, CrmErrorKind};
use patchcord_scenario::{
    Catalog, FailureKind, FetchError, FetchRequest, Fetched, Layer, StepCall,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::interposed::{Between, Interposed};
use super::recording::{RecordedCall, RecordedFetch, RecordedStep, Recording, Visit};
use super::{CannedAnswer, Question};

/// A question to which no answer was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unrecorded {
    /// Which step asked it.
    pub step: String,
    /// How often the run had come there.
    pub visit: u32,
    /// What it asked.
    pub asked: AskedQuestion,
    /// What was asked there when the run was recorded, and has not been asked yet.
    pub recorded: Option<AskedQuestion>,
}

/// A question as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedQuestion {
    /// The host call; of Fetch URL, the method.
    pub call: String,
    /// The table; several are joined by `, `. Of Fetch URL, the address.
    pub table: String,
    /// Key of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Query options, columns, a number, an action with its parameters; of Fetch URL, the body.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub asked: String,
    /// How it is to be answered; of Fetch URL, the parameters of the address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub options: String,
}

/// Answers from a recording.
pub(crate) struct Replayer {
    shared: Arc<Shared>,
    /// What is asked where nothing was recorded; none where that fails.
    otherwise: Option<Arc<dyn Layer>>,
}

struct Shared {
    tape: Mutex<Tape>,
    /// Where the recording was cut.
    cut: Option<Visit>,
}

#[derive(Default)]
struct Tape {
    calls: HashMap<Visit, Vec<RecordedCall>>,
    fetches: HashMap<Visit, Vec<RecordedFetch>>,
    unrecorded: Vec<Unrecorded>,
}

/// What one step is answered by.
struct Head {
    shared: Arc<Shared>,
    at: Visit,
    asks_otherwise: bool,
}

impl Replayer {
    /// Answers from `recording`. What was not recorded goes to `otherwise`, or else fails as *unavailable*.
    pub(crate) fn new(recording: &Recording, otherwise: Option<Arc<dyn Layer>>) -> Self {
        let mut tape = Tape::default();
        for RecordedStep { at, calls, fetches } in recording.steps.clone() {
            tape.calls.entry(at.clone()).or_default().extend(calls);
            tape.fetches.entry(at).or_default().extend(fetches);
        }
        let shared = Shared { tape: Mutex::new(tape), cut: recording.cut.clone() };
        Self { shared: Arc::new(shared), otherwise }
    }

    /// What was asked and was not recorded, in order.
    pub(crate) fn unrecorded(&self) -> Vec<Unrecorded> {
        self.shared.tape().unrecorded.clone()
    }
}

impl Shared {
    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a question that has no answer, and says why it has none. What was asked may be a caller's data, so that the
    /// message says no more than what it was about.
    fn miss(
        &self,
        tape: &mut Tape,
        at: &Visit,
        asked: AskedQuestion,
        recorded: Option<AskedQuestion>,
    ) -> String {
        let about = |question: &AskedQuestion| format!("{} {}", question.call, question.table);
        let was = match (&recorded, &self.cut) {
            (Some(recorded), _) => format!("recorded another {}", about(recorded)),
            (None, None) => "recorded nothing".to_owned(),
            (None, Some(Visit { step, visit })) => {
                format!("the recording had become too long and was cut at `{step}`, visit {visit}")
            }
        };
        let message = format!("the replay has no answer: asked {}; {was}", about(&asked));
        let Visit { step, visit } = at.clone();
        tape.unrecorded.push(Unrecorded { step, visit, asked, recorded });
        message
    }
}

/// The first of `recorded` that `is_it`, which is taken out.
fn take<T>(recorded: Option<&mut Vec<T>>, is_it: impl Fn(&T) -> bool) -> Option<T> {
    let recorded = recorded?;
    let at = recorded.iter().position(is_it)?;
    Some(recorded.remove(at))
}

impl From<&Question<'_>> for AskedQuestion {
    fn from(question: &Question<'_>) -> Self {
        Self {
            call: question.call.name().to_owned(),
            table: question.table(),
            key: question.key.as_deref().map(str::to_owned),
            asked: question.asked.to_string(),
            options: question.options.clone(),
        }
    }
}

impl From<&RecordedCall> for AskedQuestion {
    fn from(recorded: &RecordedCall) -> Self {
        let RecordedCall { call, table, key, asked, options, .. } = recorded.clone();
        Self { call: call.name().to_owned(), table, key, asked, options }
    }
}

impl From<&RecordedFetch> for AskedQuestion {
    fn from(recorded: &RecordedFetch) -> Self {
        let RecordedFetch { method, url, parameters, body, .. } = recorded.clone();
        let parameters = parameters.iter().map(|(name, value)| format!("{name}={value}"));
        let options = parameters.collect::<Vec<_>>().join("&");
        Self { call: method, table: url, key: None, asked: body.unwrap_or_default(), options }
    }
}

impl RecordedCall {
    fn answers(&self, question: &Question<'_>) -> bool {
        self.call == question.call
            && self.table == question.table()
            && self.key.as_deref() == question.key.as_deref()
            && self.options == question.options
            && same(&self.asked, &question.asked)
    }
}

/// Whether two questions are the same: JSON by what it says.
fn same(one: &str, other: &str) -> bool {
    let json = |text: &str| serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    one == other || json(one).is_some_and(|one| json(other) == Some(one))
}

impl Between for Head {
    fn instead(&self, question: &Question<'_>) -> Option<Result<CannedAnswer, CrmError>> {
        let mut tape = self.shared.tape();
        let answers = |call: &RecordedCall| call.answers(question);
        if let Some(call) = take(tape.calls.get_mut(&self.at), answers) {
            return Some(Ok(call.answer));
        }
        let recorded = tape.calls.get(&self.at).and_then(|calls| calls.first());
        let recorded = recorded.map(AskedQuestion::from);
        let message = self.shared.miss(&mut tape, &self.at, question.into(), recorded);
        let refused = || Err(CrmError::local(CrmErrorKind::Unavailable, message));
        (!self.asks_otherwise).then(refused)
    }
}

#[async_trait]
impl Layer for Replayer {
    fn over(&self, crm: Arc<dyn Crm>, call: &StepCall) -> Arc<dyn Crm> {
        let crm = match &self.otherwise {
            Some(otherwise) => otherwise.over(crm, call),
            None => crm,
        };
        let at = Visit { step: call.step.clone(), visit: call.visit };
        let (shared, asks_otherwise) = (Arc::clone(&self.shared), self.otherwise.is_some());
        Arc::new(Interposed { crm, between: Head { shared, at, asks_otherwise } })
    }

    async fn fetch(
        &self,
        catalog: &dyn Catalog,
        request: FetchRequest,
        step: &str,
        visit: u32,
    ) -> Result<Fetched, FetchError> {
        let at = Visit { step: step.to_owned(), visit };
        let asked = RecordedFetch::asked(&request);
        let message = {
            let mut tape = self.shared.tape();
            let answers = |fetch: &RecordedFetch| fetch.asks_the_same(&asked);
            if let Some(fetch) = take(tape.fetches.get_mut(&at), answers) {
                return fetch.answer.into();
            }
            let recorded = tape.fetches.get(&at).and_then(|fetches| fetches.first());
            let recorded = recorded.map(AskedQuestion::from);
            self.shared.miss(&mut tape, &at, AskedQuestion::from(&asked), recorded)
        };
        match &self.otherwise {
            Some(otherwise) => otherwise.fetch(catalog, request, step, visit).await,
            None => Err(FetchError { kind: FailureKind::Unavailable, message }),
        }
    }
}
