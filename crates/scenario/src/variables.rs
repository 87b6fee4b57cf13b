//! The variables of a run. Null, missing and empty are three things; types are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use patchcord_runtime::RecordSet;
use serde_json::{Map, Value};

use crate::template::Path;

/// Every variable of a run.
#[derive(Debug, Default, Clone)]
pub struct Variables {
    entries: BTreeMap<String, Variable>,
    /// Names that the call brought and the run has not touched.
    untouched: BTreeSet<String>,
}

#[derive(Debug, Clone)]
enum Variable {
    Json(Value),
    /// An answer of Dynamics 365: shared, because it can be large and is rarely read.
    Text(Arc<str>),
    Recordset { records: RecordSet, cursor: usize },
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
            insert(&mut root, path.name(), path.rest(), value.clone())
                .map_err(|()| format!("`{name}` leads into a variable that is no object"))?;
        }
        let untouched = root.keys().cloned().collect();
        let entries = root.into_iter().map(|(k, v)| (k, Variable::Json(v))).collect();
        Ok(Self { entries, untouched })
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
        self.entries.insert(name.to_owned(), variable);
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

    /// The value at `path`; none where it is missing.
    pub fn get(&self, path: &Path) -> Option<Value> {
        match (self.entries.get(path.name())?, path.rest()) {
            (Variable::Json(value), rest) => walk(value, rest).cloned(),
            (Variable::Text(text), []) => Some(Value::String(text.as_ref().to_owned())),
            (Variable::Text(_), _) => None,
            (Variable::Recordset { records, .. }, []) => serde_json::to_value(records).ok(),
            (Variable::Recordset { records, .. }, [count]) if count == "__count__" => {
                Some(records.count().into())
            }
            (Variable::Recordset { records, cursor }, [column, rest @ ..]) => {
                walk(&records.column(*cursor, column)?, rest).cloned()
            }
        }
    }

    /// Every variable that the run has set, as JSON, but for those whose name begins with `without`.
    pub(crate) fn set_by_run(&self, without: &str) -> Map<String, Value> {
        let ours = |name: &&String| !self.untouched.contains(*name) && !name.starts_with(without);
        let json = |variable: &Variable| match variable {
            Variable::Json(value) => Some(value.clone()),
            Variable::Text(text) => Some(Value::String(text.as_ref().to_owned())),
            Variable::Recordset { records, .. } => serde_json::to_value(records).ok(),
        };
        let names = self.entries.keys().filter(ours);
        names.filter_map(|name| Some((name.clone(), json(&self.entries[name])?))).collect()
    }
}

fn walk<'a>(value: &'a Value, rest: &[String]) -> Option<&'a Value> {
    rest.iter().try_fold(value, |value, segment| match value {
        Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
        other => other.get(segment),
    })
}

fn insert(
    object: &mut Map<String, Value>,
    name: &str,
    rest: &[String],
    value: Value,
) -> Result<(), ()> {
    let Some((next, rest)) = rest.split_first() else {
        match (object.get_mut(name), value) {
            // `item` and `item.from` may both be given, in any order: they are one object.
            (Some(Value::Object(old)), Value::Object(new)) => old.extend(new),
            (_, value) => drop(object.insert(name.to_owned(), value)),
        }
        return Ok(());
    };
    let inner = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
    insert(inner.as_object_mut().ok_or(())?, next, rest, value)
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
    }

    #[test]
    fn a_name_that_leads_nowhere_is_refused() {
        assert!(from(json!({"a": 1, "a.b": 2})).unwrap_err().contains("a.b"));
        assert!(from(json!({"a b": 1})).is_err());
    }

    #[test]
    fn a_recordset_has_a_cursor() {
        let record = |n: u8| RawValue::from_string(format!(r#"{{"n":{n},"o":{{"p":[1]}}}}"#)).unwrap();
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
}
