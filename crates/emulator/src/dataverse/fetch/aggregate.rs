//! A query for sums, counts and the like, in groups or over all.
//!
//! Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/aggregate-data. As in the
//! results there, the average of whole numbers is whole, and the sum of nothing is nought.

use serde_json::{Map, Value as Json, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::super::errors::DataverseError;
use super::super::formatted::{formatted, plain};
use super::super::query::ast::ColumnRef;
use super::super::query::sql::{Builder, name_of_target};
use super::super::schema::{Kind, Table};
use super::super::shape::{ATTRIBUTE, Annotations, FORMATTED, TABLE, computed};
use super::super::storage::table_of;
use super::document::{Aggregate, Attribute, Columns, DatePart, Entity, Fetch};
use super::names::Names;
use super::paging::Part;
use super::parse::invalid_date_part;
use super::plan::Node;
use super::select::{Sort, push_rows, push_sort};
use super::{Answer, fault};

/// Rows that may be counted together.
const MAX_ROWS: i64 = 50_000;

struct Output<'a> {
    name: String,
    table: &'a Table,
    attribute: String,
    column: ColumnRef,
    what: What,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Aggregate(Aggregate, bool),
    Group,
    Part(DatePart),
}

pub(crate) async fn run(
    connection: &mut SqliteConnection,
    names: &Names<'_>,
    fetch: &Fetch,
    plan: &Node<'_>,
    annotations: &Annotations,
) -> Result<Answer, DataverseError> {
    let mut outputs = Vec::new();
    add_outputs(names, &fetch.entity, &mut outputs)?;
    if outputs.is_empty() {
        return Err(fault("0x8004111e", "A required attribute was not specified."));
    }
    limited(connection, fetch, plan).await?;
    let part = Part::of(fetch, None, &[])?;
    let mut columns: Vec<String> = outputs.iter().map(Output::sql).collect();
    let lookups: Vec<usize> = outputs
        .iter()
        .enumerate()
        .filter(|(_, output)| output.what == What::Group && matches!(output.kind, Kind::Lookup(_)))
        .map(|(at, _)| at)
        .collect();
    for output in lookups.iter().filter_map(|at| outputs.get(*at)) {
        let ColumnRef { alias, name, kind, .. } = &output.column;
        columns.push(name_of_target(names.schema, alias, name, kind));
        columns.push(format!("{alias}.\"{}\"", table_of(name)));
    }
    let mut builder = Builder::new(format!("SELECT {}", columns.join(", ")));
    push_rows(&mut builder, plan);
    push_groups(&mut builder, &outputs);
    push_order(&mut builder, names, fetch, &outputs)?;
    builder.push(" LIMIT ").push_bind(i64::from(part.size) + 1);
    builder.push(" OFFSET ").push_bind(i64::try_from(part.offset).unwrap_or(i64::MAX));
    let mut rows = builder.build().fetch_all(connection).await?;
    let more = rows.len() > part.size as usize && fetch.top.is_none();
    rows.truncate(part.size as usize);
    let record = |row: &SqliteRow| record(row, &outputs, &lookups, annotations);
    let rows: Result<Vec<Json>, sqlx::Error> = rows.iter().map(record).collect();
    Ok(Answer { rows: rows?, more, cookie: None, total: None, columns: Vec::new() })
}

async fn limited(
    connection: &mut SqliteConnection,
    fetch: &Fetch,
    plan: &Node<'_>,
) -> Result<(), DataverseError> {
    let limit = fetch.aggregate_limit.map_or(MAX_ROWS, |limit| i64::from(limit).min(MAX_ROWS));
    let mut builder = Builder::new("SELECT COUNT(*) FROM (SELECT 1");
    push_rows(&mut builder, plan);
    builder.push(" LIMIT ").push_bind(limit + 1).push(")");
    let rows: i64 = builder.build_query_scalar().fetch_one(connection).await?;
    if rows <= limit {
        return Ok(());
    }
    let message = "AggregateQueryRecordLimit exceeded. Cannot perform this operation.";
    Err(fault("0x8004E023", message))
}

fn add_outputs<'a>(
    names: &Names<'a>,
    entity: &Entity,
    outputs: &mut Vec<Output<'a>>,
) -> Result<(), DataverseError> {
    if matches!(entity.columns, Columns::All) {
        return Err(fault(
            "0x80041107",
            "Attributes can not be returned when aggregate operation is specified.",
        ));
    }
    for attribute in entity.named() {
        let output = output(names, attribute, entity.id)?;
        if outputs.iter().any(|known| known.name == output.name) {
            return Err(fault("0x80041130", "FetchXML should have unique aliases."));
        }
        outputs.push(output);
    }
    for link in &entity.links {
        add_outputs(names, &link.entity, outputs)?;
    }
    Ok(())
}

