//! What a case says that Dynamics 365 and web servers answer, and what they were asked: one script for one run, whichever
//! of its steps asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use patchcord_runtime::{Crm, HostFunction};
use patchcord_scenario::{
    Catalog, FailureKind, FetchError, FetchRequest, Fetched, Layer, StepCall, StepTrace,
};
use serde::Serialize;

use super::fetch::{Asked, FetchAnswer};
use super::file::Case;
use super::placed::Placed;
use crate::rehearsal::{Answers, CannedAnswer, CannedCrm, Question, TracedCall, TracedCrm, Visit};

/// What a step asked and the case does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unanswered {
    /// The step.
    #[serde(flatten)]
    pub at: Visit,
    /// What it asked, for a person: `query of contacts`.
    pub call: String,
}

/// A request of Fetch URL.
#[derive(Debug, Clone, Serialize)]
pub struct FetchedAt {
    /// The step that made it.
    #[serde(flatten)]
    pub at: Visit,
    /// The request.
    #[serde(flatten)]
    pub asked: Asked,
}

/// The answers of one case, and what was asked.
#[derive(Clone)]
pub(super) struct Script(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    answers: Vec<Placed<CannedAnswer>>,
    fetches: Vec<Placed<FetchAnswer>>,
    listening: Vec<(Visit, Arc<TracedCrm>)>,
    fetched: Vec<FetchedAt>,
    unanswered: Vec<Unanswered>,
}

impl Script {
    pub(super) fn of(case: &Case) -> Self {
        let (answers, fetches) = (case.answers.clone(), case.fetches.clone());
        Self(Arc::new(Mutex::new(Inner { answers, fetches, ..Inner::default() })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the case does not answer, in order.
    pub(super) fn unanswered(&self) -> Vec<Unanswered> {
        self.inner().unanswered.clone()
    }

    /// The answers that nobody asked for, each for a person.
    pub(super) fn left(&self) -> Vec<String> {
        let inner = self.inner();
        let answers = inner.answers.iter().filter(|answer| !answer.what.repeat);
        let answers = answers.map(|answer| {
            let CannedAnswer { call, table, .. } = &answer.what;
            let call = call.map_or("any call", HostFunction::name);
            let table = table.as_ref().map(|table| format!(" of {table}")).unwrap_or_default();
            format!("{call}{table}{}", in_step(answer.step.as_deref(), answer.visit))
        });
        let fetches = inner.fetches.iter().filter(|fetch| !fetch.what.repeat).map(|fetch| {
            let method = fetch.what.method.as_deref().unwrap_or("any request");
            let url = fetch.what.url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
            format!("{method}{url}{}", in_step(fetch.step.as_deref(), fetch.visit))
        });
        answers.chain(fetches).collect()
    }

    /// The requests of Fetch URL, in order.
    pub(super) fn fetched(&self) -> Vec<FetchedAt> {
        self.inner().fetched.clone()
    }

    /// The host calls of a step.
    pub(super) fn calls(&self, step: &StepTrace) -> Vec<TracedCall> {
        let at = Visit { step: step.place(), visit: step.visit };
        let inner = self.inner();
        let heard = inner.listening.iter().find(|(there, _)| *there == at);
        heard.map(|(_, traced)| traced.calls(&step.host_calls)).unwrap_or_default()
    }
}

fn in_step(step: Option<&str>, visit: Option<u32>) -> String {
    let step = step.map(|step| format!(" in the step {step}")).unwrap_or_default();
    let visit = visit.map(|visit| format!(", visit {visit}")).unwrap_or_default();
    step + &visit
}

/// Takes the first that fits, which stays where it answers more than once.
fn taken<T: Clone>(
    from: &mut Vec<Placed<T>>,
    fits: impl Fn(&Placed<T>) -> bool,
    repeats: impl Fn(&T) -> bool,
) -> Option<T> {
    let at = from.iter().position(fits)?;
    Some(if repeats(&from[at].what) { from[at].what.clone() } else { from.remove(at).what })
}

#[async_trait]
impl Layer for Script {
    fn over(&self, _crm: Arc<dyn Crm>, call: &StepCall) -> Arc<dyn Crm> {
        let at = Visit { step: call.step.clone(), visit: call.visit };
        let canned = CannedCrm::from(OfStep { script: self.clone(), at: at.clone() });
        let traced = Arc::new(TracedCrm::new(Arc::new(canned)));
        self.inner().listening.push((at, Arc::clone(&traced)));
        traced
    }

    async fn fetch(
        &self,
        _catalog: &dyn Catalog,
        request: FetchRequest,
        step: &str,
        visit: u32,
    ) -> Result<Fetched, FetchError> {
        let (at, asked) = (Visit { step: step.to_owned(), visit }, Asked::of(&request));
        let mut inner = self.inner();
        inner.fetched.push(FetchedAt { at: at.clone(), asked: asked.clone() });
        let fits =
            |fetch: &Placed<FetchAnswer>| fetch.is_at(step, visit) && fetch.what.fits(&asked);
        if let Some(fetch) = taken(&mut inner.fetches, fits, |fetch| fetch.repeat) {
            return fetch.answer();
        }
        let call = format!("{} {}", asked.method, asked.url);
        let message = format!("there is no canned answer for {call}: add one to `fetches`");
        inner.unanswered.push(Unanswered { at, call });
        Err(FetchError { kind: FailureKind::Unavailable, message })
    }
}

/// The script as one step finds it.
struct OfStep {
    script: Script,
    at: Visit,
}

impl Answers for OfStep {
    fn take(&self, question: &Question<'_>) -> Option<CannedAnswer> {
        let mut inner = self.script.inner();
        let fits = |answer: &Placed<CannedAnswer>| {
            answer.is_at(&self.at.step, self.at.visit) && answer.what.fits(question)
        };
        let answer = taken(&mut inner.answers, fits, |answer| answer.repeat);
        if answer.is_none() {
            let call = question.to_string();
            inner.unanswered.push(Unanswered { at: self.at.clone(), call });
        }
        answer
    }
}
