//! The shape of the rows of an answer: which columns, with which annotations.

use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::Dataverse;
use super::query::options::Options;
use super::query::sql::Builder;
use super::tables::{Column, Kind, Table};
use super::values;

const FORMATTED: &str = "OData.Community.Display.V1.FormattedValue";
const TABLE: &str = "Microsoft.Dynamics.CRM.lookuplogicalname";
const NAVIGATION: &str = "Microsoft.Dynamics.CRM.associatednavigationproperty";

/// Which annotations a `Prefer: odata.include-annotations` asks for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Annotations {
    formatted: bool,
    table: bool,
    navigation: bool,
}

impl Annotations {
    /// Reads the preference's value: names by comma, `*` at the end for any rest.
    pub(crate) fn parse(preference: Option<&str>) -> Self {
        let asked = |name: &str| {
            preference.into_iter().flat_map(|list| list.split(',')).any(|pattern| {
                let pattern = pattern.trim();
                match pattern.strip_suffix('*') {
                    Some(start) => name.starts_with(start),
                    None => name == pattern,
                }
            })
        };
        Self { formatted: asked(FORMATTED), table: asked(TABLE), navigation: asked(NAVIGATION) }
    }
}

pub(crate) struct Shape<'a> {
    dataverse: &'a Dataverse,
    table: &'a Table,
    columns: Vec<&'a Column>,
    annotations: Annotations,
}

impl<'a> Shape<'a> {
    /// The columns asked for, the primary key always.
    pub(crate) fn new(dataverse: &'a Dataverse, table: &'a Table, options: &Options) -> Self {
        let names = options.select.as_deref().filter(|names| !names.is_empty());
        let mut columns: Vec<&Column> = match names {
            Some(names) => names.iter().filter_map(|name| table.column(name)).collect(),
            None => table.columns.iter().collect(),
        };
        if !columns.iter().any(|column| column.kind == Kind::Key) {
            columns.extend(table.column(&table.key));
        }
        Self { dataverse, table, columns, annotations: options.annotations }
    }

    /// `SELECT … FROM … AS t`: the columns, the version, and for lookups their annotations.
    pub(crate) fn select(&self) -> Builder {
        let mut names: Vec<String> =
            self.columns.iter().map(|column| format!("t.\"{}\"", column.name)).collect();
        names.push("t.versionnumber".to_owned());
        if self.annotations != Annotations::default() {
            for column in &self.columns {
                if let Kind::Lookup(targets) = &column.kind {
                    names.push(name_of_target(self.dataverse, &column.name, targets, ""));
                    names.push(format!("t.\"{}__table\"", column.name));
                }
            }
        }
        let (columns, table) = (names.join(", "), &self.table.logical);
        Builder::new(format!("SELECT {columns} FROM \"{table}\" AS t"))
    }

    /// A row of [`Shape::select`] as JSON, annotations before their column.
    pub(crate) fn record(&self, row: &SqliteRow) -> Result<Json, sqlx::Error> {
        let mut record = Map::new();
        let version: i64 = row.try_get(self.columns.len())?;
        record.insert("@odata.etag".to_owned(), json!(format!("W/\"{version}\"")));
        let mut extra = self.columns.len() + 1;
        for (at, column) in self.columns.iter().enumerate() {
            let value = values::to_json(row, at, &column.kind)?;
            if self.annotations != Annotations::default() {
                if matches!(column.kind, Kind::Lookup(_)) {
                    self.annotate_lookup(row, extra, column, &mut record)?;
                    extra += 2;
                } else if self.annotations.formatted
                    && let Some(label) = self.table.label(&column.kind, &value)
                {
                    record.insert(format!("{}@{FORMATTED}", column.name), json!(label));
                }
            }
            record.insert(column.name.clone(), value);
        }
        Ok(Json::Object(record))
    }

    fn annotate_lookup(
        &self,
        row: &SqliteRow,
        at: usize,
        column: &Column,
        record: &mut Map<String, Json>,
    ) -> Result<(), sqlx::Error> {
        let name: Option<String> = row.try_get(at)?;
        let Some(target) = row.try_get::<Option<String>, _>(at + 1)? else {
            return Ok(());
        };
        let mut add = |wanted: bool, annotation: &str, value: Option<&str>| {
            if let Some(value) = value.filter(|_| wanted) {
                record.insert(format!("{}@{annotation}", column.name), json!(value));
            }
        };
        add(self.annotations.formatted, FORMATTED, name.as_deref());
        add(self.annotations.table, TABLE, Some(&target));
        let navigation = self.table.navigation_to(column, &target);
        add(self.annotations.navigation, NAVIGATION, navigation);
        Ok(())
    }
}

/// The primary name of the row that a lookup points to, as an SQL expression; with `__fold` in
/// the form that compares without case.
pub(crate) fn name_of_target(
    dataverse: &Dataverse,
    lookup: &str,
    targets: &[String],
    fold: &str,
) -> String {
    let names = targets.iter().filter_map(|target| dataverse.tables.by_logical(target));
    let names: Vec<String> = names
        .map(|target| {
            let Table { logical, key, name, .. } = target;
            format!("(SELECT \"{name}{fold}\" FROM \"{logical}\" WHERE \"{key}\" = t.\"{lookup}\")")
        })
        .collect();
    format!("COALESCE({}, NULL)", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_are_asked_for_by_name_or_wildcard() {
        let all = Annotations { formatted: true, table: true, navigation: true };
        assert_eq!(Annotations::parse(Some("*")), all);
        let formatted = Annotations { formatted: true, ..Annotations::default() };
        assert_eq!(Annotations::parse(Some(FORMATTED)), formatted);
        let others = Annotations { formatted: false, ..all };
        assert_eq!(Annotations::parse(Some("a.b, Microsoft.Dynamics.CRM.*")), others);
        assert_eq!(Annotations::parse(None), Annotations::default());
    }
}
