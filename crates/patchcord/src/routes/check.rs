//! What is wrong with a list of routes, each fault with its place.

use std::collections::HashMap;

use patchcord_scenario::{Problem, Severity};

use super::table::Patterns;
use super::{Conditions, RouteList};

/// Routes that a list has at most.
const MOST_ROUTES: usize = 1_000;
/// Values that the conditions of a list have at most, all together: each is held against those before it.
const MOST_VALUES: usize = 10_000;

/// Every problem. `known` says whether there is a published scenario of a name.
pub(crate) fn check(list: &RouteList, known: impl Fn(&str) -> bool) -> Vec<Problem> {
    let values: usize = list.routes.iter().map(|route| values(&route.when).count()).sum();
    if list.routes.len() > MOST_ROUTES || values > MOST_VALUES {
        let message = format!(
            "a list has at most {MOST_ROUTES} routes, with {MOST_VALUES} values all together"
        );
        return vec![error("/routes".into(), message)];
    }
    let mut problems = Vec::new();
    names(list, &mut problems);
    for (index, route) in list.routes.iter().enumerate() {
        conditions(&route.when, &format!("/routes/{index}/when"), &mut problems);
    }
    let routes = list.routes.iter().enumerate();
    let scenarios =
        routes.map(|(index, route)| (format!("/routes/{index}/scenario"), &route.scenario));
    let default = list.default.iter().map(|default| ("/default".to_owned(), default));
    for (pointer, scenario) in scenarios.chain(default).filter(|(_, scenario)| !known(scenario)) {
        let message = format!("there is no published scenario `{scenario}`");
        problems.push(error(pointer, message));
    }
    out_of_reach(list, &mut problems);
    problems
}

fn names(list: &RouteList, problems: &mut Vec<Problem>) {
    let mut seen = HashMap::new();
    for (index, route) in list.routes.iter().enumerate() {
        let pointer = format!("/routes/{index}/name");
        if route.name.trim().is_empty() {
            problems.push(error(pointer.clone(), "a route needs a name"));
        }
        if let Some(first) = seen.insert(route.name.trim(), index) {
            let message = format!("the name `{}` is taken by /routes/{first}", route.name);
            problems.push(error(pointer, message));
        }
    }
}

fn conditions(when: &Conditions, at: &str, problems: &mut Vec<Problem>) {
    if values(when).next().is_none() {
        let message = "a route needs a condition (`to`, `queue` or `channel`); \
            calls that no route takes go to `default`";
        problems.push(error(at.to_owned(), message));
    }
    for (condition, place, value) in values(when) {
        let pointer = format!("{at}/{condition}/{place}");
        let value = value.trim();
        if value.is_empty() {
            problems.push(error(pointer, "an empty value fits no call"));
        } else if condition != "to" && value.contains('*') {
            problems.push(error(pointer, "only a number may end in `*`"));
        } else if value.chars().rev().skip(1).any(|c| c == '*') && !value.starts_with('*') {
            problems.push(error(pointer, "a `*` stands at the end of a number only"));
        }
    }
}

/// Every value with the name of its condition and its place in it.
fn values(when: &Conditions) -> impl Iterator<Item = (&'static str, usize, &String)> {
    let conditions = [("to", &when.to), ("queue", &when.queue), ("channel", &when.channel)];
    conditions.into_iter().flat_map(|(name, values)| {
        values.iter().enumerate().map(move |(place, value)| (name, place, value))
    })
}

/// A route behind a broader one is never taken, which nobody means.
fn out_of_reach(list: &RouteList, problems: &mut Vec<Problem>) {
    let patterns: Vec<Patterns> = list.routes.iter().map(|r| Patterns::new(&r.when)).collect();
    for (index, route) in list.routes.iter().enumerate() {
        let before = patterns[..index].iter().position(|before| before.cover(&patterns[index]));
        if let Some(first) = before {
            let message = format!(
                "no call comes to `{}`: `{}` before it takes them all",
                route.name, list.routes[first].name
            );
            let pointer = format!("/routes/{index}");
            problems.push(Problem { pointer, severity: Severity::Warning, message });
        }
    }
}

fn error(pointer: String, message: impl Into<String>) -> Problem {
    Problem { pointer, severity: Severity::Error, message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Pointer and severity of each problem.
    fn problems(list: Value) -> Vec<(String, Severity)> {
        let list: RouteList = serde_json::from_value(list).unwrap();
        let problems = check(&list, |name| name == "known");
        problems.into_iter().map(|problem| (problem.pointer, problem.severity)).collect()
    }

    fn route(name: &str, when: Value) -> Value {
        json!({ "name": name, "when": when, "scenario": "known" })
    }

    #[test]
    fn a_good_list_has_no_problem() {
        let routes = [
            route("one number", json!({ "to": "+1317*" })),
            route("the rest of it", json!({ "to": "+1*" })),
            route("star code", json!({ "to": "*72" })),
            route("any number", json!({ "to": "*", "queue": "q" })),
        ];
        assert_eq!(problems(json!({ "routes": routes, "default": "known" })), []);
        assert_eq!(problems(json!({})), []);
    }

    #[test]
    fn each_fault_has_its_place() {
        let routes = [
            json!({ "name": "a", "when": {}, "scenario": "unknown" }),
            route("a", json!({ "to": ["", "1*2"], "queue": "sales*" })),
            route(" ", json!({ "channel": "x" })),
        ];
        let error = |pointer: &str| (pointer.to_owned(), Severity::Error);
        let mut found = problems(json!({ "routes": routes, "default": "unknown" }));
        found.retain(|(_, severity)| *severity == Severity::Error);
        let expected = [
            "/routes/1/name",
            "/routes/2/name",
            "/routes/0/when",
            "/routes/1/when/to/0",
            "/routes/1/when/to/1",
            "/routes/1/when/queue/0",
            "/routes/0/scenario",
            "/default",
        ];
        assert_eq!(found, expected.map(error));
    }

    #[test]
    fn a_route_behind_a_broader_one_is_doubtful() {
        let routes = [
            route("broad", json!({ "to": "+1*", "channel": ["voice", "sms"] })),
            route(
                "narrow",
                json!({ "to": ["+1317*", "+14635550100"], "channel": "voice", "queue": "q" }),
            ),
            route("beside", json!({ "to": ["+1317*", "+44*"], "channel": "voice" })),
            route("broader", json!({ "to": "+1*" })),
        ];
        let expected = [("/routes/1".to_owned(), Severity::Warning)];
        assert_eq!(problems(json!({ "routes": routes })), expected);
    }

    #[test]
    fn a_list_has_its_bounds() {
        let many: Vec<Value> = (0..=MOST_ROUTES)
            .map(|n| route(&n.to_string(), json!({ "to": n.to_string() })))
            .collect();
        assert_eq!(problems(json!({ "routes": many })), [("/routes".into(), Severity::Error)]);
        let numbers: Vec<String> = (0..=MOST_VALUES).map(|n| n.to_string()).collect();
        let long = route("long", json!({ "to": numbers }));
        assert_eq!(problems(json!({ "routes": [long] })), [("/routes".into(), Severity::Error)]);
    }
}
