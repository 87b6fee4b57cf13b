//! Keeps what a run is answered from outside. On the way of the call nothing is copied but the questions: answers are
//! shared with the run until it is over, and written out afterwards.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use patchcord_runtime::Crm;
use patchcord_scenario::{
    Catalog, Checkpoint, FetchError, FetchRequest, Fetched, Layer, StepCall, StepTrace,
};
use serde_json::{Map, Value};

use super::Question;
use super::interposed::{Between, Interposed};
use super::kept::{KeptAnswer, KeptQuestion, written};
use super::recording::{CannedFetch, RecordedFetch, RecordedStep, Recording, Visit};

/// What one recording holds at most, in bytes: some hundreds of records with all of their columns. Past it the recording is
/// cut.
const MOST_BYTES: usize = 1 << 20;

/// Records one run.
pub(crate) struct Recorder {
    inner: Option<Arc<dyn Layer>>,
    variables: Map<String, Value>,
    locale: String,
    begins: Option<Box<Checkpoint>>,
    tape: Arc<Mutex<Tape>>,
}

/// What has been answered so far.
#[derive(Default)]
struct Tape {
    takes: Vec<Take>,
    bytes: usize,
    cut: Option<Visit>,
}

/// One question, of one step.
struct Take {
    at: Visit,
    asked: Asked,
}

enum Asked {
    Call(KeptQuestion, KeptAnswer),
    Fetch(RecordedFetch),
}

/// What one step is asked through.
struct Head {
    tape: Arc<Mutex<Tape>>,
    at: Visit,
}

fn locked(tape: &Mutex<Tape>) -> MutexGuard<'_, Tape> {
    tape.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recorder {
    /// Records a run that was brought these variables, and goes on from `begins` where it does not begin.
    pub(crate) fn new(
        variables: Map<String, Value>,
        locale: String,
        begins: Option<Checkpoint>,
    ) -> Self {
        let begins = begins.map(Box::new);
        Self { inner: None, variables, locale, begins, tape: Arc::default() }
    }

    /// The same, with a layer between it and what is outside: what that answers is recorded.
    pub(crate) fn over(self, layer: Option<Arc<dyn Layer>>) -> Self {
        Self { inner: layer, ..self }
    }

    /// About how many bytes it holds.
    pub(crate) fn weight(&self) -> usize {
        locked(&self.tape).bytes
    }

    /// Writes the recording out, once the run of this version of `scenario` is over.
    pub(crate) fn recording(&self, scenario: &str, version: u64, steps: &[StepTrace]) -> Recording {
        let Tape { takes, cut, .. } = std::mem::take(&mut *locked(&self.tape));
        let mut recorded: Vec<RecordedStep> = Vec::new();
        for Take { at, asked } in takes {
            if recorded.last().is_none_or(|step| step.at != at) {
                recorded.push(RecordedStep { at, calls: Vec::new(), fetches: Vec::new() });
            }
            let Some(step) = recorded.last_mut() else { continue };
            match asked {
                Asked::Call(question, answer) => step.calls.push(written(question, answer)),
                Asked::Fetch(fetch) => step.fetches.push(fetch),
            }
        }
        let started = steps.iter().filter_map(|step| {
            let (name, version) = step.scenario.as_deref()?.split_once('@')?;
            Some((name.to_owned(), version.parse().ok()?))
        });
        Recording {
            scenario: scenario.to_owned(),
            version,
            started: started.collect(),
            variables: self.variables.clone(),
            locale: self.locale.clone(),
            begins: self.begins.clone(),
            steps: recorded,
            cut,
        }
    }
}

impl Tape {
    /// Keeps a question, unless the recording is cut. Says where.
    fn ask(&mut self, at: &Visit, asked: Asked, bytes: usize) -> Option<usize> {
        if self.cut.is_some() || !self.fits(at, bytes) {
            return None;
        }
        self.takes.push(Take { at: at.clone(), asked });
        Some(self.takes.len() - 1)
    }

    /// Puts in the answer to a question, unless that would be too long.
    fn answer(&mut self, asked: usize, bytes: usize, put: impl FnOnce(&mut Asked)) {
        let Some(at) = self.takes.get(asked).map(|take| take.at.clone()) else { return };
        if self.fits(&at, bytes) {
            put(&mut self.takes[asked].asked);
        } else {
            self.takes.truncate(asked);
        }
    }

    fn fits(&mut self, at: &Visit, bytes: usize) -> bool {
        if self.bytes + bytes > MOST_BYTES {
            self.cut.get_or_insert_with(|| at.clone());
            return false;
        }
        self.bytes += bytes;
        true
    }
}

impl Between for Head {
    fn asks(&self, question: &Question<'_>) -> Option<usize> {
        let question = KeptQuestion::of(question);
        let bytes = question.weight();
        locked(&self.tape).ask(&self.at, Asked::Call(question, KeptAnswer::None), bytes)
    }

    fn answered(&self, asked: usize, answer: KeptAnswer) {
        locked(&self.tape).answer(asked, answer.weight(), |asked| {
            if let Asked::Call(_, kept) = asked {
                *kept = answer;
            }
        });
    }
}

#[async_trait]
impl Layer for Recorder {
    fn over(&self, crm: Arc<dyn Crm>, call: &StepCall) -> Arc<dyn Crm> {
        let crm = match &self.inner {
            Some(inner) => inner.over(crm, call),
            None => crm,
        };
        let at = Visit { step: call.step.clone(), visit: call.visit };
        Arc::new(Interposed { crm, between: Head { tape: Arc::clone(&self.tape), at } })
    }

    async fn fetch(
        &self,
        catalog: &dyn Catalog,
        request: FetchRequest,
        step: &str,
        visit: u32,
    ) -> Result<Fetched, FetchError> {
        let at = Visit { step: step.to_owned(), visit };
        let fetch = RecordedFetch::asked(&request);
        let bytes = size_of::<RecordedFetch>() + fetch.url.len();
        let bytes = bytes + fetch.body.as_ref().map_or(0, String::len);
        let asked = locked(&self.tape).ask(&at, Asked::Fetch(fetch), bytes);
        let fetched = match &self.inner {
            Some(inner) => inner.fetch(catalog, request, step, visit).await,
            None => catalog.fetch(request).await,
        };
        if let Some(asked) = asked {
            let answer = CannedFetch::from(&fetched);
            locked(&self.tape).answer(asked, answer.weight(), |asked| {
                if let Asked::Fetch(fetch) = asked {
                    fetch.answer = answer;
                }
            });
        }
        fetched
    }
}
