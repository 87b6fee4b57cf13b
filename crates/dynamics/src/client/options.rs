//! How a read or a write is to be done, beside what is read or written.

use std::time::Duration;

/// What to look for in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query<'a> {
    /// OData options as a designer types them (see [`crate::encode_query_options`]); may be empty.
    OData(&'a str),
    /// A FetchXML document whose entity is the table.
    FetchXml(&'a str),
}

/// How to read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReadOptions {
    /// Pages are followed until so many records are there, or no more match. Without it, the first page is all.
    pub max_records: Option<u32>,
    /// Records a page (`Prefer: odata.maxpagesize`), 5,000 at most. Not sent beside `$top`, which Dataverse would
    /// then not heed ("Page results using OData").
    pub page_size: Option<u32>,
    /// Formatted values, and the table names of lookups, come with the records.
    pub annotations: bool,
    /// Joins an identical read that is under way.
    pub share: bool,
    /// An answer from the cache that is no older will do.
    pub max_age: Option<Duration>,
    /// Where Dynamics 365 is unavailable, throttles or is too slow, an answer from the cache that is no older will do.
    pub stale_for: Option<Duration>,
}

/// How to write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct WriteOptions {
    /// The `@odata.etag` that the record must still have.
    pub etag: Option<String>,
    /// Columns of the written record to return, as in `$select`; empty text for all. Without it, none.
    pub returning: Option<String>,
    /// Applies the organisation's duplicate detection rules.
    pub detect_duplicates: bool,
}
