//! A record by its name.

use std::fmt;

use crate::{EntitySet, RecordId};

/// A record, named: its table, and its primary key or an alternate key.
///
/// ```
/// use patchcord_block::dynamics::Reference;
///
/// let account = Reference::by("accounts", [("accountnumber", "A'1")]);
/// assert_eq!(account.to_string(), "accounts(accountnumber='A''1')");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub(crate) entity_set: String,
    pub(crate) key: String,
}

impl Reference {
    /// The record with this primary key.
    pub fn new(entity_set: impl AsRef<str>, id: &RecordId) -> Self {
        Self { entity_set: entity_set.as_ref().into(), key: id.as_str().into() }
    }

    /// The record for which the columns of an alternate key have these values.
    pub fn by<'a, V: crate::odata::Literal>(
        entity_set: impl AsRef<str>,
        columns: impl IntoIterator<Item = (&'a str, V)>,
    ) -> Self {
        let column = |(name, value): (&str, V)| format!("{name}={}", value.literal());
        let key: Vec<_> = columns.into_iter().map(column).collect();
        Self { entity_set: entity_set.as_ref().into(), key: key.join(",") }
    }
}

/// As in a Web API URL.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.entity_set, self.key)
    }
}

impl From<(&EntitySet, &RecordId)> for Reference {
    fn from((entity_set, id): (&EntitySet, &RecordId)) -> Self {
        Self::new(entity_set, id)
    }
}
