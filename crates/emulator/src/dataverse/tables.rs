//! The table definitions, read from `data/tables.toml`: which columns there are, of which types,
//! and under which names they are read and written.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value as Json;

use super::definitions::Definitions;
use crate::EmulatorError;

/// The type of a column, as far as checks and SQL differ.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Key,
    Text {
        max: usize,
    },
    Integer,
    BigInteger,
    /// Decimal and money.
    Decimal,
    Boolean,
    DateTime,
    Date,
    Guid,
    /// Labels by value.
    Choice(BTreeMap<i64, String>),
    State,
    Status,
    /// The logical names of the tables it may point to.
    Lookup(Vec<String>),
}

impl Kind {
    /// The type's name in OData messages.
    pub(crate) fn edm(&self) -> &'static str {
        match self {
            Kind::Text { .. } => "Edm.String",
            Kind::Integer | Kind::Choice(_) | Kind::State | Kind::Status => "Edm.Int32",
            Kind::BigInteger => "Edm.Int64",
            Kind::Decimal => "Edm.Decimal",
            Kind::Boolean => "Edm.Boolean",
            Kind::DateTime => "Edm.DateTimeOffset",
            Kind::Date => "Edm.Date",
            Kind::Key | Kind::Guid | Kind::Lookup(_) => "Edm.Guid",
        }
    }

    fn sql(&self) -> &'static str {
        match self {
            Kind::Integer
            | Kind::BigInteger
            | Kind::Boolean
            | Kind::Choice(_)
            | Kind::State
            | Kind::Status => "INTEGER",
            Kind::Decimal => "REAL",
            _ => "TEXT",
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Kind::Text { .. })
    }
}

#[derive(Debug)]
pub(crate) struct Column {
    /// Logical name, `customerid`.
    pub(crate) logical: String,
    /// Name in the Web API and in the database, `_customerid_value`.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Set by the platform: accepted in a body and ignored.
    pub(crate) readonly: bool,
}

/// A single-valued navigation property: how a lookup is written.
#[derive(Debug)]
pub(crate) struct Navigation {
    pub(crate) column: usize,
    pub(crate) target: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) label: String,
    pub(crate) status: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Status {
    pub(crate) label: String,
    pub(crate) state: i64,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) logical: String,
    pub(crate) set: String,
    pub(crate) key: String,
    /// The primary name column.
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) navigations: HashMap<String, Navigation>,
    pub(crate) states: BTreeMap<i64, State>,
    pub(crate) statuses: BTreeMap<i64, Status>,
    /// Not to be written through the API.
    pub(crate) protected: bool,
    /// Lookups whose row goes when the row they point to goes.
    pub(crate) cascade: Vec<String>,
    pub(crate) indexes: Vec<String>,
    pub(crate) by_name: HashMap<String, usize>,
}

