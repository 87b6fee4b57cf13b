//! What a scenario did in a case, in the words of a case, and in what that is not as expected.

use patchcord_scenario::{Failure, Finished, Path, StepTrace, Variables};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::file::{Expected, ExpectedEnd};
use super::script::{FetchedAt, Script};
use crate::rehearsal::difference::{Difference, Differences, Parts, sides};
use crate::rehearsal::{ExpectedPop, TracedCall, Visit};

/// What a scenario did.
#[derive(Debug, Clone, Serialize)]
pub struct Done {
    /// What the Exit block said; `failed` where a failure ended the run.
    pub result: String,
    /// The failure that ended the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The variables that it set, but for the bare answers.
    pub variables: Map<String, Value>,
    /// What the Exit block answered besides.
    pub answer: Map<String, Value>,
    /// The record that was shown to the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_pop: Option<ExpectedPop>,
    /// Its way.
    pub steps: Vec<StepDone>,
    /// Its host calls, in order.
    pub requests: Vec<CallAt>,
    /// Its requests of Fetch URL, in order.
    pub fetches: Vec<FetchedAt>,
}

/// A step that was taken.
#[derive(Debug, Clone, Serialize)]
pub struct StepDone {
    /// The step.
    #[serde(flatten)]
    pub at: Visit,
    /// The step with its exit, as a case names it.
    pub way: String,
    /// Why it did not end well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// A host call.
#[derive(Debug, Clone, Serialize)]
pub struct CallAt {
    /// The step that made it.
    #[serde(flatten)]
    pub at: Visit,
    /// The call.
    #[serde(flatten)]
    pub call: TracedCall,
}

/// A step with its exit, as a case names it: `find:no_data`, `find:catch` where an Exception Handler dealt with its
/// failure, and `known` where the run ended there.
pub(super) fn way(step: &StepTrace) -> String {
    let caught = step.caught_by.as_ref().map(|_| "catch");
    match step.exit.as_deref().or(caught) {
        Some(exit) => format!("{}:{exit}", step.place()),
        None => step.place(),
    }
}

impl Done {
    pub(super) fn of(finished: &Finished, script: &Script) -> Self {
        let at = |step: &StepTrace| Visit { step: step.place(), visit: step.visit };
        let calls = finished.steps.iter().flat_map(|step| {
            let at = at(step);
            script.calls(step).into_iter().map(move |call| CallAt { at: at.clone(), call })
        });
        let failure = |failure: &Failure| format!("{}: {}", failure.kind.exit(), failure.message);
        let steps = finished.steps.iter().map(|step| StepDone {
            at: at(step),
            way: way(step),
            failure: step.failure.as_ref().map(failure),
        });
        Self {
            result: finished.result.clone(),
            failure: finished.failure.clone(),
            variables: finished.set(),
            answer: finished.answer.clone(),
            screen_pop: finished.screen_pop.as_ref().map(ExpectedPop::from),
            steps: steps.collect(),
            requests: calls.collect(),
            fetches: script.fetched(),
        }
    }

