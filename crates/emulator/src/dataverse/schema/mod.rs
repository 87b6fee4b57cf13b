//! The tables of the emulated environment, found by the names under which they are asked for.

mod build;
mod column;
pub(crate) mod csdl;
pub(crate) mod details;
mod elements;
mod load;
mod relations;
pub(crate) mod table;

use std::collections::HashMap;

pub(crate) use table::{
    AlternateKey, Collection, Column, Kind, Navigation, Ownership, Required, State, Status, Table,
};

/// All tables, and the CSDL document that names them.
pub(crate) struct Schema {
    tables: Vec<Table>,
    by_set: HashMap<String, usize>,
    by_logical: HashMap<String, usize>,
    /// What `$metadata` answers.
    pub(crate) document: String,
}

impl Schema {
    pub(crate) fn new(tables: Vec<Table>, document: String) -> Self {
        let index = |name: fn(&Table) -> &String| {
            let named = tables.iter().enumerate().map(|(at, table)| (name(table).clone(), at));
            named.filter(|(name, _)| !name.is_empty()).collect()
        };
        let by_set = index(|table| &table.set);
        let by_logical = index(|table| &table.logical);
        Self { tables, by_set, by_logical, document }
    }

    pub(crate) fn all(&self) -> &[Table] {
        &self.tables
    }

    /// Set names are case sensitive, as in Dataverse.
    pub(crate) fn by_set(&self, set: &str) -> Option<&Table> {
        self.by_set.get(set).and_then(|at| self.tables.get(*at))
    }

    pub(crate) fn by_logical(&self, name: &str) -> Option<&Table> {
        self.by_logical.get(name).and_then(|at| self.tables.get(*at))
    }
}
