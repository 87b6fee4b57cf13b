//! What CSDL does not say of tables and columns: labels, lengths, choices, states, what goes with
//! what when a row is deleted, which columns are worth an index.
//!
//! `data/details.json` says it of the standard tables. It is laid over whatever document is loaded, by
//! logical names, so an organisation's own document gains by it where it has the standard tables.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{AlternateKey, Ownership, Required, State, Status};

/// The details by the logical name of the table.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Details(HashMap<String, TableDetails>);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TableDetails {
    pub(crate) schema: String,
    pub(crate) label: String,
    pub(crate) plural: String,
    pub(crate) description: String,
    pub(crate) type_code: i32,
    /// The primary name column.
    pub(crate) name: String,
    pub(crate) ownership: Ownership,
    pub(crate) states: BTreeMap<i64, State>,
    pub(crate) statuses: BTreeMap<i64, Status>,
    pub(crate) cascade: Vec<String>,
    pub(crate) restrict: Vec<String>,
    pub(crate) indexes: Vec<String>,
    /// Names and labels of alternate keys, which CSDL knows by their columns only.
    pub(crate) keys: Vec<AlternateKey>,
    /// By logical name.
    pub(crate) columns: HashMap<String, ColumnDetails>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ColumnDetails {
    pub(crate) schema: String,
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) max: Option<usize>,
    pub(crate) memo: bool,
    pub(crate) required: Required,
    pub(crate) readonly: bool,
    pub(crate) kind: Option<Refined>,
    /// Labels of a choice's values; of no (0) and yes (1).
    pub(crate) options: Option<BTreeMap<i64, String>>,
    /// Tables that a lookup without navigation properties points to.
    pub(crate) targets: Vec<String>,
}

/// What a column is, where its type in CSDL leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Refined {
    Money,
    Choices,
}

impl Details {
    pub(crate) fn built_in() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../../data/details.json"))
    }

    pub(crate) fn table(&self, logical: &str) -> Option<&TableDetails> {
        self.0.get(logical)
    }

    /// The details of a column of the first type in `chain` that has any: an activity's own, or those of
    /// every activity.
    pub(crate) fn column<'a>(
        &self,
        chain: impl IntoIterator<Item = &'a str>,
        logical: &str,
    ) -> Option<&ColumnDetails> {
        chain.into_iter().find_map(|name| self.0.get(name)?.columns.get(logical))
    }

    #[cfg(test)]
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&str, &TableDetails)> {
        self.0.iter().map(|(name, table)| (name.as_str(), table))
    }
}
