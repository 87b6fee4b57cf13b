//! The variables of a run. Null, missing and empty are three things; types are kept.

mod changes;
mod saved;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use patchcord_runtime::RecordSet;
use serde_json::{Map, Value};

pub(crate) use saved::SavedRecords;

use crate::lookup::{column, walk};
use crate::template::Path;

/// Every variable of a run.
#[derive(Debug, Default, Clone)]
pub struct Variables {
    entries: BTreeMap<String, Variable>,
    /// Names that the call brought and the run has not touched.
    untouched: BTreeSet<String>,
    /// What was there before, of those set since somebody asked last.
    before: BTreeMap<String, Option<Variable>>,
}

#[derive(Debug, Clone)]
enum Variable {
    Json(Value),
    /// An answer of Dynamics 365: shared, because it can be large and is rarely read.
    Text(Arc<str>),
    Recordset {
        records: RecordSet,
        cursor: usize,
    },
}

impl Variables {
    /// The variables that a call brings. A dotted name such as `item.from` leads into an object, as it is read.
    ///
    /// # Errors
    /// The name that cannot be taken, and why.
    pub fn from_call(input: &Map<String, Value>) -> Result<Self, String> {
        let mut root = Map::new();
        for (name, value) in input {
            let path = Path::parse(name)?;
            insert(&mut root, path.name(), path.rest(), value.clone()).map_err(|()| {
                format!("`{name}` is given twice, or leads into a variable that is no object")
            })?;
        }
        let untouched = root.keys().cloned().collect();
        let entries = root.into_iter().map(|(k, v)| (k, Variable::Json(v))).collect();
        Ok(Self { entries, untouched, before: BTreeMap::new() })
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: Value) {
        self.put(name, Variable::Json(value));
    }

    pub(crate) fn set_text(&mut self, name: &str, text: Arc<str>) {
        self.put(name, Variable::Text(text));
    }

    /// Sets a recordset, its cursor on the first record.
    pub fn set_recordset(&mut self, name: &str, records: RecordSet) {
        self.put(name, Variable::Recordset { records, cursor: 0 });
    }

    fn put(&mut self, name: &str, variable: Variable) {
        self.untouched.remove(name);
        let before = self.entries.insert(name.to_owned(), variable);
        self.before.entry(name.to_owned()).or_insert(before);
    }

    /// Moves a recordset's cursor on. Says whether it is on a record; none where there is no such recordset.
    pub(crate) fn next_record(&mut self, name: &str) -> Option<bool> {
        match self.entries.get_mut(name)? {
            Variable::Recordset { records, cursor } => {
                *cursor = (*cursor + 1).min(records.count());
                Some(*cursor < records.count())
            }
            _ => None,
        }
    }

    /// Whether the variable of this name is a recordset.
    pub fn is_recordset(&self, name: &str) -> bool {
        matches!(self.entries.get(name), Some(Variable::Recordset { .. }))
    }

    /// The recordset of this name.
    pub(crate) fn recordset(&self, name: &str) -> Option<RecordSet> {
        match self.entries.get(name)? {
            Variable::Recordset { records, .. } => Some(records.clone()),
            _ => None,
        }
    }

    /// Has `name` stand at one record of `records`, whatever became of it since. Moving a cursor is no change.
    pub(crate) fn place_cursor(&mut self, name: &str, records: &RecordSet, cursor: usize) {
        self.untouched.remove(name);
        let variable = Variable::Recordset { records: records.clone(), cursor };
        self.entries.insert(name.to_owned(), variable);
    }

    /// The value at `path`; none where it is missing.
    pub fn get(&self, path: &Path) -> Option<Value> {
        match (self.entries.get(path.name())?, path.rest()) {
            (Variable::Json(value), rest) => walk(value, rest).map(Cow::into_owned),
            (Variable::Text(text), []) => Some(Value::String(text.as_ref().to_owned())),
            (Variable::Text(_), _) => None,
            (Variable::Recordset { records, .. }, []) => serde_json::to_value(records).ok(),
            (Variable::Recordset { records, .. }, [count]) if count == "__count__" => {
                Some(records.count().into())
            }
            (Variable::Recordset { records, cursor }, rest) => {
                let get = |name: &str| records.column(*cursor, name).map(Cow::Owned);
                column(get, rest).map(Cow::into_owned)
            }
        }
    }