impl Table {
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.by_name.get(name).and_then(|at| self.columns.get(*at))
    }

    /// The label of a value: of choices, states, statuses and yes/no columns.
    pub(crate) fn label<'a>(&'a self, kind: &'a Kind, value: &Json) -> Option<&'a str> {
        match kind {
            Kind::Boolean => Some(if value.as_bool()? { "Yes" } else { "No" }),
            Kind::Choice(labels) => labels.get(&value.as_i64()?).map(String::as_str),
            Kind::State => self.states.get(&value.as_i64()?).map(|state| state.label.as_str()),
            Kind::Status => self.statuses.get(&value.as_i64()?).map(|status| status.label.as_str()),
            _ => None,
        }
    }

    /// The navigation property by which `column` points to a row of `target`.
    pub(crate) fn navigation_to(&self, column: &Column, target: &str) -> Option<&str> {
        let mut all = self.navigations.iter();
        let found = all.find(|(_, navigation)| {
            navigation.target == target
                && self.columns.get(navigation.column).is_some_and(|at| at.name == column.name)
        });
        found.map(|(name, _)| name.as_str())
    }

    /// The lookup columns that may point to `target`.
    pub(crate) fn lookups_to<'a>(
        &'a self,
        target: &'a str,
    ) -> impl Iterator<Item = &'a Column> + 'a {
        self.columns.iter().filter(
            move |column| matches!(&column.kind, Kind::Lookup(to) if to.iter().any(|to| to == target)),
        )
    }

    /// The columns of the table in the database with their SQL types. A text column has a twin,
    /// `…__fold`, that holds it in lower case: SQLite compares only ASCII without case, Dataverse
    /// all letters. A lookup has one that says of which table its row is.
    pub(crate) fn physical_columns(&self) -> Vec<(String, &'static str)> {
        let mut columns = Vec::new();
        for column in &self.columns {
            columns.push((column.name.clone(), column.kind.sql()));
            match column.kind {
                Kind::Text { .. } => columns.push((format!("{}__fold", column.name), "TEXT")),
                Kind::Lookup(_) => columns.push((format!("{}__table", column.name), "TEXT")),
                _ => {}
            }
        }
        columns
    }

    pub(crate) fn create_table(&self) -> String {
        let columns = self.physical_columns();
        let columns: Vec<String> =
            columns.into_iter().map(|(name, kind)| format!("\"{name}\" {kind}")).collect();
        format!(
            "CREATE TABLE IF NOT EXISTS \"{}\" ({}, PRIMARY KEY (\"{}\")) STRICT, WITHOUT ROWID",
            self.logical,
            columns.join(", "),
            self.key
        )
    }

    pub(crate) fn create_indexes(&self) -> impl Iterator<Item = String> + '_ {
        let table = &self.logical;
        self.indexes.iter().map(move |name| {
            let text = self.column(name).is_some_and(|column| column.kind.is_text());
            let column = if text { format!("{name}__fold") } else { name.clone() };
            format!("CREATE INDEX IF NOT EXISTS \"{table}.{column}\" ON \"{table}\" (\"{column}\")")
        })
    }
}

/// All tables, found by entity set name or by logical name.
pub(crate) struct Tables(Vec<Table>);

impl Tables {
    pub(crate) fn built_in() -> Result<Self, EmulatorError> {
        Ok(Self(Definitions::built_in()?.build()))
    }

    pub(crate) fn all(&self) -> &[Table] {
        &self.0
    }

    /// Set names are case sensitive, as in Dataverse.
    pub(crate) fn by_set(&self, set: &str) -> Option<&Table> {
        self.0.iter().find(|table| table.set == set)
    }

    pub(crate) fn by_logical(&self, name: &str) -> Option<&Table> {
        self.0.iter().find(|table| table.logical == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_tables_have_their_documented_names_and_lengths() {
        let tables = Tables::built_in().unwrap();
        let contact = tables.by_set("contacts").unwrap();
        assert_eq!(contact.column("firstname").unwrap().kind, Kind::Text { max: 50 });
        assert!(contact.column("_parentcustomerid_value").is_some());
        assert!(contact.navigations.contains_key("parentcustomerid_account"));
        let call = tables.by_set("phonecalls").unwrap();
        assert!(call.navigations.contains_key("regardingobjectid_incident_phonecall"));
        assert!(call.navigations.contains_key("ownerid"));
        assert_eq!(
            tables.by_set("leads").unwrap().column("mobilephone").unwrap().kind,
            Kind::Text { max: 20 }
        );
        assert!(tables.by_set("Contacts").is_none());
    }

    #[test]
    fn every_definition_refers_to_what_exists() {
        let tables = Tables::built_in().unwrap();
        for table in tables.all() {
            assert!(table.column(&table.name).is_some(), "{}", table.logical);
            for index in &table.indexes {
                assert!(table.column(index).is_some(), "{}.{index}", table.logical);
            }
            for navigation in table.navigations.values() {
                assert!(tables.by_logical(&navigation.target).is_some());
            }
            for (value, state) in &table.states {
                assert_eq!(table.statuses[&state.status].state, *value, "{}", table.logical);
            }
        }
    }
}
