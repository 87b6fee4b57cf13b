//! The variables of a run as a checkpoint keeps them: nothing of them is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use patchcord_runtime::RecordSet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Variable, Variables};

#[derive(Serialize, Deserialize)]
struct Saved {
    entries: BTreeMap<String, Entry>,
    untouched: BTreeSet<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    Json(#[serde(with = "crate::deep")] Value),
    Text(String),
    Recordset { records: SavedRecords, cursor: usize },
}

/// Records with all that is known of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SavedRecords {
    records: Vec<Box<RawValue>>,
    more: bool,
    age: Option<Duration>,
    stale: bool,
}

impl From<&RecordSet> for SavedRecords {
    fn from(set: &RecordSet) -> Self {
        let record = |index| RawValue::from_string(set.record(index)?.to_owned()).ok();
        let records = (0..set.count()).filter_map(record).collect();
        Self { records, more: set.more(), age: set.age(), stale: set.stale() }
    }
}

impl From<SavedRecords> for RecordSet {
    fn from(saved: SavedRecords) -> Self {
        Self::new(saved.records, saved.more).aged(saved.age, saved.stale)
    }
}

impl From<&Variable> for Entry {
    fn from(variable: &Variable) -> Self {
        match variable {
            Variable::Json(value) => Self::Json(value.clone()),
            Variable::Text(text) => Self::Text(text.as_ref().to_owned()),
            Variable::Recordset { records, cursor } => {
                Self::Recordset { records: records.into(), cursor: *cursor }
            }
        }
    }
}

impl From<Entry> for Variable {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Json(value) => Self::Json(value),
            Entry::Text(text) => Self::Text(text.into()),
            Entry::Recordset { records, cursor } => {
                Self::Recordset { records: records.into(), cursor }
            }
        }
    }
}

impl Serialize for Variables {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let entries = self.entries.iter().map(|(name, value)| (name.clone(), value.into()));
        Saved { entries: entries.collect(), untouched: self.untouched.clone() }.serialize(out)
    }
}

impl<'de> Deserialize<'de> for Variables {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let Saved { entries, untouched } = Saved::deserialize(reader)?;
        let entries = entries.into_iter().map(|(name, entry)| (name, entry.into())).collect();
        Ok(Self { entries, untouched, before: BTreeMap::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Path;
    use serde_json::json;

    #[test]
    fn everything_comes_back() {
        let call = json!({"item.from": "+1", "x": null});
        let mut variables = Variables::from_call(call.as_object().unwrap()).unwrap();
        variables.set("deep", (0..200).fold(json!(1), |inner, _| json!([inner])));
        variables.set_text("text", "t".into());
        let record = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        let records = vec![record(r#"{"n": 1.50}"#), record(r#"{"n":2}"#)];
        let records = RecordSet::new(records, true).aged(Some(Duration::from_millis(1_500)), true);
        variables.set_recordset("RS", records);
        variables.next_record("RS");
        let text = serde_json::to_string(&variables).unwrap();
        let back: Variables = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), text);
        assert_eq!(back.set_by_run(&[]), variables.set_by_run(&[]));
        assert_eq!(back.get(&Path::parse("RS.n").unwrap()), Some(json!(2)));
        assert_eq!(back.get(&Path::parse("x").unwrap()), Some(Value::Null));
        let Variable::Recordset { records, cursor: 1 } = &back.entries["RS"] else { panic!() };
        assert!(records.more() && records.stale());
        assert_eq!(records.age(), Some(Duration::from_millis(1_500)));
        assert_eq!(records.record(0), Some(r#"{"n": 1.50}"#));
    }
}
