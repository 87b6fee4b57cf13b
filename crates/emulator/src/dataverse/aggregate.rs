//! `$apply` carried out: one row for each group, members without a value left out.

use serde_json::{Map, Value as Json, json};
use sqlx::SqliteConnection;

use super::errors::DataverseError;
use super::formatted::{formatted, plain};
use super::query::apply::{Apply, Method};
use super::query::ast::{ColumnRef, Expr, MAIN};
use super::query::options::Options;
use super::query::sql::{Builder, push_column};
use super::read::push_where;
use super::schema::{Kind, Table};
use super::shape::{FORMATTED, computed};

/// Source: webapi/query/aggregate-data.
const MAX_ROWS: i64 = 50_000;

pub(crate) async fn run(
    connection: &mut SqliteConnection,
    table: &Table,
    apply: &Apply,
    options: &Options,
    conditions: &[Expr],
) -> Result<Vec<Json>, DataverseError> {
    let mut conditions = conditions.to_vec();
    conditions.extend(apply.filter.clone());
    limited(connection, table, options, &conditions).await?;
    let mut builder = Builder::new("SELECT ");
    let mut columns: Vec<(&str, Kind)> = Vec::new();
    for group in &apply.groups {
        builder.push(if columns.is_empty() { "" } else { ", " });
        push_column(&mut builder, &group.column);
        columns.push((&group.name, group.column.kind.clone()));
    }
    for aggregate in &apply.aggregates {
        builder.push(if columns.is_empty() { "" } else { ", " });
        let kind = push_aggregate(&mut builder, aggregate.of.as_ref());
        columns.push((&aggregate.name, kind));
    }
    builder.push(format!(" FROM \"{}\" AS {MAIN}", table.logical));
    push_where(&mut builder, options.filter.as_ref(), &conditions);
    for (at, _) in apply.groups.iter().enumerate() {
        builder.push(if at == 0 { " GROUP BY " } else { ", " }).push(at + 1);
    }
    push_order(&mut builder, apply, options)?;
    let limit = options.top.map_or(-1, i64::from);
    builder.push(" LIMIT ").push_bind(limit);
    let rows = builder.build().fetch_all(connection).await?;
    let record = |row: &sqlx::sqlite::SqliteRow| {
        let mut record = Map::new();
        for (at, (name, kind)) in columns.iter().enumerate() {
            let value = computed(row, at, kind)?;
            if value.is_null() {
                continue;
            }
            let text = match apply.groups.get(at) {
                Some(_) => formatted(table, kind, &value),
                None => plain(kind, &value),
            };
            if let Some(text) = text.filter(|_| options.annotations.formatted()) {
                record.insert(format!("{name}@{FORMATTED}"), json!(text));
            }
            record.insert((*name).to_owned(), value);
        }
        Ok(Json::Object(record))
    };
    let records: Result<Vec<Json>, sqlx::Error> = rows.iter().map(record).collect();
    Ok(records?)
}

async fn limited(
    connection: &mut SqliteConnection,
    table: &Table,
    options: &Options,
    conditions: &[Expr],
) -> Result<(), DataverseError> {
    let from = format!("SELECT COUNT(*) FROM (SELECT 1 FROM \"{}\" AS {MAIN}", table.logical);
    let mut builder = Builder::new(from);
    push_where(&mut builder, options.filter.as_ref(), conditions);
    builder.push(" LIMIT ").push_bind(MAX_ROWS + 1).push(")");
    let rows: i64 = builder.build_query_scalar().fetch_one(connection).await?;
    if rows <= MAX_ROWS {
        return Ok(());
    }
    let message = "AggregateQueryRecordLimit exceeded. Cannot perform this operation.";
    Err(DataverseError::new(http::StatusCode::BAD_REQUEST, "0x8004E023", message))
}

/// Adds the expression of an aggregate and says of which type it is.
fn push_aggregate(builder: &mut Builder, of: Option<&(Method, ColumnRef)>) -> Kind {
    let Some((method, column)) = of else {
        builder.push("COUNT(*)");
        return Kind::Integer;
    };
    builder.push(match method {
        Method::Sum => "SUM(",
        Method::Average => "AVG(",
        Method::Min => "MIN(",
        Method::Max => "MAX(",
        Method::CountDistinct => "COUNT(DISTINCT ",
    });
    push_column(builder, column);
    builder.push(")");
    match (method, &column.kind) {
        (Method::CountDistinct, _) => Kind::Integer,
        (Method::Average, Kind::Integer | Kind::BigInteger) => Kind::Decimal,
        (_, kind) => kind.clone(),
    }
}

/// Only columns that are grouped by can order the groups.
fn push_order(
    builder: &mut Builder,
    apply: &Apply,
    options: &Options,
) -> Result<(), DataverseError> {
    let mut joint = " ORDER BY ";
    for order in &options.order {
        let at = apply.groups.iter().position(|group| group.column == order.column);
        let at = at.ok_or_else(|| {
            DataverseError::odata("The query node SingleValueOpenPropertyAccess is not supported")
        })?;
        builder.push(joint).push(at + 1).push(if order.descending { " DESC" } else { "" });
        joint = ", ";
    }
    for (at, _) in apply.groups.iter().enumerate() {
        builder.push(joint).push(at + 1);
        joint = ", ";
    }
    Ok(())
}