fn output<'a>(
    names: &Names<'a>,
    attribute: &Attribute,
    id: usize,
) -> Result<Output<'a>, DataverseError> {
    let row = names.row(id)?;
    let column = row.attribute(&attribute.name)?;
    let logical = &column.logical;
    let what = match (attribute.aggregate, attribute.group) {
        (Some(_), true) => {
            let message = "An attribute can either be an aggregate or a Group By but not both";
            return Err(fault("0x80041137", message));
        }
        (None, false) => {
            let message = "Attributes can not be returned when aggregate operation is specified.";
            return Err(fault("0x80041107", message));
        }
        (Some(aggregate), false) => What::Aggregate(aggregate, attribute.distinct),
        (None, true) => attribute.part.map_or(What::Group, What::Part),
    };
    let name = match (what, &attribute.alias) {
        (_, Some(alias)) => alias.clone(),
        (What::Aggregate(..), None) => {
            return Err(fault("0x80041109", "Invalid alias for aggregate operation."));
        }
        (_, None) => logical.clone(),
    };
    let kind = kind_of(what, &column.kind, logical)?;
    let column = row.reference(column);
    Ok(Output { name, table: row.table, attribute: attribute.name.clone(), column, what, kind })
}

/// Of which type the value is, if the column can be asked so.
fn kind_of(what: What, column: &Kind, logical: &str) -> Result<Kind, DataverseError> {
    let (aggregate, fits) = match what {
        What::Part(_) if column.is_time() => return Ok(Kind::Integer),
        What::Part(_) => return Err(invalid_date_part()),
        What::Group if matches!(column, Kind::Choices(_)) => {
            let message =
                "GroupBy or OrderBy Query is not supported for MultiSelectPickList Attribute Type.";
            return Err(fault("0x80050224", message));
        }
        What::Group => return Ok(column.clone()),
        What::Aggregate(Aggregate::Count | Aggregate::CountColumn, _) => return Ok(Kind::Integer),
        What::Aggregate(aggregate @ (Aggregate::Sum | Aggregate::Average), _) => {
            (aggregate, column.is_number())
        }
        What::Aggregate(aggregate, _) => (aggregate, column.is_number() || column.is_time()),
    };
    if fits {
        return Ok(column.clone());
    }
    let name = match aggregate {
        Aggregate::Sum => "sum",
        Aggregate::Average => "avg",
        Aggregate::Min => "min",
        _ => "max",
    };
    let kind = column.attribute_type(logical);
    let message = format!("Aggregate {name} is not supported for attribute of type {kind}.");
    Err(fault("0x8004112f", message))
}

impl Output<'_> {
    fn sql(&self) -> String {
        let column = self.column_sql();
        match self.what {
            What::Group => column,
            What::Part(part) => part_sql(part, &column),
            What::Aggregate(aggregate, distinct) => {
                let distinct = if distinct { "DISTINCT " } else { "" };
                match aggregate {
                    Aggregate::Count => "COUNT(*)".to_owned(),
                    Aggregate::CountColumn => format!("COUNT({distinct}{column})"),
                    Aggregate::Sum => format!("COALESCE(SUM({distinct}{column}), 0)"),
                    Aggregate::Average if self.is_whole() => {
                        format!("CAST(AVG({distinct}{column}) AS INTEGER)")
                    }
                    Aggregate::Average => format!("AVG({distinct}{column})"),
                    Aggregate::Min => format!("MIN({column})"),
                    Aggregate::Max => format!("MAX({column})"),
                }
            }
        }
    }

    fn column_sql(&self) -> String {
        let collation = if self.column.kind.is_text() { " COLLATE DATAVERSE" } else { "" };
        format!("{}.\"{}\"{collation}", self.column.alias, self.column.name)
    }

    fn is_whole(&self) -> bool {
        matches!(self.column.kind, Kind::Integer | Kind::BigInteger)
    }

    fn is_group(&self) -> bool {
        !matches!(self.what, What::Aggregate(..))
    }
}

