//! The file with a scenario's test cases: what the call brings, what Dynamics 365 and web servers are made to answer, and
//! what is to come of it.

use std::time::Duration;

use patchcord_scenario::{FailureKind, Path, Problem, Severity, Variables, pointer_to};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::fetch::{ExpectedFetch, FetchAnswer};
use super::placed::Placed;
use crate::invoke::deadline_is_wrong;
use crate::rehearsal::CannedAnswer;
use crate::rehearsal::expected::{self, ExpectedCall, ExpectedPop};
use crate::runs::LONGEST_DEADLINE;

/// Test cases of a scenario.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// Where this file's schema is, for editors.
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    /// File with the scenario's document, from the folder of this file [default: for `NAME.test.json` it is `NAME.json`].
    pub scenario: Option<String>,
    /// The cases. Each runs the scenario once.
    #[schemars(length(min = 1))]
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows, in a sentence.
    pub name: String,
    /// The variables that the call brings: `item.from` and the like.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub variables: Map<String, Value>,
    /// Language of the call [default: en-US].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Milliseconds within which the run is to be answered [default: as for a call that names no deadline].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub deadline_ms: Option<u64>,
    /// What Dynamics 365 answers. Each host call takes the first answer that fits it; an answer is taken once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Placed<CannedAnswer>>,
    /// What web servers answer Fetch URL. Each request takes the first answer that fits it; an answer is taken once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fetches: Vec<Placed<FetchAnswer>>,
    /// What is to come of it.
    pub expect: Expected,
}

/// What is to come of a case. What is left out is not looked at, but for `failure`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The result: what the Exit block says, or `failed`.
    pub result: String,
    /// The failure that ends the run. Left out: it ends at an Exit block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<ExpectedEnd>,
    /// Variables as they are at the end, by path such as `contact.fullname`. Only those that are named are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variables: Option<Map<String, Value>>,
    /// All that the Exit block answers besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Map<String, Value>>,
    /// The record that is shown to the agent; null where none is to be.
    #[serde(default, deserialize_with = "there", skip_serializing_if = "Option::is_none")]
    pub screen_pop: Option<Option<ExpectedPop>>,
    /// The way of the run: each step with its exit, as in `find:no_data`. A step without an exit leaves by any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Vec<String>>,
    /// All host calls, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<Vec<Placed<ExpectedCall>>>,
    /// All requests of Fetch URL, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetches: Option<Vec<Placed<ExpectedFetch>>>,
}

/// The failure that ends a run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedEnd {
    /// The step where it happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The cause, by the name of its exit.
    #[schemars(schema_with = "expected::failure_kinds")]
    pub kind: FailureKind,
    /// Text that the message holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Null says something else than nothing.
fn there<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Option<ExpectedPop>>, D::Error> {
    Option::deserialize(reader).map(Some)
}

impl CaseFile {
    /// Reads a file.
    ///
    /// # Errors
    /// The place of what is wrong in it.
    pub fn parse(text: &[u8]) -> Result<Self, Problem> {
        let mut reader = serde_json::Deserializer::from_slice(text);
        let read: Result<Self, _> = serde_path_to_error::deserialize(&mut reader);
        let file = read.map_err(|error| {
            let pointer = pointer_to(error.path());
            wrong(pointer, error.into_inner().to_string())
        })?;
        reader.end().map_err(|error| wrong(String::new(), error.to_string()))?;
        check(&file.cases)?;
        Ok(file)
    }
}

impl Case {
    /// Every step that it names, with the place where it does.
    pub(super) fn steps(&self) -> impl Iterator<Item = (String, &str)> {
        let expect = &self.expect;
        let answers = placed("/answers", &self.answers);
        let fetches = placed("/fetches", &self.fetches);
        let requests = placed("/expect/requests", expect.requests.as_deref().unwrap_or_default());
        let fetched = placed("/expect/fetches", expect.fetches.as_deref().unwrap_or_default());
        let path = expect.path.iter().flatten().enumerate();
        let path = path.map(|(index, step)| (format!("/expect/path/{index}"), step.as_str()));
        let end = expect.failure.iter().filter_map(|end| end.step.as_deref());
        let end = end.map(|step| ("/expect/failure/step".to_owned(), step));
        answers.chain(fetches).chain(requests).chain(fetched).chain(path).chain(end)
    }
}

fn placed<'a, T>(at: &'a str, list: &'a [Placed<T>]) -> impl Iterator<Item = (String, &'a str)> {
    list.iter()
        .enumerate()
        .filter_map(move |(index, one)| Some((format!("{at}/{index}/step"), one.step.as_deref()?)))
}

/// The JSON Schema of a file of cases, as published in `examples/scenario-cases.schema.json`.
pub fn schema() -> Value {
    schemars::schema_for!(CaseFile).to_value()
}

/// Looks for what a case says and cannot mean.
///
/// # Errors
/// The first, with its place in what holds the cases.
pub(super) fn check(cases: &[Case]) -> Result<(), Problem> {
    if cases.is_empty() {
        return Err(wrong("/cases".to_owned(), "there is no case".to_owned()));
    }
    check_each(cases)
}

