//! The routes in memory, and the choice for a call.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use patchcord_scenario::{Path, Variables};
use serde_json::{Map, Value};

use super::pattern::{Pattern, bare_number};
use super::{Conditions, Route, RouteList, RouteTaken};

/// The routes that calls take. Replaced as a whole.
#[derive(Default)]
pub(crate) struct RouteTable {
    rules: RwLock<Arc<Rules>>,
}

#[derive(Default)]
struct Rules {
    rules: Vec<Rule>,
    default: Option<String>,
}

struct Rule {
    name: String,
    when: Patterns,
    scenario: String,
}

/// The conditions of a route, read once.
pub(super) struct Patterns {
    to: Vec<Pattern>,
    queue: Vec<Pattern>,
    channel: Vec<Pattern>,
}

/// What a call is chosen by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LookedAt {
    to: Option<String>,
    queue: Option<String>,
    channel: Option<String>,
}

impl RouteTable {
    pub(crate) fn new(list: &RouteList) -> Self {
        Self { rules: RwLock::new(Arc::new(Rules::new(list))) }
    }

    pub(crate) fn replace(&self, list: &RouteList) {
        let rules = Arc::new(Rules::new(list));
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The scenario that answers a call; none where no route takes it.
    pub(crate) fn find(&self, call: &LookedAt) -> Option<RouteTaken> {
        let rules = self.rules();
        if let Some(Rule { name, scenario, .. }) = rules.rules.iter().find(|r| r.when.fit(call)) {
            return Some(RouteTaken { route: Some(name.clone()), scenario: scenario.clone() });
        }
        Some(RouteTaken { route: None, scenario: rules.default.clone()? })
    }

    /// Names of the routes that lead to a scenario, the default as `(default)`.
    pub(crate) fn leading_to(&self, scenario: &str) -> Vec<String> {
        let rules = self.rules();
        let leading = rules.rules.iter().filter(|rule| rule.scenario == scenario);
        let default = rules.default.as_deref().filter(|default| *default == scenario);
        let default = default.map(|_| "(default)".to_owned());
        leading.map(|rule| rule.name.clone()).chain(default).collect()
    }
}

impl Rules {
    fn new(list: &RouteList) -> Self {
        let rule = |route: &Route| Rule {
            name: route.name.clone(),
            when: Patterns::new(&route.when),
            scenario: route.scenario.clone(),
        };
        Self { rules: list.routes.iter().map(rule).collect(), default: list.default.clone() }
    }
}

impl Patterns {
    pub(super) fn new(when: &Conditions) -> Self {
        let texts = |texts: &[String]| texts.iter().map(|text| Pattern::text(text)).collect();
        Self {
            to: when.to.iter().map(|text| Pattern::number(text)).collect(),
            queue: texts(&when.queue),
            channel: texts(&when.channel),
        }
    }

    fn fit(&self, call: &LookedAt) -> bool {
        let pairs =
            [(&self.to, &call.to), (&self.queue, &call.queue), (&self.channel, &call.channel)];
        pairs.into_iter().all(|(patterns, value)| {
            let fits = |value: &String| patterns.iter().any(|pattern| pattern.fits(value));
            patterns.is_empty() || value.as_ref().is_some_and(fits)
        })
    }

    /// Whether every call that `other` takes is taken by this one.
    pub(super) fn cover(&self, other: &Self) -> bool {
        let pairs =
            [(&self.to, &other.to), (&self.queue, &other.queue), (&self.channel, &other.channel)];
        pairs.into_iter().all(|(mine, theirs)| {
            let covered = |their: &Pattern| mine.iter().any(|pattern| pattern.covers(their));
            mine.is_empty() || (!theirs.is_empty() && theirs.iter().all(covered))
        })
    }
}

impl LookedAt {
    /// What the variables of a call say.
    ///
    /// # Errors
    /// A variable cannot be taken, and why.
    pub(crate) fn read(variables: &Map<String, Value>) -> Result<Self, String> {
        let variables = Variables::from_call(variables)?;
        let text = |name: &str| -> Option<String> {
            match variables.get(&Path::parse(name).ok()?)? {
                Value::String(text) => Some(text.trim().to_owned()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            }
        };
        let to = text("item.to").map(|to| bare_number(&to));
        Ok(Self { to, queue: text("item.queue"), channel: text("item.channel") })
    }
}

/// For who asks why a call was not taken.
impl fmt::Display for LookedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("to", &self.to), ("queue", &self.queue), ("channel", &self.channel)];
        for (index, (name, value)) in parts.into_iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            match value {
                Some(value) => write!(f, "{comma}item.{name} is `{value}`")?,
                None => write!(f, "{comma}item.{name} is not given")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn table() -> RouteTable {
        let list = json!({
            "routes": [
                { "name": "vip", "when": { "to": "+13175550100", "queue": "vip" }, "scenario": "a" },
                { "name": "sales", "when": { "to": ["+1317*", "+1463*"], "channel": "voice" }, "scenario": "b" },
                { "name": "chat", "when": { "channel": ["chat", "email"] }, "scenario": "c" },
            ],
            "default": "d"
        });
        RouteTable::new(&serde_json::from_value(list).unwrap())
    }

    fn taken(table: &RouteTable, variables: Value) -> Option<(Option<String>, String)> {
        let call = LookedAt::read(variables.as_object().unwrap()).unwrap();
        table.find(&call).map(|taken| (taken.route, taken.scenario))
    }

    #[test]
    fn the_first_route_whose_conditions_all_hold_is_taken() {
        let table = table();
        for (variables, route, scenario) in [
            (json!({"item.to": "+1 317 555 0100", "item.queue": "vip"}), Some("vip"), "a"),
            (json!({"item": {"to": "+13175550100", "channel": "voice"}}), Some("sales"), "b"),
            (json!({"item.to": "tel:+14635550100", "item.channel": "voice"}), Some("sales"), "b"),
            (json!({"item.channel": "email"}), Some("chat"), "c"),
            (json!({"item.channel": "Email"}), None, "d"),
            (json!({"item.to": "+13175550100"}), None, "d"),
            (json!({"item.to": null, "item.queue": ["vip"]}), None, "d"),
            (json!({}), None, "d"),
        ] {
            let expected = Some((route.map(str::to_owned), scenario.to_owned()));
            assert_eq!(taken(&table, variables.clone()), expected, "{variables}");
        }
    }

    #[test]
    fn where_nothing_fits_it_is_said_what_was_looked_at() {
        let table = RouteTable::default();
        assert_eq!(taken(&table, json!({"item.to": "+1"})), None);
        let call = json!({"item.to": "+1 2", "item.queue": 7});
        let call = LookedAt::read(call.as_object().unwrap()).unwrap();
        let told = "item.to is `+12`, item.queue is `7`, item.channel is not given";
        assert_eq!(call.to_string(), told);
        assert!(LookedAt::read(json!({"a b": 1}).as_object().unwrap()).is_err());
    }

    #[test]
    fn what_leads_to_a_scenario_is_known() {
        assert_eq!(table().leading_to("b"), ["sales"]);
        assert_eq!(table().leading_to("d"), ["(default)"]);
        assert_eq!(table().leading_to("e"), Vec::<String>::new());
    }
}
