//! The shape of the rows of an answer: which columns, under which names, with which annotations.

use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::formatted::formatted;
use super::query::ast::MAIN;
use super::query::sql::name_of_target;
use super::schema::{Column, Kind, Schema, Table};
use super::storage::table_of;
use super::values;

pub(crate) const FORMATTED: &str = "OData.Community.Display.V1.FormattedValue";
pub(crate) const TABLE: &str = "Microsoft.Dynamics.CRM.lookuplogicalname";
pub(crate) const NAVIGATION: &str = "Microsoft.Dynamics.CRM.associatednavigationproperty";
/// Of which column a member is that has a name of its own.
pub(crate) const ATTRIBUTE: &str = "OData.Community.Display.V1.AttributeName";

/// Which annotations a `Prefer: odata.include-annotations` asks for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Annotations {
    patterns: Vec<String>,
    formatted: bool,
    table: bool,
    navigation: bool,
}

impl Annotations {
    /// Reads the preference's value: names by comma, `*` at the end for any rest.
    pub(crate) fn parse(preference: Option<&str>) -> Self {
        let patterns = preference.into_iter().flat_map(|list| list.split(','));
        let patterns = patterns.map(|pattern| pattern.trim().to_owned()).collect();
        let mut annotations = Self { patterns, ..Self::default() };
        annotations.formatted = annotations.wants(FORMATTED);
        annotations.table = annotations.wants(TABLE);
        annotations.navigation = annotations.wants(NAVIGATION);
        annotations
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == pattern,
        })
    }

    pub(crate) fn formatted(&self) -> bool {
        self.formatted
    }

    fn of_lookups(&self) -> bool {
        self.formatted || self.table || self.navigation
    }
}

/// A column of an answer.
#[derive(Clone)]
pub(crate) struct Output<'a> {
    pub(crate) table: &'a Table,
    pub(crate) column: &'a Column,
    /// The row's name in the SQL.
    pub(crate) alias: String,
    /// The member's name in the answer.
    pub(crate) name: String,
    /// The name is an alias: the column is annotated, and has no navigation property.
    pub(crate) aliased: bool,
}

/// Columns of an answer with their annotations.
pub(crate) struct Shape<'a> {
    schema: &'a Schema,
    outputs: Vec<Output<'a>>,
    annotations: &'a Annotations,
    /// Whether columns without a value are members too.
    nulls: bool,
}

impl<'a> Shape<'a> {
    pub(crate) fn new(
        schema: &'a Schema,
        outputs: Vec<Output<'a>>,
        annotations: &'a Annotations,
        nulls: bool,
    ) -> Self {
        Self { schema, outputs, annotations, nulls }
    }

    /// The columns of `table` that `$select` names, or all; the keys always.
    pub(crate) fn of_table(
        schema: &'a Schema,
        table: &'a Table,
        select: Option<&[String]>,
        annotations: &'a Annotations,
    ) -> Self {
        let mut columns: Vec<&Column> = match select.filter(|names| !names.is_empty()) {
            Some(names) => names.iter().filter_map(|name| table.column(name)).collect(),
            None => table.columns.iter().collect(),
        };
        if let Some(key) = table.column(&table.key)
            && !columns.iter().any(|column| column.name == key.name)
        {
            columns.push(key);
        }
        let outputs = columns.into_iter().map(|column| Output {
            table,
            column,
            alias: MAIN.to_owned(),
            name: column.name.clone(),
            aliased: false,
        });
        Self::new(schema, outputs.collect(), annotations, true)
    }

    /// The expressions to select, which [`Shape::record`] reads back in this order.
    pub(crate) fn expressions(&self) -> Vec<String> {
        let mut all = Vec::new();
        for Output { column, alias, .. } in &self.outputs {
            all.push(format!("{alias}.\"{}\"", column.name));
            if column.is_lookup() && self.annotations.of_lookups() {
                all.push(name_of_target(self.schema, alias, &column.name, &column.kind));
                all.push(format!("{alias}.\"{}\"", table_of(&column.name)));
            }
        }
        all
    }

    /// Adds the columns of a row, which begin at `at`; annotations come before their column.
    pub(crate) fn record(
        &self,
        row: &SqliteRow,
        mut at: usize,
        record: &mut Map<String, Json>,
    ) -> Result<(), sqlx::Error> {
        for output in &self.outputs {
            let value = values::to_json(row, at, &output.column.kind)?;
            at += 1;
            if output.aliased && !value.is_null() && self.annotations.wants(ATTRIBUTE) {
                let name = format!("{}@{ATTRIBUTE}", output.name);
                record.insert(name, json!(output.column.logical));
            }
            if output.column.is_lookup() && self.annotations.of_lookups() {
                self.annotate_lookup(row, at, output, record)?;
                at += 2;
            } else if self.annotations.formatted
                && let Some(text) = formatted(output.table, &output.column.kind, &value)
            {
                record.insert(format!("{}@{FORMATTED}", output.name), json!(text));
            }
            if self.nulls || !value.is_null() {
                record.insert(output.name.clone(), value);
            }
        }
        Ok(())
    }

    fn annotate_lookup(
        &self,
        row: &SqliteRow,
        at: usize,
        output: &Output<'_>,
        record: &mut Map<String, Json>,
    ) -> Result<(), sqlx::Error> {
        let name: Option<String> = row.try_get(at)?;
        let Some(target) = row.try_get::<Option<String>, _>(at + 1)? else {
            return Ok(());
        };
        let mut add = |wanted: bool, annotation: &str, value: Option<&str>| {
            if let Some(value) = value.filter(|_| wanted) {
                record.insert(format!("{}@{annotation}", output.name), json!(value));
            }
        };
        let navigation = output.table.navigation_to(output.column, &target);
        add(self.annotations.formatted, FORMATTED, name.as_deref());
        add(self.annotations.navigation && !output.aliased, NAVIGATION, navigation);
        add(self.annotations.table, TABLE, Some(&target));
        Ok(())
    }
}

/// A value of SQLite's own type as JSON, for columns that are computed.
pub(crate) fn computed(row: &SqliteRow, at: usize, kind: &Kind) -> Result<Json, sqlx::Error> {
    match kind {
        Kind::Decimal | Kind::Money | Kind::Double => {
            let real = row.try_get::<Option<f64>, _>(at);
            real.map(Json::from).or_else(|_| Ok(Json::from(row.try_get::<Option<i64>, _>(at)?)))
        }
        kind => values::to_json(row, at, kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_are_asked_for_by_name_or_wildcard() {
        let asked = |text| {
            let all = Annotations::parse(Some(text));
            (all.formatted, all.table, all.navigation)
        };
        assert_eq!(asked("*"), (true, true, true));
        assert_eq!(asked(FORMATTED), (true, false, false));
        assert_eq!(asked("a.b, Microsoft.Dynamics.CRM.*"), (false, true, true));
        assert_eq!(Annotations::parse(None), Annotations::default());
    }
}
