//! What a case of a block expected, held against what came of it.

use std::collections::BTreeMap;

use patchcord::runtime::{Effect, StepError};
use patchcord::scenario::FailureKind;
use serde::Serialize;
use serde_json::{Value, json};

use super::cases::Expected;
use super::trial::Tried;
use patchcord::rehearsal::{
    Difference, Differences, ExpectedCall, ExpectedFailure, ExpectedPop, TracedCall, sides,
};

/// What a block has done, in the words of a case.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Done {
    /// The exit taken; `failed` where it failed.
    pub(crate) exit: String,
    pub(crate) variables: BTreeMap<String, Value>,
    pub(crate) recordsets: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) screen_pop: Option<ExpectedPop>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<Failed>,
    pub(crate) calls: Vec<TracedCall>,
    pub(crate) log: Vec<Value>,
}

/// Why a block failed.
#[derive(Debug, Serialize)]
pub(crate) struct Failed {
    pub(crate) kind: FailureKind,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) backtrace: Vec<String>,
}

impl Done {
    pub(crate) fn of(tried: Tried) -> Self {
        let Tried { invoked, calls } = tried;
        let log = invoked.log.iter().map(|line| json!(line)).collect();
        let mut done = Self { calls, log, ..Self::default() };
        match invoked.result {
            Err(error) => {
                done.exit = "failed".to_owned();
                done.failure = Some(failed(&error));
            }
            Ok(outcome) => {
                done.exit = outcome.exit.unwrap_or_else(|| "next".to_owned());
                outcome.effects.into_iter().for_each(|effect| done.take(effect));
            }
        }
        done
    }

    fn take(&mut self, effect: Effect) {
        match effect {
            Effect::SetVariable { name, value } => drop(self.variables.insert(name, value)),
            Effect::SetRecordset { name, records } => {
                drop(self.recordsets.insert(name, json!(records)));
            }
            Effect::SelectAccount(account) => self.account = Some(account),
            Effect::PopScreen(pop) => self.screen_pop = Some(ExpectedPop::from(&pop)),
        }
    }
}

fn failed(error: &StepError) -> Failed {
    let (message, backtrace) = match error {
        StepError::Crashed { message, backtrace } => (message.clone(), backtrace.clone()),
        error => (error.to_string(), Vec::new()),
    };
    Failed { kind: FailureKind::of(error), message, backtrace }
}

/// Everything in which `done` is not as expected.
pub(crate) fn differences(expected: &Expected, done: &Done) -> Vec<Difference> {
    let mut found = Differences::default();
    let mut compare = |what, wanted: Value, came: Value| found.compare(what, &wanted, &came);
    let failure = expected.failure.as_ref();
    let exit = match failure {
        Some(_) => "failed",
        None => expected.exit.as_deref().unwrap_or("next"),
    };
    compare("exit", json!(exit), json!(done.exit));
    let (wanted, came) = failures(failure, done.failure.as_ref());
    compare("failure", wanted, came);
    if let Some(variables) = &expected.variables {
        compare("variables", json!(variables), json!(done.variables));
    }
    if let Some(recordsets) = &expected.recordsets {
        compare("recordsets", json!(recordsets), json!(done.recordsets));
    }
    if let Some(pop) = &expected.screen_pop {
        compare("screen_pop", json!(pop), json!(done.screen_pop));
    }
    if let Some(account) = &expected.account {
        compare("account", json!(account), json!(done.account));
    }
    if let Some(calls) = &expected.calls {
        let wanted: Vec<_> = calls.iter().map(ExpectedCall::wants).collect();
        let came: Vec<_> = done.calls.iter().map(TracedCall::parts).collect();
        let (wanted, came) = sides(&wanted, &came);
        compare("calls", wanted, came);
    }
    if let Some(log) = &expected.log {
        let came: Vec<&Value> = done.log.iter().map(|line| &line["message"]).collect();
        compare("log", json!(log), json!(came));
    }
    found.found()
}

/// Both sides of a failure, made equal where the message holds what it is to hold.
fn failures(wanted: Option<&ExpectedFailure>, came: Option<&Failed>) -> (Value, Value) {
    let came_json = json!(came);
    let Some(wanted) = wanted else {
        return (Value::Null, came_json);
    };
    match came {
        Some(came) if wanted.is(came.kind, &came.message) => (Value::Null, Value::Null),
        _ => (json!(wanted), came_json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use patchcord::runtime::HostFunction;

    fn done() -> Done {
        Done {
            exit: "next".to_owned(),
            variables: BTreeMap::from([("n".to_owned(), json!(2))]),
            calls: vec![TracedCall {
                call: HostFunction::Query,
                table: "contacts".to_owned(),
                key: None,
                asked: "$filter=a eq 1&$top=2".to_owned(),
                answered: "done".to_owned(),
                failed: false,
            }],
            log: vec![json!({"level": "info", "message": "two"})],
            ..Done::default()
        }
    }

    fn differing(expected: Value) -> Vec<&'static str> {
        let expected: Expected = serde_json::from_value(expected).unwrap();
        differences(&expected, &done()).into_iter().map(|difference| difference.what).collect()
    }

    #[test]
    fn what_a_case_leaves_out_is_not_looked_at() {
        assert_eq!(differing(json!({})), [""; 0]);
        let whole = json!({
            "exit": "next", "variables": {"n": 2}, "recordsets": {}, "log": ["two"],
            "calls": [{"call": "query", "asked": "$filter=a eq 1"}],
        });
        assert_eq!(differing(whole), [""; 0]);
    }

    #[test]
    fn each_difference_is_found() {
        assert_eq!(differing(json!({"exit": "no_data"})), ["exit"]);
        assert_eq!(differing(json!({"variables": {}})), ["variables"]);
        assert_eq!(differing(json!({"recordsets": {"r": []}})), ["recordsets"]);
        assert_eq!(differing(json!({"log": []})), ["log"]);
        assert_eq!(differing(json!({"account": "a"})), ["account"]);
        assert_eq!(
            differing(json!({"screen_pop": {"entity_set": "a", "id": "b"}})),
            ["screen_pop"]
        );
        assert_eq!(differing(json!({"failure": {"kind": "failed"}})), ["exit", "failure"]);
        for calls in
            [json!([]), json!([{"call": "query", "asked": "b eq"}]), json!([{"call": "count"}])]
        {
            assert_eq!(differing(json!({ "calls": calls })), ["calls"], "{calls}");
        }
    }

    #[test]
    fn a_failure_is_known_by_its_kind_and_a_part_of_its_message() {
        let error = StepError::Failed("no such thing: x".to_owned());
        let failed = Done { exit: "failed".to_owned(), failure: Some(failed(&error)), ..done() };
        let of = |expected: Value| differences(&serde_json::from_value(expected).unwrap(), &failed);
        assert!(of(json!({"failure": {"kind": "failed", "message": "thing"}})).is_empty());
        assert_eq!(of(json!({"failure": {"kind": "failed", "message": "thang"}})).len(), 1);
        assert_eq!(of(json!({"failure": {"kind": "timeout"}})).len(), 1);
        assert_eq!(of(json!({})).len(), 2, "nobody expected a failure");
    }
}
