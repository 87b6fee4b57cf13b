//! Callers by their number: a search that finds a number in whatever notation people have stored it. What a notation is,
//! the host knows; the block says where to look.

use crate::dynamics::{Error, Read};
use crate::{EntitySet, RecordSet, host};

/// A table in which to look for a phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Search {
    pub(crate) entity_set: String,
    pub(crate) columns: Vec<String>,
    pub(crate) select: Vec<String>,
    pub(crate) active_only: bool,
}

impl Search {
    /// Looks in these columns of a table, and reads every column of what is found.
    pub fn new<'a>(entity_set: &EntitySet, columns: impl IntoIterator<Item = &'a str>) -> Self {
        let columns = columns.into_iter().map(str::to_owned).collect();
        Self {
            entity_set: entity_set.as_str().into(),
            columns,
            select: Vec::new(),
            active_only: false,
        }
    }

    /// Reads these columns only.
    pub fn select<'a>(self, columns: impl IntoIterator<Item = &'a str>) -> Self {
        Self { select: columns.into_iter().map(str::to_owned).collect(), ..self }
    }

    /// Leaves out records that are not active.
    pub fn active_only(self, active_only: bool) -> Self {
        Self { active_only, ..self }
    }
}

/// What became of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The caller withheld the number, or the text holds none. Dynamics 365 was not asked.
    NoNumber,
    /// No record has the number.
    Nobody,
    /// One record has it.
    One,
    /// Several records of one table have it.
    Several,
}

/// What was found, and where.
#[derive(Debug)]
pub struct Found {
    /// None, one or many.
    pub verdict: Verdict,
    /// Place of the search among those given, the first is 0; none where nobody has the number.
    pub search: Option<usize>,
    /// The records; empty where nobody has the number.
    pub records: RecordSet,
}

/// Looks for a phone number, one request a table, in the order given, until one table knows it. `number` is in any
/// notation: `tel:` or `sip:`, E.164, or national of the account's region. `top` is how many records to read at most; 2
/// is enough to tell one from several. Needs [`Operation::Query`](crate::Operation::Query).
///
/// # Errors
/// [`Error`] with its cause.
pub fn find(number: &str, searches: &[Search], top: u32, read: &Read) -> Result<Found, Error> {
    host::find(number, searches, top, read)
}
