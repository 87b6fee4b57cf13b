//! What a case expected, held against what came of it. The differences are written for whoever has to find the mistake:
//! what was expected, what came, line by line.

use std::collections::BTreeMap;

use patchcord::runtime::{Effect, StepError};
use patchcord::scenario::FailureKind;
use serde::Serialize;
use serde_json::{Map, Value, json};
use similar::{ChangeTag, TextDiff};

use super::cases::{Expected, ExpectedCall, ExpectedFailure, ExpectedPop};
use super::trial::Tried;
use patchcord::rehearsal::{TracedCall, name};

/// Something that is not as expected.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// What differs, such as `variables`.
    pub(crate) what: &'static str,
    /// What was expected and what came, line by line: `-` was expected, `+` came.
    pub(crate) diff: String,
}

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
    let mut found = Vec::new();
    let mut compare = |what, wanted: Value, came: Value| {
        if wanted != came {
            found.push(Difference { what, diff: diff(&wanted, &came) });
        }
    };
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
        let (wanted, came) = calls_as_expected(calls, &done.calls);
        compare("calls", wanted, came);
    }
    if let Some(log) = &expected.log {
        let came: Vec<&Value> = done.log.iter().map(|line| &line["message"]).collect();
        compare("log", json!(log), json!(came));
    }
    found
}

/// Both sides of a failure, made equal where the message holds what it is to hold.
fn failures(wanted: Option<&ExpectedFailure>, came: Option<&Failed>) -> (Value, Value) {
    let came_json = json!(came);
    let Some(wanted) = wanted else {
        return (Value::Null, came_json);
    };
    let message = wanted.message.as_deref().unwrap_or_default();
    match came {
        Some(came) if came.kind == wanted.kind && came.message.contains(message) => {
            (Value::Null, Value::Null)
        }
        _ => (json!({ "kind": wanted.kind, "message": message }), came_json),
    }
}

/// Both sides of the host calls: of each, what the case says of it, equal where the question holds what it is to hold.
fn calls_as_expected(wanted: &[ExpectedCall], came: &[TracedCall]) -> (Value, Value) {
    let all =
        wanted.iter().map(|call| {
            let mut said = Map::from_iter([("call".to_owned(), json!(name(call.call)))]);
            let parts = [("table", &call.table), ("key", &call.key), ("asked", &call.asked)];
            said.extend(parts.into_iter().filter_map(|(part, text)| {
                text.as_ref().map(|text| (part.to_owned(), json!(text)))
            }));
            said
        });
    let all: Vec<Map<String, Value>> = all.collect();
    let like = |(index, call): (usize, &TracedCall)| {
        let mut said = Map::from_iter([("call".to_owned(), json!(name(call.call)))]);
        let parts = [
            ("table", Some(&call.table)),
            ("key", call.key.as_ref()),
            ("asked", Some(&call.asked)),
        ];
        for (part, text) in parts {
            let wanted = all.get(index).map(|wanted| wanted.get(part));
            let Some(text) = text.filter(|_| wanted != Some(None)) else {
                continue;
            };
            let wanted = wanted.flatten().and_then(Value::as_str);
            let holds = part == "asked" && wanted.is_some_and(|wanted| text.contains(wanted));
            let shown = if holds { wanted.unwrap_or(text) } else { text };
            said.insert(part.to_owned(), json!(shown));
        }
        said
    };
    let came: Vec<Map<String, Value>> = came.iter().enumerate().map(like).collect();
    (json!(all), json!(came))
}

fn diff(wanted: &Value, came: &Value) -> String {
    let text = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
    let (wanted, came) = (text(wanted), text(came));
    let diff = TextDiff::from_lines(&wanted, &came);
    let line = |change: similar::Change<&str>| {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        format!("{sign} {}", change.value())
    };
    diff.iter_all_changes().map(line).collect::<String>().trim_end().to_owned()
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

    #[test]
    fn a_difference_is_shown_line_by_line() {
        assert_eq!(
            diff(&json!({"a": 1, "b": 2}), &json!({"a": 1, "b": 3})),
            "  {\n    \"a\": 1,\n-   \"b\": 2\n+   \"b\": 3\n  }"
        );
    }
}
