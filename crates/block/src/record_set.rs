//! Records that stay in the host. Looking at one copies that one; handing the set on as a recordset copies nothing.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Failure, RecordId, host};

/// The records that a query found.
pub struct RecordSet(host::Records);

impl RecordSet {
    pub(crate) fn new(records: host::Records) -> Self {
        Self(records)
    }

    #[cfg(target_family = "wasm")]
    pub(crate) fn into_host(self) -> host::Records {
        self.0
    }

    /// Number of records held.
    pub fn count(&self) -> u32 {
        self.0.count()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Whether more records matched than are held.
    pub fn more(&self) -> bool {
        self.0.more()
    }

    /// How old the answer is that the records come from, where it came from the host's cache; none where Dynamics 365 was
    /// asked for it.
    pub fn age(&self) -> Option<Duration> {
        self.0.age_ms().map(Duration::from_millis)
    }

    /// Whether Dynamics 365 could not answer, and the records are what it said before.
    pub fn stale(&self) -> bool {
        self.0.stale()
    }

    /// One record, the first is 0; none past the end.
    ///
    /// # Errors
    /// Where the record is not of the shape of `T`.
    pub fn record<T: DeserializeOwned>(&self, index: u32) -> Result<Option<T>, serde_json::Error> {
        self.0.record(index).map(|record| serde_json::from_str(&record)).transpose()
    }

    /// One column of one record; none where the record or the column is missing. A column that Dataverse holds no value
    /// for is `null`.
    pub fn column(&self, index: u32, name: &str) -> Option<Value> {
        serde_json::from_str(&self.0.column(index, name)?).ok()
    }
}

impl fmt::Debug for RecordSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordSet")
            .field("count", &self.count())
            .field("more", &self.more())
            .finish_non_exhaustive()
    }
}

/// One record, which stays in the host like a set of them. What [`Query::first`](crate::dynamics::Query::first) finds.
#[derive(Debug)]
pub struct Record(RecordSet);

impl Record {
    pub(crate) fn first_of(records: RecordSet) -> Option<Self> {
        (!records.is_empty()).then_some(Self(records))
    }

    /// One column; none where it was not read. A column that Dataverse holds no value for is `null`.
    pub fn column(&self, name: &str) -> Option<Value> {
        self.0.column(0, name)
    }

    /// The text of a column; none where it was not read, has no value or holds something else.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.column(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The id that a column holds, such as the primary key `contactid`, or the lookup `_parentcustomerid_value`.
    ///
    /// # Errors
    /// [`Failure::Other`] where the column holds no id.
    pub fn id(&self, name: &str) -> Result<RecordId, Failure> {
        let text = self.text(name).and_then(|text| RecordId::new(text).ok());
        text.ok_or_else(|| Failure::other(format!("the column `{name}` holds no id")))
    }

    /// The record as a Rust type.
    ///
    /// # Errors
    /// Where the record is not of the shape of `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        match self.0.record(0)? {
            Some(record) => Ok(record),
            None => Err(Failure::other("the record is gone from the host")),
        }
    }

    /// The record as a set of one, for [`Outcome::set_recordset`](crate::Outcome::set_recordset).
    pub fn into_set(self) -> RecordSet {
        self.0
    }
}