    /// Everything in which it is not as expected; `variables` are those at its end.
    pub(super) fn differences(
        &self,
        expected: &Expected,
        variables: &Variables,
    ) -> Vec<Difference> {
        let mut found = Differences::default();
        found.compare("result", &json!(expected.result), &json!(self.result));
        let (wanted, came) = ends(expected.failure.as_ref(), self.failure.as_ref());
        found.compare("failure", &wanted, &came);
        if let Some(wanted) = &expected.variables {
            found.compare("variables", &json!(wanted), &json!(at_paths(wanted, variables)));
        }
        if let Some(answer) = &expected.answer {
            found.compare("answer", &json!(answer), &json!(self.answer));
        }
        if let Some(pop) = &expected.screen_pop {
            found.compare("screen_pop", &json!(pop), &json!(self.screen_pop));
        }
        if let Some(path) = &expected.path {
            let came: Vec<&str> = self.steps.iter().map(|step| step.way.as_str()).collect();
            let (wanted, came) = ways(path, &came);
            found.compare("path", &wanted, &came);
        }
        if let Some(requests) = &expected.requests {
            let wanted: Vec<_> =
                requests.iter().map(|one| [one.wants(), one.what.wants()].concat()).collect();
            let came: Vec<Parts> =
                self.requests.iter().map(|one| at(&one.at, one.call.parts())).collect();
            let (wanted, came) = sides(&wanted, &came);
            found.compare("requests", &wanted, &came);
        }
        if let Some(fetches) = &expected.fetches {
            let wanted: Vec<_> =
                fetches.iter().map(|one| [one.wants(), one.what.wants()].concat()).collect();
            let came: Vec<Parts> =
                self.fetches.iter().map(|one| at(&one.at, one.asked.parts())).collect();
            let (wanted, came) = sides(&wanted, &came);
            found.compare("fetches", &wanted, &came);
        }
        found.found()
    }
}

/// What there is to say of something that a step did, the step first.
fn at(step: &Visit, did: Parts) -> Parts {
    let of_step = [("step".to_owned(), json!(step.step)), ("visit".to_owned(), json!(step.visit))];
    of_step.into_iter().chain(did).collect()
}

/// The values at the paths of which a case speaks, in its order; those that are missing are left out.
fn at_paths(wanted: &Map<String, Value>, variables: &Variables) -> Map<String, Value> {
    let at = |path: &String| Some((path.clone(), variables.get(&Path::parse(path).ok()?)?));
    wanted.keys().filter_map(at).collect()
}

/// Both sides of the failure that ended the run, equal where it is the one that is meant.
fn ends(wanted: Option<&ExpectedEnd>, came: Option<&Failure>) -> (Value, Value) {
    let Some(wanted) = wanted else { return (Value::Null, json!(came)) };
    let is = |came: &Failure| {
        came.kind == wanted.kind
            && wanted.step.as_ref().is_none_or(|step| *step == came.step)
            && came.message.contains(wanted.message.as_deref().unwrap_or_default())
    };
    match came {
        Some(came) if is(came) => (Value::Null, Value::Null),
        _ => (json!(wanted), json!(came)),
    }
}

/// Both sides of the way, equal where a case leaves the exit out.
fn ways(wanted: &[String], came: &[&str]) -> (Value, Value) {
    let like = |(index, came): (usize, &&str)| match wanted.get(index) {
        Some(wanted) if came.split(':').next() == Some(wanted) => wanted.clone(),
        _ => (*came).to_owned(),
    };
    let came: Vec<String> = came.iter().enumerate().map(like).collect();
    (json!(wanted), json!(came))
}

#[cfg(test)]
mod tests {
    use patchcord_scenario::FailureKind;

    use super::*;

    #[test]
    fn a_step_without_an_exit_leaves_by_any() {
        let wanted = ["a".to_owned(), "b:next".to_owned(), "c".to_owned()];
        let (wanted_side, came) = ways(&wanted, &["a:failed", "b:next", "c"]);
        assert_eq!(wanted_side, came);
        let (wanted_side, came) = ways(&wanted, &["a:failed", "b:failed", "c", "d"]);
        assert_eq!(came, json!(["a", "b:failed", "c", "d"]));
        assert_ne!(wanted_side, came);
    }

    #[test]
    fn a_failure_is_known_by_kind_step_and_a_part_of_its_message() {
        let (step, message) = ("find".to_owned(), "no such table: x".to_owned());
        let came = Failure { step, kind: FailureKind::NotFound, message };
        let end = |step: Option<&str>, kind, message: Option<&str>| ExpectedEnd {
            step: step.map(str::to_owned),
            kind,
            message: message.map(str::to_owned),
        };
        let is = |end: &ExpectedEnd| {
            let (wanted, came) = ends(Some(end), Some(&came));
            wanted == came
        };
        assert!(is(&end(None, FailureKind::NotFound, None)));
        assert!(is(&end(Some("find"), FailureKind::NotFound, Some("such table"))));
        assert!(!is(&end(Some("other"), FailureKind::NotFound, None)));
        assert!(!is(&end(None, FailureKind::Timeout, None)));
        assert!(!is(&end(None, FailureKind::NotFound, Some("column"))));
        assert_ne!(ends(None, Some(&came)).1, Value::Null, "nobody expected a failure");
    }
}
