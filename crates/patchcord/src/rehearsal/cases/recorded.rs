//! A test case made of a run: what it was brought and answered is its recording, and what is to come of it is what comes
//! of walking the same version once more.

use patchcord_runtime::HostFunction;
use patchcord_scenario::{Finished, Plan};
use serde_json::{Map, Value};

use super::done::Done;
use super::fetch::{FetchAnswer, FetchFailure};
use super::file::{Case, Expected, ExpectedEnd};
use super::placed::Placed;
use super::{Asked, ExpectedFetch};
use crate::rehearsal::{
    CannedAnswer, CannedFetch, ExpectedCall, Found, RecordedCall, RecordedStep, Recording,
    TracedCall, Visit,
};
use crate::runs::LOCALE;

/// The variable that holds the body of an answer, where a scenario reads it.
const BODY: &str = "integrationResultBody";
/// The one that holds its HTTP status.
const STATUS: &str = "integrationResultCode";

/// What a run was brought and answered, as a case of which nothing is expected yet. `plans` are the scenarios that it
/// walked.
pub(super) fn brought(recording: &Recording, plans: &[&Plan], name: String) -> Case {
    let documents: String =
        plans.iter().filter_map(|plan| serde_json::to_string(plan.scenario()).ok()).collect();
    let reads = |variable: &str| documents.contains(variable);
    let (with_body, with_status) = (reads(BODY), reads(STATUS));
    let answer = |call: &RecordedCall| CannedAnswer {
        body: call.answer.body.clone().filter(|_| with_body),
        status: call.answer.status.filter(|_| with_status),
        ..plain(call)
    };
    let steps = recording.steps.iter();
    let answers = steps.clone().flat_map(|step| {
        let visit = visit(recording, &step.at);
        step.calls
            .iter()
            .filter(|call| reaches(call))
            .map(move |call| placed(&step.at, visit, answer(call)))
    });
    let fetches = steps.flat_map(|step| {
        let visit = visit(recording, &step.at);
        step.fetches.iter().map(move |fetch| {
            let (method, answer) = (fetch.method.clone(), web_answer(&fetch.answer));
            placed(&step.at, visit, FetchAnswer { method: Some(method), ..answer })
        })
    });
    Case {
        name,
        variables: recording.variables.clone(),
        locale: Some(recording.locale.clone()).filter(|locale| locale != LOCALE),
        deadline_ms: None,
        answers: answers.collect(),
        fetches: fetches.collect(),
        expect: Expected::of(String::new()),
    }
}

/// Whether a case needs an answer to it: who has no number is not looked for.
fn reaches(call: &RecordedCall) -> bool {
    call.call != HostFunction::FindByPhone || call.asked.contains(|c: char| c.is_ascii_digit())
}

/// The answer, less what goes without saying.
fn plain(call: &RecordedCall) -> CannedAnswer {
    let mut answer = call.answer.clone();
    let usual = match answer.records.len() {
        0 => Found::Nobody,
        1 => Found::One,
        _ => Found::Several,
    };
    answer.found = answer.found.filter(|found| *found != usual);
    let first = |table: &String| call.table.split(", ").position(|searched| searched == table);
    let first = answer.table.as_ref().and_then(first);
    answer.search = answer.search.filter(|search| Some(*search) != first);
    answer
}

/// The visit, where the run asked something there more than once.
fn visit(recording: &Recording, at: &Visit) -> Option<u32> {
    let same = |step: &&RecordedStep| step.at.step == at.step;
    (recording.steps.iter().filter(same).count() > 1).then_some(at.visit)
}

fn placed<T>(at: &Visit, visit: Option<u32>, what: T) -> Placed<T> {
    Placed { step: Some(at.step.clone()), visit, what }
}

fn web_answer(answer: &CannedFetch) -> FetchAnswer {
    match answer {
        CannedFetch::Answer { status, body } => {
            let status = Some(*status).filter(|status| *status != 200);
            // JSON is easier to read as such, where it comes out the same again.
            let json: Option<Value> = serde_json::from_str(body).ok();
            let same = |json: &Value| serde_json::to_string(json).is_ok_and(|text| text == *body);
            let json = json.filter(|json| !json.is_string() && same(json));
            let body = json.unwrap_or_else(|| body.as_str().into());
            FetchAnswer { status, body, ..FetchAnswer::default() }
        }
        CannedFetch::Error { kind, message } => {
            let error = Some(FetchFailure { kind: *kind, message: message.clone() });
            FetchAnswer { error, ..FetchAnswer::default() }
        }
    }
}

impl Expected {
    fn of(result: String) -> Self {
        Self {
            result,
            failure: None,
            variables: None,
            answer: None,
            screen_pop: None,
            path: None,
            requests: None,
            fetches: None,
        }
    }

    /// All that came of a run. Recordsets are left out: they are what was answered.
    pub(super) fn all_of(done: &Done, finished: &Finished) -> Self {
        let is_recordset = |name: &String| finished.variables.is_recordset(name);
        let variables = done.variables.clone().into_iter().filter(|(name, _)| !is_recordset(name));
        let variables: Map<String, Value> = variables.collect();
        let requests = done.requests.iter().map(|one| Placed {
            step: Some(one.at.step.clone()),
            visit: None,
            what: asked(&one.call),
        });
        let fetches = done.fetches.iter().map(|one| Placed {
            step: Some(one.at.step.clone()),
            visit: None,
            what: fetched(&one.asked),
        });
        let fetches: Vec<_> = fetches.collect();
        Self {
            failure: done.failure.as_ref().map(|failure| ExpectedEnd {
                step: Some(failure.step.clone()),
                kind: failure.kind,
                message: Some(failure.message.clone()),
            }),
            variables: Some(variables).filter(|variables| !variables.is_empty()),
            answer: Some(done.answer.clone()).filter(|answer| !answer.is_empty()),
            screen_pop: Some(done.screen_pop.clone()),
            path: Some(done.steps.iter().map(|step| step.way.clone()).collect()),
            requests: Some(requests.collect()),
            fetches: Some(fetches).filter(|fetches| !fetches.is_empty()),
            ..Self::of(done.result.clone())
        }
    }
}

fn asked(call: &TracedCall) -> ExpectedCall {
    let columns = call.columns();
    let text = Some(call.asked.clone()).filter(|text| columns.is_none() && !text.is_empty());
    ExpectedCall {
        call: call.call,
        table: Some(call.table.clone()).filter(|table| !table.is_empty()),
        key: call.key.clone(),
        asked: text.or_else(|| action(call)),
        columns,
    }
}

/// The name of the action, whose parameters are compared as JSON.
fn action(call: &TracedCall) -> Option<String> {
    let is_action = call.call == HostFunction::Execute;
    is_action.then(|| call.asked.split(' ').next().unwrap_or_default().to_owned())
}

fn fetched(asked: &Asked) -> ExpectedFetch {
    ExpectedFetch {
        method: Some(asked.method.clone()),
        url: Some(asked.url.clone()),
        body: Some(asked.body.clone()).filter(|body| !body.is_null()),
    }
}
