//! How a read may be answered, and what a write is to heed and to give back.

use std::time::Duration;

/// How a read may be answered. Without a say in it: one page, from Dynamics 365, for this block alone. What is said with
/// `None`, such as a property that the designer left out, is left unsaid.
///
/// ```
/// use std::time::Duration;
/// use patchcord_block::dynamics::{self, Read};
///
/// # fn run() -> Result<(), dynamics::Error> {
/// let read = Read::new().max_records(200).max_age(Duration::from_secs(60)).share();
/// let queues = dynamics::query_with("queues", "$select=name", &read)?;
/// if queues.age().is_some() { /* from the cache */ }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Read {
    pub(crate) max_records: Option<u32>,
    pub(crate) page_size: Option<u32>,
    pub(crate) annotations: bool,
    pub(crate) share: bool,
    pub(crate) max_age: Option<Duration>,
    pub(crate) stale_for: Option<Duration>,
}

impl Read {
    /// One page, from Dynamics 365.
    pub fn new() -> Self {
        Self::default()
    }

    /// Follows the pages of Dynamics 365 until so many records are there.
    pub fn max_records(self, count: impl Into<Option<u32>>) -> Self {
        Self { max_records: count.into(), ..self }
    }

    /// Records that one page may hold.
    pub fn page_size(self, count: impl Into<Option<u32>>) -> Self {
        Self { page_size: count.into(), ..self }
    }

    /// Formatted values and the names of looked-up records too: `statuscode@OData.Community.Display.V1.FormattedValue`.
    pub fn annotations(self) -> Self {
        Self { annotations: true, ..self }
    }

    /// Shares one request with identical reads that are under way at the same moment.
    pub fn share(self) -> Self {
        Self { share: true, ..self }
    }

    /// An answer of the host's cache will do that is at most so old.
    pub fn max_age(self, age: impl Into<Option<Duration>>) -> Self {
        Self { max_age: age.into(), ..self }
    }

    /// Where Dynamics 365 is down, throttling or late, an answer will do that is at most so old.
    pub fn stale_for(self, age: impl Into<Option<Duration>>) -> Self {
        Self { stale_for: age.into(), ..self }
    }
}

/// Conditions of a write, and what it is to give back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Write {
    pub(crate) etag: Option<String>,
    pub(crate) returning: Option<String>,
    pub(crate) detect_duplicates: bool,
}

impl Write {
    /// Unconditional, and nothing given back.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only where the record still has this etag (its column `@odata.etag`); otherwise the write fails as a conflict.
    pub fn if_unchanged(self, etag: impl Into<String>) -> Self {
        Self { etag: Some(etag.into()), ..self }
    }

    /// Gives back these columns as they are after the write.
    pub fn returning<'a>(self, columns: impl IntoIterator<Item = &'a str>) -> Self {
        let columns: Vec<_> = columns.into_iter().collect();
        Self { returning: Some(columns.join(",")), ..self }
    }

    /// Lets the duplicate rules of Dynamics 365 refuse the record.
    pub fn detect_duplicates(self) -> Self {
        Self { detect_duplicates: true, ..self }
    }
}
