//! Reading: lists with filter, order, count and paging, and single rows.

use serde_json::{Map, Value as Json, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::Dataverse;
use super::errors::DataverseError;
use super::query::options::{Cookie, MAX_PAGE, Options};
use super::query::sql::{Builder, push_expr};
use super::tables::{Column, Kind, Table};
use super::values;

/// A page of rows and, where there is more, where it goes on.
pub(crate) struct Page {
    pub(crate) rows: Vec<Json>,
    pub(crate) next: Option<Cookie>,
    /// Matching rows, at most 5,000, when asked for.
    pub(crate) count: Option<i64>,
}

/// Lists rows; `page_size` is the caller's `odata.maxpagesize`, which takes `$top` out of force.
pub(crate) async fn list(
    dataverse: &Dataverse,
    table: &Table,
    options: &Options,
    page_size: Option<u32>,
) -> Result<Page, DataverseError> {
    let columns = columns(table, options.select.as_deref());
    let size = page_size.unwrap_or(MAX_PAGE).min(MAX_PAGE);
    let top = options.top.filter(|_| page_size.is_none());
    let cookie = options.page.unwrap_or(Cookie { page: 1, offset: 0 });
    let limit = top.unwrap_or(size);

    let mut builder = select(table, &columns);
    push_where(&mut builder, options);
    push_order(&mut builder, dataverse, table, options);
    builder.push(" LIMIT ").push_bind(i64::from(limit) + 1);
    builder.push(" OFFSET ").push_bind(i64::from(cookie.offset));
    let mut found = builder.build().fetch_all(&dataverse.pool).await?;

    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = Cookie {
        page: cookie.page + 1,
        offset: cookie.offset + limit,
    };
    Ok(Page {
        rows: found
            .iter()
            .map(|row| record(row, &columns))
            .collect::<Result<_, _>>()?,
        next: (more && top.is_none()).then_some(next),
        count: match options.count {
            true => Some(count(dataverse, table, options).await?),
            false => None,
        },
    })
}

/// How many rows match, at most 5,000.
pub(crate) async fn count(
    dataverse: &Dataverse,
    table: &Table,
    options: &Options,
) -> Result<i64, DataverseError> {
    let mut builder = Builder::new(format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM \"{}\" AS t",
        table.logical
    ));
    push_where(&mut builder, options);
    builder
        .push(" LIMIT ")
        .push_bind(i64::from(MAX_PAGE))
        .push(")");
    Ok(builder
        .build_query_scalar()
        .fetch_one(&dataverse.pool)
        .await?)
}

/// One row with its etag, or `None`.
pub(crate) async fn one(
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    names: Option<&[String]>,
) -> Result<Option<Json>, DataverseError> {
    let columns = columns(table, names);
    let mut builder = select(table, &columns);
    builder
        .push(format_args!(" WHERE t.\"{}\" = ", table.key))
        .push_bind(id.to_owned());
    let found = builder.build().fetch_optional(connection).await?;
    Ok(found.map(|row| record(&row, &columns)).transpose()?)
}

/// The columns of an answer: those asked for, the primary key always.
fn columns<'a>(table: &'a Table, names: Option<&[String]>) -> Vec<&'a Column> {
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        return table.columns.iter().collect();
    };
    let mut columns: Vec<&Column> = names.iter().filter_map(|name| table.column(name)).collect();
    if !columns.iter().any(|column| column.kind == Kind::Key) {
        columns.extend(table.column(&table.key));
    }
    columns
}

fn select(table: &Table, columns: &[&Column]) -> Builder {
    let names: Vec<String> = columns
        .iter()
        .map(|column| format!("t.\"{}\"", column.name))
        .collect();
    Builder::new(format!(
        "SELECT {}, t.versionnumber FROM \"{}\" AS t",
        names.join(", "),
        table.logical
    ))
}

fn push_where(builder: &mut Builder, options: &Options) {
    if let Some(filter) = &options.filter {
        builder.push(" WHERE ");
        push_expr(builder, filter, false);
    }
}

/// Text sorts without case, choices by number, lookups by the primary name of the row pointed to;
/// the primary key last, so that pages neither overlap nor leave gaps.
fn push_order(builder: &mut Builder, dataverse: &Dataverse, table: &Table, options: &Options) {
    builder.push(" ORDER BY ");
    for (name, descending) in &options.order {
        match table.column(name).map(|column| &column.kind) {
            Some(Kind::Text { .. }) => builder.push(format_args!("t.\"{name}__fold\"")),
            Some(Kind::Lookup(targets)) => builder.push(name_of_target(dataverse, name, targets)),
            _ => builder.push(format_args!("t.\"{name}\"")),
        };
        builder.push(if *descending { " DESC, " } else { ", " });
    }
    builder.push(format_args!("t.\"{}\"", table.key));
}

fn name_of_target(dataverse: &Dataverse, lookup: &str, targets: &[String]) -> String {
    let names = targets
        .iter()
        .filter_map(|target| dataverse.tables.by_logical(target));
    let names: Vec<String> = names
        .map(|target| {
            let Table {
                logical, key, name, ..
            } = target;
            format!("(SELECT \"{name}__fold\" FROM \"{logical}\" WHERE \"{key}\" = t.\"{lookup}\")")
        })
        .collect();
    format!("COALESCE({}, NULL)", names.join(", "))
}

fn record(row: &SqliteRow, columns: &[&Column]) -> Result<Json, sqlx::Error> {
    let mut record = Map::new();
    let version: i64 = row.try_get(columns.len())?;
    record.insert("@odata.etag".to_owned(), json!(format!("W/\"{version}\"")));
    for (at, column) in columns.iter().enumerate() {
        record.insert(column.name.clone(), values::to_json(row, at, &column.kind)?);
    }
    Ok(Json::Object(record))
}