    /// Every variable that the run has set, as JSON, but for those whose name begins with one of `without`.
    pub(crate) fn set_by_run(&self, without: &[&str]) -> Map<String, Value> {
        let ours = |name: &&String| {
            !self.untouched.contains(*name) && !without.iter().any(|start| name.starts_with(start))
        };
        let json = |variable: &Variable| match variable {
            Variable::Json(value) => Some(value.clone()),
            Variable::Text(text) => Some(Value::String(text.as_ref().to_owned())),
            Variable::Recordset { records, .. } => serde_json::to_value(records).ok(),
        };
        let names = self.entries.keys().filter(ours);
        names.filter_map(|name| Some((name.clone(), json(&self.entries[name])?))).collect()
    }
}

/// Puts `value` where `name` and `rest` lead; an object that is there already is added to, nothing is replaced.
fn insert(
    object: &mut Map<String, Value>,
    name: &str,
    rest: &[String],
    value: Value,
) -> Result<(), ()> {
    let nested =
        |value, segment: &String| Value::Object(Map::from_iter([(segment.clone(), value)]));
    merge(object, name, rest.iter().rev().fold(value, nested))
}

fn merge(object: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), ()> {
    match (object.get_mut(name), value) {
        (Some(Value::Object(old)), Value::Object(new)) => {
            new.into_iter().try_for_each(|(name, value)| merge(old, &name, value))
        }
        (Some(_), _) => Err(()),
        (None, value) => {
            object.insert(name.to_owned(), value);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use serde_json::value::RawValue;

    fn get(variables: &Variables, path: &str) -> Option<Value> {
        variables.get(&Path::parse(path).unwrap())
    }

    fn from(input: Value) -> Result<Variables, String> {
        Variables::from_call(input.as_object().unwrap())
    }

    #[test]
    fn dotted_names_lead_into_objects() {
        let variables = from(json!({"item.from": "+1", "item": {"DNIS": "2"}, "x": null})).unwrap();
        assert_eq!(get(&variables, "item.from"), Some(json!("+1")));
        assert_eq!(get(&variables, "item.DNIS"), Some(json!("2")));
        assert_eq!(get(&variables, "x"), Some(Value::Null));
        assert_eq!(get(&variables, "y"), None);
        let variables = from(json!({"a.b.c": 1, "a": {"b": {"d": 2}}})).unwrap();
        assert_eq!(get(&variables, "a"), Some(json!({"b": {"c": 1, "d": 2}})));
    }

    #[test]
    fn a_name_that_leads_nowhere_is_refused() {
        assert!(from(json!({"a": 1, "a.b": 2})).unwrap_err().contains("a.b"));
        assert!(from(json!({"a b": 1})).is_err());
        assert!(from(json!({"a.b": 2, "a": 1})).unwrap_err().contains("`a`"));
        assert!(from(json!({"a.b": 2, "a": {"b": 1}})).is_err());
        let endless = vec!["a"; 100_000].join(".");
        assert!(from(Value::Object(Map::from_iter([(endless, json!(1))]))).is_err());
    }

    #[test]
    fn a_recordset_has_a_cursor() {
        let record =
            |n: u8| RawValue::from_string(format!(r#"{{"n":{n},"o":{{"p":[1]}}}}"#)).unwrap();
        let mut variables = Variables::default();
        variables.set_recordset("RS", RecordSet::new(vec![record(1), record(2)], false));
        assert_eq!(get(&variables, "RS.__count__"), Some(json!(2)));
        assert_eq!(get(&variables, "RS.n"), Some(json!(1)));
        assert_eq!(get(&variables, "RS.o.p.0"), Some(json!(1)));
        assert_eq!(variables.next_record("RS"), Some(true));
        assert_eq!(get(&variables, "RS.n"), Some(json!(2)));
        assert_eq!(variables.next_record("RS"), Some(false));
        assert_eq!(variables.next_record("RS"), Some(false));
        assert_eq!(get(&variables, "RS.n"), None);
        assert_eq!(variables.next_record("other"), None);
    }

    #[test]
    fn an_annotation_is_a_column() {
        let record = r#"{"s": 1, "s@OData.Community.Display.V1.FormattedValue": "Active"}"#;
        let record = RawValue::from_string(record.to_owned()).unwrap();
        let mut variables = Variables::default();
        variables.set_recordset("RS", RecordSet::new(vec![record], false));
        let annotation = "RS.s@OData.Community.Display.V1.FormattedValue";
        assert_eq!(get(&variables, annotation), Some(json!("Active")));
    }
}
