//! Records that stay in the host: kept as the bytes that the CRM sent, looked into only where somebody asks.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// Records returned by the CRM. Cheap to clone: clones share the records. The default holds none.
#[derive(Debug, Clone, Default)]
pub struct RecordSet {
    records: Arc<[Box<RawValue>]>,
    more: bool,
    age: Option<Duration>,
    stale: bool,
}

impl RecordSet {
    /// Holds `records`, each a JSON object; `more` says whether further ones matched.
    pub fn new(records: Vec<Box<RawValue>>, more: bool) -> Self {
        Self { records: records.into(), more, age: None, stale: false }
    }

    /// The same records, from an answer so old; `stale` says whether the CRM could not give a newer one.
    #[must_use]
    pub fn aged(self, age: Option<Duration>, stale: bool) -> Self {
        Self { age, stale, ..self }
    }

    /// How old the answer is that they come from; none where it is not from a cache.
    pub fn age(&self) -> Option<Duration> {
        self.age
    }

    /// Whether the CRM could not answer, and they are what it said before.
    pub fn stale(&self) -> bool {
        self.stale
    }

    /// Number of records held.
    pub fn count(&self) -> usize {
        self.records.len()
    }

    /// Whether more records matched than are held.
    pub fn more(&self) -> bool {
        self.more
    }

    /// One record as JSON text; none past the end.
    pub fn record(&self, index: usize) -> Option<&str> {
        self.records.get(index).map(|record| record.get())
    }

    /// One column of one record; none where the record or the column is missing.
    pub fn column(&self, index: usize, name: &str) -> Option<Value> {
        serde_json::from_str(self.column_json(index, name)?).ok()
    }

    /// One column of one record as the JSON text that the CRM sent; none where the record or the column is missing.
    /// Other columns are skipped, not parsed.
    pub fn column_json(&self, index: usize, name: &str) -> Option<&str> {
        let mut record = serde_json::Deserializer::from_str(self.record(index)?);
        Column(name).deserialize(&mut record).ok()?.map(RawValue::get)
    }
}

impl serde::Serialize for RecordSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.records.iter())
    }
}

/// Finds one column of a record. Where a name occurs twice the last one counts, as in most JSON parsers.
struct Column<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Column<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, record: D) -> Result<Self::Value, D::Error> {
        record.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Column<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut record: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(wanted) = record.next_key_seed(Is(self.0))? {
            if wanted {
                found = Some(record.next_value()?);
            } else {
                record.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Whether a name is the one that is looked for.
struct Is<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<bool, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn records(texts: &[&str]) -> RecordSet {
        let raw = texts.iter().map(|text| RawValue::from_string((*text).to_owned()).unwrap());
        RecordSet::new(raw.collect(), false)
    }

    #[test]
    fn finds_a_column_and_leaves_the_others_alone() {
        let set = records(&[
            r#"{"a": {"deep": [1, "}"]}, "full\u006eame": "Ann \"A\"", "n": 1.50, "z": null}"#,
            r#"{}"#,
        ]);
        assert_eq!(set.column(0, "fullname"), Some(json!("Ann \"A\"")));
        assert_eq!(set.column_json(0, "fullname"), Some(r#""Ann \"A\"""#));
        assert_eq!(set.column_json(0, "n"), Some("1.50"), "numbers keep their digits");
        assert_eq!(set.column_json(0, "a"), Some(r#"{"deep": [1, "}"]}"#));
        assert_eq!(set.column(0, "z"), Some(Value::Null));
        assert_eq!(set.column(0, "deep"), None);
        assert_eq!(set.column(1, "a"), None);
        assert_eq!(set.column(2, "a"), None);
    }

    #[test]
    fn the_last_of_two_columns_of_one_name_counts() {
        assert_eq!(records(&[r#"{"a": 1, "a": 2}"#]).column(0, "a"), Some(json!(2)));
    }

    #[test]
    fn what_is_no_object_has_no_columns() {
        assert_eq!(records(&["[1]"]).column(0, "a"), None);
    }

    #[test]
    fn is_written_as_the_records_it_holds() {
        let set = records(&[r#"{"n": 1.50}"#, "{}"]);
        assert_eq!(serde_json::to_string(&set).unwrap(), r#"[{"n": 1.50},{}]"#);
    }
}