/// The same, of cases that may be none.
///
/// # Errors
/// The first, with its place in what holds the cases.
pub(crate) fn check_each(cases: &[Case]) -> Result<(), Problem> {
    for (index, case) in cases.iter().enumerate() {
        let at = format!("/cases/{index}");
        let deadline = case.deadline_ms.map(Duration::from_millis);
        if deadline.is_some_and(|given| given.is_zero() || given > LONGEST_DEADLINE) {
            return Err(wrong(format!("{at}/deadline_ms"), deadline_is_wrong()));
        }
        if let Err(problem) = Variables::from_call(&case.variables) {
            return Err(wrong(format!("{at}/variables"), problem));
        }
        for path in case.expect.variables.iter().flat_map(Map::keys) {
            Path::parse(path)
                .map_err(|problem| wrong(format!("{at}/expect/variables"), problem))?;
        }
    }
    Ok(())
}

pub(crate) fn wrong(pointer: String, message: String) -> Problem {
    Problem { pointer, severity: Severity::Error, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn examples() -> std::path::PathBuf {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
    }

    #[test]
    fn the_schema_is_the_published_one() {
        let path = examples().join("scenario-cases.schema.json");
        let mut now = serde_json::to_string_pretty(&schema()).unwrap();
        now.push('\n');
        if std::env::var_os("PATCHCORD_BLESS").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == now,
            "examples/scenario-cases.schema.json is not the schema of the cases any more; look at the difference after \
             `PATCHCORD_BLESS=1 cargo test --workspace --lib cases::file` and commit it if it is meant"
        );
    }

    #[test]
    fn a_place_is_named_for_whatever_is_wrong() {
        let of = |case: Value| {
            let file = json!({"cases": [{"name": "a", "expect": {"result": "x"}}, case]});
            let problem = CaseFile::parse(file.to_string().as_bytes()).unwrap_err();
            (problem.pointer, problem.message)
        };
        for (case, pointer, told) in [
            (json!({"name": "b"}), "/cases/1", "missing field `expect`"),
            (json!({"name": "b", "expect": {}}), "/cases/1/expect", "missing field `result`"),
            (
                json!({"name": "b", "expect": {"result": "x"}, "answers": [{"tabel": "t"}]}),
                "/cases/1/answers/0",
                "unknown field `tabel`",
            ),
            (
                json!({"name": "b", "expect": {"result": "x"}, "answers": [{"visit": 0}]}),
                "/cases/1/answers/0",
                "counts from 1",
            ),
            (
                json!({"name": "b", "expect": {"result": "x", "requests": [{"call": "qery"}]}}),
                "/cases/1/expect/requests/0/call",
                "unknown variant `qery`",
            ),
            (
                json!({"name": "b", "expect": {"result": "x", "variables": {"a..b": 1}}}),
                "/cases/1/expect/variables",
                "a..b",
            ),
            (
                json!({"name": "b", "expect": {"result": "x"}, "variables": {"a": 1, "a.b": 2}}),
                "/cases/1/variables",
                "`a",
            ),
            (
                json!({"name": "b", "expect": {"result": "x"}, "deadline_ms": 0}),
                "/cases/1/deadline_ms",
                "between 1 and",
            ),
        ] {
            let (place, message) = of(case);
            assert!(place == pointer && message.contains(told), "{place}: {message}");
        }
        let problem = CaseFile::parse(b"{\"cases\": []}").unwrap_err();
        assert_eq!(
            (problem.pointer.as_str(), problem.message.as_str()),
            ("/cases", "there is no case")
        );
        let problem = CaseFile::parse(b"{\n\"cases\": [\n}").unwrap_err();
        assert!(problem.message.contains("line 3"), "{problem}");
    }

    #[test]
    fn the_cases_of_the_examples_keep_the_schema_and_are_read() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let mut read = 0;
        for entry in std::fs::read_dir(examples().join("scenarios")).unwrap() {
            let path = entry.unwrap().path();
            if !path.to_string_lossy().ends_with(".test.json") {
                continue;
            }
            let text = std::fs::read(&path).unwrap();
            let value: Value = serde_json::from_slice(&text).unwrap();
            let errors: Vec<_> =
                validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{}", path.display());
            read += CaseFile::parse(&text).unwrap().cases.len();
        }
        assert!(read > 30, "{read}");
        let wrong = json!({"cases": [{"name": "a", "expect": {"result": "x"}, "answers": [{"tabel": "t"}]}]});
        assert!(!validator.is_valid(&wrong));
    }

    #[test]
    fn no_record_to_show_is_something_else_than_nothing_said() {
        let read = |text: &str| serde_json::from_str::<Expected>(text).unwrap().screen_pop;
        assert_eq!(read(r#"{"result": "x"}"#), None);
        assert_eq!(read(r#"{"result": "x", "screen_pop": null}"#), Some(None));
        let written = serde_json::to_value(
            serde_json::from_str::<Expected>(r#"{"result": "x", "screen_pop": null}"#).unwrap(),
        );
        assert_eq!(written.unwrap(), json!({"result": "x", "screen_pop": null}));
    }
}
