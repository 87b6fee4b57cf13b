//! Records that stay in the host: kept as the bytes that the CRM sent, looked into only where somebody asks.

use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

/// Records returned by the CRM. Cheap to clone: clones share the records.
#[derive(Debug, Clone)]
pub struct RecordSet {
    records: Arc<[Box<RawValue>]>,
    more: bool,
}

impl RecordSet {
    /// Holds `records`, each a JSON object; `more` says whether further ones matched.
    pub fn new(records: Vec<Box<RawValue>>, more: bool) -> Self {
        Self { records: records.into(), more }
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
        let record: serde_json::Map<String, Value> =
            serde_json::from_str(self.record(index)?).ok()?;
        record.get(name).cloned()
    }
}

impl serde::Serialize for RecordSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.records.iter())
    }
}
