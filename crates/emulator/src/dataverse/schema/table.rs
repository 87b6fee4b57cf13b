//! A table as the emulator knows it: its columns, how it is related to others, and what Dataverse
//! says of both.
//!
//! Names come from the CSDL document, everything that CSDL does not say (labels, lengths, choices,
//! states) from the details beside it. A table that has no details works all the same: its texts
//! have no length and its numbers no labels.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value as Json;

/// The type of a column, as far as checks, SQL and answers differ.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// The primary key.
    Key,
    /// Longest length in UTF-16 code units, where it is known.
    Text {
        max: Option<usize>,
        memo: bool,
    },
    Integer,
    BigInteger,
    Decimal,
    Double,
    Money,
    /// Labels of no and yes.
    Boolean([String; 2]),
    DateTime,
    Date,
    Guid,
    /// Labels by value; empty where they are not known, and then any number is taken.
    Choice(BTreeMap<i64, String>),
    /// As `Choice`, several at once, as numbers parted by commas.
    Choices(BTreeMap<i64, String>),
    State,
    Status,
    /// The logical names of the tables it may point to.
    Lookup(Vec<String>),
    /// Base64 on the wire.
    Binary,
}

impl Kind {
    /// The type's name in OData.
    pub(crate) fn edm(&self) -> &'static str {
        match self {
            Kind::Text { .. } | Kind::Choices(_) => "Edm.String",
            Kind::Integer | Kind::Choice(_) | Kind::State | Kind::Status => "Edm.Int32",
            Kind::BigInteger => "Edm.Int64",
            Kind::Decimal | Kind::Money => "Edm.Decimal",
            Kind::Double => "Edm.Double",
            Kind::Boolean(_) => "Edm.Boolean",
            Kind::DateTime => "Edm.DateTimeOffset",
            Kind::Date => "Edm.Date",
            Kind::Key | Kind::Guid | Kind::Lookup(_) => "Edm.Guid",
            Kind::Binary => "Edm.Binary",
        }
    }

    /// The column's declaration in the database. Only what people write is compared without case.
    pub(crate) fn sql(&self) -> &'static str {
        match self {
            Kind::Integer
            | Kind::BigInteger
            | Kind::Boolean(_)
            | Kind::Choice(_)
            | Kind::State
            | Kind::Status => "INTEGER",
            Kind::Decimal | Kind::Double | Kind::Money => "REAL",
            Kind::Text { .. } => "TEXT COLLATE DATAVERSE",
            _ => "TEXT",
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Kind::Text { .. })
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(
            self,
            Kind::Integer | Kind::BigInteger | Kind::Decimal | Kind::Double | Kind::Money
        )
    }

    pub(crate) fn is_time(&self) -> bool {
        matches!(self, Kind::DateTime | Kind::Date)
    }

    /// What it is called in `EntityDefinitions`: the attribute's type.
    pub(crate) fn attribute_type(&self, logical: &str) -> &'static str {
        match self {
            Kind::Key | Kind::Guid => "Uniqueidentifier",
            Kind::Text { memo: true, .. } => "Memo",
            Kind::Text { .. } => "String",
            Kind::Integer => "Integer",
            Kind::BigInteger => "BigInt",
            Kind::Decimal => "Decimal",
            Kind::Double => "Double",
            Kind::Money => "Money",
            Kind::Boolean(_) => "Boolean",
            Kind::DateTime | Kind::Date => "DateTime",
            Kind::Choice(_) => "Picklist",
            Kind::Choices(_) | Kind::Binary => "Virtual",
            Kind::State => "State",
            Kind::Status => "Status",
            Kind::Lookup(_) if logical == "ownerid" => "Owner",
            Kind::Lookup(targets) if is_customer(targets) => "Customer",
            Kind::Lookup(_) => "Lookup",
        }
    }
}

fn is_customer(targets: &[String]) -> bool {
    targets.len() == 2
        && ["account", "contact"].iter().all(|name| targets.iter().any(|t| t == name))
}

/// How much a form asks for a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(crate) enum Required {
    #[default]
    None,
    Recommended,
    Application,
    System,
}

#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// Logical name, `customerid`.
    pub(crate) logical: String,
    /// Name in the Web API and in the database, `_customerid_value`.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Schema name, `CustomerId`; the logical name where it is not known.
    pub(crate) schema: String,
    /// Display name; the schema name where it is not known.
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) required: Required,
    /// Set by the platform: accepted in a body and ignored.
    pub(crate) readonly: bool,
}

impl Column {
    /// Whether the database keeps beside it of which table the row is that it points to.
    pub(crate) fn is_lookup(&self) -> bool {
        matches!(self.kind, Kind::Lookup(_))
    }

    pub(crate) fn targets(&self) -> &[String] {
        match &self.kind {
            Kind::Lookup(targets) => targets,
            _ => &[],
        }
    }
}

