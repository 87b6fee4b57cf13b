//! Tables and columns by the names of a query: which row an element, an alias or an attribute means.

use super::super::errors::DataverseError;
use super::super::query::ast::{ColumnRef, Hop, MAIN};
use super::super::query::scope::reference;
use super::super::schema::{Collection, Column, Kind, Schema, Table};
use super::document::{Entity, Fetch};
use super::fault;

/// A row of the query: that of the entity or that of a link.
#[derive(Debug, Clone)]
pub(crate) struct Row<'a> {
    pub(crate) table: &'a Table,
    /// Its name in the SQL.
    pub(crate) sql: String,
    /// Its name in the query and in the answer: the alias, or the one that Dataverse makes up.
    pub(crate) name: String,
    has_alias: bool,
}

pub(crate) struct Names<'a> {
    pub(crate) schema: &'a Schema,
    /// By the number of the element.
    rows: Vec<Row<'a>>,
}

/// The intersect tables that a query names: they hold many-to-many relations and are no tables of the
/// schema. They can be joined and filtered by their two columns.
pub(crate) fn intersect_tables(schema: &Schema, fetch: &Fetch) -> Vec<Table> {
    let mut names: Vec<&str> = vec![&fetch.entity.name];
    fetch.entity.each_link(&mut |link| names.push(&link.entity.name));
    names.sort_unstable();
    names.dedup();
    let unknown = names.into_iter().filter(|name| schema.by_logical(name).is_none());
    unknown.filter_map(|name| intersect_table(schema, name)).collect()
}

fn intersect_table(schema: &Schema, name: &str) -> Option<Table> {
    let mut collections = schema.all().iter().flat_map(|table| table.collections.values());
    let columns = collections.find_map(|collection| match collection {
        Collection::ManyToMany { relation, here, there, .. } if relation == name => {
            Some([here, there])
        }
        _ => None,
    })?;
    let columns: Vec<Column> = columns
        .into_iter()
        .map(|column| Column {
            logical: column.clone(),
            name: column.clone(),
            kind: Kind::Guid,
            schema: column.clone(),
            label: String::new(),
            description: String::new(),
            required: Default::default(),
            readonly: true,
        })
        .collect();
    let by_name =
        columns.iter().enumerate().map(|(at, column)| (column.name.clone(), at)).collect();
    let key = columns.first()?.name.clone();
    Some(Table { logical: name.to_owned(), key, columns, by_name, ..Table::default() })
}

impl<'a> Names<'a> {
    pub(crate) fn new(
        schema: &'a Schema,
        intersects: &'a [Table],
        fetch: &Fetch,
    ) -> Result<Self, DataverseError> {
        let find = |name: &str| {
            let intersect = intersects.iter().find(|table| table.logical == name);
            schema.by_logical(name).or(intersect).ok_or_else(|| DataverseError::no_table(name))
        };
        let table = find(&fetch.entity.name)?;
        let main = Row { table, sql: MAIN.to_owned(), name: String::new(), has_alias: false };
        let mut links = Vec::new();
        fetch.entity.each_link(&mut |link| links.push(link));
        links.sort_by_key(|link| link.entity.id);
        let mut rows = vec![main];
        for link in links {
            let Entity { name, id, .. } = &link.entity;
            let given = link.alias.clone();
            if given.is_some() && rows.iter().any(|row| Some(&row.name) == given.as_ref()) {
                return Err(fault("0x80041130", "FetchXML should have unique aliases."));
            }
            rows.push(Row {
                table: find(name)?,
                sql: format!("a{id}"),
                has_alias: given.is_some(),
                name: given.unwrap_or_else(|| format!("{name}{id}")),
            });
        }
        Ok(Self { schema, rows })
    }

    pub(crate) fn main(&self) -> Result<&Row<'a>, DataverseError> {
        self.row(0)
    }

    pub(crate) fn row(&self, id: usize) -> Result<&Row<'a>, DataverseError> {
        self.rows.get(id).ok_or_else(|| fault("0x80041101", "An unexpected error occurred."))
    }

    /// By what `entityname` says: an alias, or the table of a link without one.
    pub(crate) fn named(&self, name: &str) -> Result<&Row<'a>, DataverseError> {
        let links = self.rows.iter().skip(1);
        let by_alias = links.clone().find(|row| row.has_alias && row.name == name);
        let by_table = || links.clone().find(|row| row.table.logical == name);
        let generated = || links.clone().find(|row| row.name == name);
        by_alias.or_else(by_table).or_else(generated).ok_or_else(|| {
            let message =
                "The specified alias for the given entity in the condition does not exist.";
            fault("0x8004110a", format!("{message} Alias = {name}"))
        })
    }
}

impl<'a> Row<'a> {
    pub(crate) fn attribute(&self, name: &str) -> Result<&'a Column, DataverseError> {
        self.table.attribute(name).ok_or_else(|| {
            let message = format!(
                "'{}' entity doesn't contain attribute with Name = '{name}' and NameMapping = 'Logical'.",
                self.table.logical
            );
            fault("0x80041103", message)
        })
    }

    pub(crate) fn reference(&self, column: &Column) -> ColumnRef {
        reference(&self.sql, Vec::new(), column)
    }

    /// A column to compare or order by, with the table that it is of: also `primarycontactidname`, the
    /// name of the row that a lookup points to.
    pub(crate) fn column(
        &self,
        schema: &'a Schema,
        name: &str,
    ) -> Result<(&'a Table, ColumnRef), DataverseError> {
        if self.table.attribute(name).is_none()
            && let Some(lookup) =
                name.strip_suffix("name").and_then(|base| self.table.attribute(base))
            && let [target] = lookup.targets()
            && let Some(target) = schema.by_logical(target)
            && let Some(column) = target.column(&target.name)
        {
            let targets = vec![(target.logical.clone(), target.key.clone())];
            let hop = Hop { lookup: lookup.name.clone(), targets };
            return Ok((target, reference(&self.sql, vec![hop], column)));
        }
        let column = self.attribute(name)?;
        Ok((self.table, self.reference(column)))
    }
}
