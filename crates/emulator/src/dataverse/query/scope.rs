//! What names mean at a place in a query: the table at hand, the lambda variables around it, the
//! parameter aliases of the request, and who asks.

use std::collections::HashMap;

use super::super::errors::DataverseError;
use super::super::schema::{Collection, Column, Kind, Schema, Table};
use super::ast::{ColumnRef, Hop, MAIN, RowRef};
use super::context::Context;

/// The namespace of types, functions and actions.
pub(crate) const NAMESPACE: &str = "Microsoft.Dynamics.CRM.";

/// Values of `@name` parameters, as sent.
pub(crate) type Aliases = HashMap<String, String>;

/// A table under a name of the SQL.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) table: &'a Table,
    pub(crate) alias: &'a str,
}

#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) table: &'a Table,
    pub(crate) aliases: &'a Aliases,
    pub(crate) context: &'a Context,
}

/// What a path leads to.
pub(crate) enum Target {
    Column(ColumnRef),
    /// A collection, with the row that it belongs to.
    Collection {
        from: RowRef,
        collection: Collection,
    },
}

impl<'a> Scope<'a> {
    pub(crate) fn of(self, table: &'a Table) -> Self {
        Self { table, ..self }
    }

    pub(crate) fn main(&self) -> Row<'a> {
        Row { table: self.table, alias: MAIN }
    }

    /// Reads `primarycontactid/createdby/fullname` from `row`.
    pub(crate) fn path(&self, row: Row<'_>, path: &str) -> Result<Target, DataverseError> {
        let mut table = row.table;
        let mut hops: Vec<Hop> = Vec::new();
        let mut segments = path.split('/').peekable();
        while let Some(segment) = segments.next() {
            if segment.starts_with(NAMESPACE) {
                table = self.cast(segment, &mut hops, table)?;
                continue;
            }
            if let Some(column) = table.column(segment) {
                return match segments.peek() {
                    None => Ok(Target::Column(reference(row.alias, hops, column))),
                    Some(_) => Err(DataverseError::no_property(path, &row.table.logical)),
                };
            }
            let navigation = table.navigations.get(segment);
            if let Some((navigation, column)) =
                navigation.and_then(|navigation| Some((navigation, table.lookup(navigation)?)))
            {
                if segments.peek().is_none() {
                    return Ok(Target::Column(reference(row.alias, hops, column)));
                }
                let targets: Vec<&Table> = navigation
                    .targets
                    .iter()
                    .filter_map(|name| self.schema.by_logical(name))
                    .collect();
                let next = targets.first().ok_or_else(|| DataverseError::no_segment(segment))?;
                hops.push(Hop {
                    lookup: column.name.clone(),
                    targets: targets.iter().map(|t| (t.logical.clone(), t.key.clone())).collect(),
                });
                table = next;
                continue;
            }
            if let Some(collection) = table.collections.get(segment) {
                let key = table.key.clone();
                let from = RowRef { alias: row.alias.to_owned(), hops, key };
                let collection = collection.clone();
                return Ok(Target::Collection { from, collection });
            }
            return Err(DataverseError::no_property(segment, &table.logical));
        }
        Err(DataverseError::no_property(path, &row.table.logical))
    }

    /// Narrows the last lookup to one of its tables.
    fn cast<'t>(
        &'t self,
        segment: &str,
        hops: &mut [Hop],
        table: &'t Table,
    ) -> Result<&'t Table, DataverseError> {
        let name = segment.strip_prefix(NAMESPACE).unwrap_or(segment);
        let wanted = self.schema.by_logical(name);
        let wanted = wanted.ok_or_else(|| DataverseError::no_segment(segment))?;
        if let Some(hop) = hops.last_mut() {
            hop.targets.retain(|(logical, _)| logical == name);
            if !hop.targets.is_empty() {
                return Ok(wanted);
            }
        } else if table.logical == name {
            return Ok(wanted);
        }
        Err(DataverseError::no_segment(segment))
    }

    /// A column by path, where nothing else will do.
    pub(crate) fn column(&self, row: Row<'_>, path: &str) -> Result<ColumnRef, DataverseError> {
        match self.path(row, path)? {
            Target::Column(column) => Ok(column),
            Target::Collection { .. } => Err(DataverseError::odata(format!(
                "The property '{path}' is a collection and can not be used as a single value."
            ))),
        }
    }

    /// The text of `@name`.
    pub(crate) fn alias(&self, name: &str) -> Result<&'a str, DataverseError> {
        let value = self.aliases.get(name).map(String::as_str);
        value.ok_or_else(|| {
            DataverseError::odata(format!("The parameter alias '{name}' was not given a value."))
        })
    }
}

pub(crate) fn reference(alias: &str, hops: Vec<Hop>, column: &Column) -> ColumnRef {
    ColumnRef {
        alias: alias.to_owned(),
        hops,
        name: column.name.clone(),
        kind: column.kind.clone(),
    }
}

/// Whether values of the two kinds can be compared.
pub(crate) fn comparable(left: &Kind, right: &Kind) -> bool {
    let number = |kind: &Kind| {
        kind.is_number() || matches!(kind, Kind::Choice(_) | Kind::State | Kind::Status)
    };
    left.edm() == right.edm() || (number(left) && number(right))
}