/// A single-valued navigation property: how a lookup is written and followed.
#[derive(Debug, Clone)]
pub(crate) struct Navigation {
    /// Index of the lookup column in [`Table::columns`].
    pub(crate) column: usize,
    /// Logical names of the tables it leads to: one, or for an owner users and teams.
    pub(crate) targets: Vec<String>,
    /// The collection-valued property at its other end.
    pub(crate) partner: Option<String>,
    /// Declared by the type that the table's derives from: a phone call has `ownerid` from every
    /// activity beside its own `ownerid_phonecall`.
    pub(crate) inherited: bool,
}

/// A collection-valued navigation property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Collection {
    /// The rows of `table` whose lookup `column` (its name in the Web API) points here.
    OneToMany { table: String, column: String, navigation: String },
    /// Rows of `table` that are linked to rows of this one in the intersect table `relation`, which has
    /// the columns `here` and `there`; `key` is the primary key of `table`.
    ManyToMany { table: String, key: String, relation: String, here: String, there: String },
}

impl Collection {
    /// Logical name of the table at the other end.
    pub(crate) fn table(&self) -> &str {
        match self {
            Collection::OneToMany { table, .. } | Collection::ManyToMany { table, .. } => table,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) label: String,
    /// The status that a row takes with this state.
    pub(crate) status: i64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Status {
    pub(crate) label: String,
    pub(crate) state: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlternateKey {
    pub(crate) name: String,
    pub(crate) label: String,
    /// Names in the Web API.
    pub(crate) columns: Vec<String>,
}

/// Who can own a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(crate) enum Ownership {
    User,
    /// A business unit, as with users, teams and roles.
    Business,
    Organization,
    #[default]
    None,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    /// Logical name, `contact`.
    pub(crate) logical: String,
    /// Schema name, `Contact`.
    pub(crate) schema: String,
    /// Display name in the singular and in the plural.
    pub(crate) label: String,
    pub(crate) plural: String,
    pub(crate) description: String,
    /// Entity set name, `contacts`; empty for a table that has none.
    pub(crate) set: String,
    pub(crate) type_code: i32,
    /// The primary key column.
    pub(crate) key: String,
    /// The primary name column; empty where there is none.
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) navigations: HashMap<String, Navigation>,
    pub(crate) collections: HashMap<String, Collection>,
    pub(crate) keys: Vec<AlternateKey>,
    pub(crate) states: BTreeMap<i64, State>,
    pub(crate) statuses: BTreeMap<i64, Status>,
    pub(crate) ownership: Ownership,
    /// An activity: its key is `activityid`, and it is also seen as an `activitypointer`.
    pub(crate) activity: bool,
    /// Made for this organisation, by its own publisher.
    pub(crate) custom: bool,
    /// Logical names of the tables whose rows together are this one's: `activitypointer`.
    pub(crate) members: Vec<String>,
    /// Lookups (names in the Web API) whose row goes when the row they point to goes.
    pub(crate) cascade: Vec<String>,
    /// Lookups that keep the row they point to from being deleted.
    pub(crate) restrict: Vec<String>,
    /// Columns (names in the Web API) with a database index, beside keys and lookups.
    pub(crate) indexes: Vec<String>,
    pub(crate) by_name: HashMap<String, usize>,
}

impl Table {
    /// A column by its name in the Web API.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.by_name.get(name).and_then(|at| self.columns.get(*at))
    }

    /// A column by its logical name, as FetchXML and `EntityDefinitions` have it.
    pub(crate) fn attribute(&self, logical: &str) -> Option<&Column> {
        let plain = self.column(logical).filter(|column| !column.is_lookup());
        plain.or_else(|| self.column(&format!("_{logical}_value")))
    }

    /// The column behind a navigation property.
    pub(crate) fn lookup(&self, navigation: &Navigation) -> Option<&Column> {
        self.columns.get(navigation.column)
    }

    /// The label of a value: of choices, states, statuses and yes/no columns.
    pub(crate) fn label<'a>(&'a self, kind: &'a Kind, value: &Json) -> Option<&'a str> {
        match kind {
            Kind::Boolean([no, yes]) => Some(if value.as_bool()? { yes } else { no }),
            Kind::Choice(labels) => labels.get(&value.as_i64()?).map(String::as_str),
            Kind::State => self.states.get(&value.as_i64()?).map(|state| state.label.as_str()),
            Kind::Status => self.statuses.get(&value.as_i64()?).map(|status| status.label.as_str()),
            _ => None,
        }
    }

    /// The navigation property by which `column` points to a row of `target`.
    pub(crate) fn navigation_to(&self, column: &Column, target: &str) -> Option<&str> {
        let found = self.navigations.iter().filter(|(_, navigation)| {
            navigation.targets.iter().any(|name| name == target)
                && self.lookup(navigation).is_some_and(|at| at.name == column.name)
        });
        // The table's own name for it goes before an inherited one.
        found.min_by_key(|(name, way)| (way.inherited, *name)).map(|(name, _)| name.as_str())
    }

    /// The lookup columns that may point to `target`.
    pub(crate) fn lookups_to<'a>(
        &'a self,
        target: &'a str,
    ) -> impl Iterator<Item = &'a Column> + 'a {
        self.columns.iter().filter(move |column| column.targets().iter().any(|to| to == target))
    }
}
