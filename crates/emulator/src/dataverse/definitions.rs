//! The form of `data/tables.toml`, and the tables made of it.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::tables::{Column, Kind, Navigation, State, Status, Table};
use crate::EmulatorError;

const DEFINITIONS: &str = include_str!("../data/tables.toml");

impl Definitions {
    pub(crate) fn built_in() -> Result<Self, EmulatorError> {
        toml::from_str(DEFINITIONS).map_err(|error| EmulatorError::BuiltIn {
            what: "table definitions",
            reason: error.to_string(),
        })
    }

    pub(crate) fn build(self) -> Vec<Table> {
        let Definitions { common, tables } = self;
        tables.into_iter().map(|(name, table)| table.build(name, &common)).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definitions {
    common: Group,
    tables: BTreeMap<String, Definition>,
}

/// Columns by type, as the file lists them.
#[derive(Deserialize, Default)]
struct Group {
    #[serde(default)]
    text: BTreeMap<String, usize>,
    #[serde(default)]
    integers: Vec<String>,
    #[serde(default)]
    bigintegers: Vec<String>,
    #[serde(default)]
    decimals: Vec<String>,
    #[serde(default)]
    money: Vec<String>,
    #[serde(default)]
    booleans: Vec<String>,
    #[serde(default)]
    datetimes: Vec<String>,
    #[serde(default)]
    dates: Vec<String>,
    #[serde(default)]
    guids: Vec<String>,
    #[serde(default)]
    choices: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    lookups: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    readonly: Vec<String>,
}

#[derive(Deserialize)]
struct Definition {
    set: String,
    key: String,
    name: String,
    #[serde(default)]
    navigation_suffix: String,
    #[serde(default)]
    protected: bool,
    #[serde(default)]
    cascade: Vec<String>,
    #[serde(default)]
    indexes: Vec<String>,
    #[serde(default)]
    states: BTreeMap<String, State>,
    #[serde(default)]
    statuses: BTreeMap<String, Status>,
    #[serde(flatten)]
    group: Group,
}

impl Group {
    fn columns(&self) -> Vec<(String, Kind)> {
        let plain = |names: &[String], kind: Kind| {
            names.iter().map(move |name| (name.clone(), kind.clone())).collect::<Vec<_>>()
        };
        let mut columns = plain(&self.integers, Kind::Integer);
        columns.extend(plain(&self.bigintegers, Kind::BigInteger));
        columns.extend(plain(&self.decimals, Kind::Decimal));
        columns.extend(plain(&self.money, Kind::Decimal));
        columns.extend(plain(&self.booleans, Kind::Boolean));
        columns.extend(plain(&self.datetimes, Kind::DateTime));
        columns.extend(plain(&self.dates, Kind::Date));
        columns.extend(plain(&self.guids, Kind::Guid));
        columns
            .extend(self.text.iter().map(|(name, max)| (name.clone(), Kind::Text { max: *max })));
        columns.extend(
            self.choices
                .iter()
                .map(|(name, options)| (name.clone(), Kind::Choice(numbered(options.clone())))),
        );
        columns
            .extend(self.lookups.iter().map(|(name, to)| (name.clone(), Kind::Lookup(to.clone()))));
        columns
    }
}

impl Definition {
    fn build(self, logical: String, common: &Group) -> Table {
        let mut listed = vec![(self.key.clone(), Kind::Key)];
        listed.extend(self.group.columns());
        listed.extend(common.columns());
        if !self.states.is_empty() {
            listed.extend([
                ("statecode".to_owned(), Kind::State),
                ("statuscode".to_owned(), Kind::Status),
            ]);
        }
        let mut columns: Vec<Column> = Vec::new();
        for (logical, kind) in listed {
            let readonly =
                self.group.readonly.contains(&logical) || common.readonly.contains(&logical);
            let name = match kind {
                Kind::Lookup(_) => format!("_{logical}_value"),
                _ => logical.clone(),
            };
            if !columns.iter().any(|column| column.name == name) {
                columns.push(Column { logical, name, kind, readonly });
            }
        }
        columns.get_mut(1..).unwrap_or_default().sort_by(|a, b| a.logical.cmp(&b.logical));
        let by_name = columns.iter().enumerate().map(|(at, column)| (column.name.clone(), at));
        Table {
            by_name: by_name.collect(),
            navigations: navigations(&columns, &self.navigation_suffix),
            states: numbered(self.states),
            statuses: numbered(self.statuses),
            logical,
            set: self.set,
            key: self.key,
            name: self.name,
            columns,
            protected: self.protected,
            cascade: self.cascade,
            indexes: self.indexes,
        }
    }
}

fn numbered<T>(options: BTreeMap<String, T>) -> BTreeMap<i64, T> {
    options.into_iter().filter_map(|(key, value)| Some((key.parse().ok()?, value))).collect()
}

fn navigations(columns: &[Column], suffix: &str) -> HashMap<String, Navigation> {
    let mut navigations = HashMap::new();
    for (at, column) in columns.iter().enumerate() {
        let Kind::Lookup(targets) = &column.kind else {
            continue;
        };
        for target in targets {
            let name = match targets.as_slice() {
                [_] => column.logical.clone(),
                _ => format!("{}_{target}{suffix}", column.logical),
            };
            navigations.insert(name, Navigation { column: at, target: target.clone() });
        }
    }
    navigations
}