/// Weeks are counted from the one that 1 January is in, and start on Sunday. A fiscal period carries
/// its year, so that quarters of different years stay apart.
fn part_sql(part: DatePart, column: &str) -> String {
    let number = |format: &str| format!("CAST(strftime('{format}', {column}) AS INTEGER)");
    match part {
        DatePart::Day => number("%d"),
        DatePart::Week => format!(
            "(({} - 1 + CAST(strftime('%w', {column}, 'start of year') AS INTEGER)) / 7 + 1)",
            number("%j")
        ),
        DatePart::Month => number("%m"),
        DatePart::Quarter => format!("(({} + 2) / 3)", number("%m")),
        DatePart::Year | DatePart::FiscalYear => number("%Y"),
        DatePart::FiscalPeriod => format!("({} * 10 + ({} + 2) / 3)", number("%Y"), number("%m")),
    }
}

fn push_groups(builder: &mut Builder, outputs: &[Output<'_>]) {
    let mut joint = " GROUP BY ";
    for output in outputs.iter().filter(|output| output.is_group()) {
        builder.push(joint).push(output.sql());
        joint = ", ";
    }
}

/// By the aliases asked for, then by the groups in their order.
fn push_order(
    builder: &mut Builder,
    names: &Names<'_>,
    fetch: &Fetch,
    outputs: &[Output<'_>],
) -> Result<(), DataverseError> {
    let mut orders: Vec<_> = fetch.entity.orders.iter().collect();
    fetch.entity.each_link(&mut |link| orders.extend(&link.entity.orders));
    let mut joint = " ORDER BY ";
    for order in orders {
        if order.attribute.is_some() {
            let message = "An attribute cannot be specified for an order clause for an aggregate Query. \
                           Use an alias.";
            return Err(fault("0x80041131", message));
        }
        let alias = order.alias.as_deref().ok_or_else(|| {
            fault("0x80041134", "An alias is required for an order clause for an aggregate Query.")
        })?;
        let at = outputs.iter().position(|output| output.name == alias);
        let found = at.and_then(|at| Some((at, outputs.get(at)?)));
        let (at, output) = found.ok_or_else(|| {
            let message =
                "The specified alias for the given entity in the condition does not exist.";
            fault("0x8004110a", format!("{message} Alias = {alias}"))
        })?;
        builder.push(joint);
        joint = ", ";
        let (table, column, descending) = (output.table, output.column.clone(), order.descending);
        match output.what {
            What::Group => {
                let sort = Sort { table, column, descending, cookie: None };
                push_sort(builder, names.schema, &sort, fetch.raw_order);
            }
            _ => {
                builder.push(at + 1).push(if descending { " DESC" } else { "" });
            }
        }
    }
    for (at, _) in outputs.iter().enumerate().filter(|(_, output)| output.is_group()) {
        builder.push(joint).push(at + 1);
        joint = ", ";
    }
    Ok(())
}

fn record(
    row: &SqliteRow,
    outputs: &[Output<'_>],
    lookups: &[usize],
    annotations: &Annotations,
) -> Result<Json, sqlx::Error> {
    let mut record = Map::new();
    for (at, output) in outputs.iter().enumerate() {
        let value = computed(row, at, &output.kind)?;
        if value.is_null() {
            continue;
        }
        let mut add = |annotation: &str, text: Option<String>| {
            if let Some(text) = text.filter(|_| annotations.wants(annotation)) {
                record.insert(format!("{}@{annotation}", output.name), json!(text));
            }
        };
        add(ATTRIBUTE, Some(output.attribute.clone()));
        match lookups.iter().position(|lookup| *lookup == at) {
            Some(nth) => {
                add(FORMATTED, row.try_get(outputs.len() + 2 * nth)?);
                add(TABLE, row.try_get(outputs.len() + 2 * nth + 1)?);
            }
            None => add(FORMATTED, output.formatted(&value)),
        }
        record.insert(output.name.clone(), output.shown(value));
    }
    Ok(Json::Object(record))
}

impl Output<'_> {
    fn shown(&self, value: Json) -> Json {
        match (self.what, value.as_i64()) {
            (What::Part(DatePart::FiscalPeriod), Some(period)) => json!(period % 10),
            _ => value,
        }
    }

    fn formatted(&self, value: &Json) -> Option<String> {
        match (self.what, value.as_i64()) {
            (What::Part(DatePart::FiscalPeriod), Some(period)) => {
                Some(format!("Quarter {} FY{}", period % 10, period / 10))
            }
            (What::Part(DatePart::FiscalYear), Some(year)) => Some(format!("FY{year}")),
            (What::Group, _) => formatted(self.table, &self.kind, value),
            _ => plain(&self.kind, value),
        }
    }
}
