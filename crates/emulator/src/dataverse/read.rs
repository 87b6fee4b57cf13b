//! Reading: lists with filter, order, count and paging, and single rows.

use serde_json::Value as Json;
use sqlx::SqliteConnection;

use super::Dataverse;
use super::errors::DataverseError;
use super::query::options::{Cookie, MAX_PAGE, Options};
use super::query::sql::{Builder, push_expr};
use super::shape::{Shape, name_of_target};
use super::tables::{Kind, Table};

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
    let shape = Shape::new(dataverse, table, options);
    let size = page_size.unwrap_or(MAX_PAGE).min(MAX_PAGE);
    let top = options.top.filter(|_| page_size.is_none());
    let cookie = options.page.unwrap_or(Cookie { page: 1, offset: 0 });
    let limit = top.unwrap_or(size);

    let mut builder = shape.select();
    push_where(&mut builder, options);
    push_order(&mut builder, dataverse, table, options);
    builder.push(" LIMIT ").push_bind(i64::from(limit) + 1);
    builder.push(" OFFSET ").push_bind(i64::from(cookie.offset));
    let mut found = builder.build().fetch_all(&dataverse.pool).await?;

    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = Cookie { page: cookie.page + 1, offset: cookie.offset + limit };
    Ok(Page {
        rows: found.iter().map(|row| shape.record(row)).collect::<Result<_, _>>()?,
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
    let mut builder =
        Builder::new(format!("SELECT COUNT(*) FROM (SELECT 1 FROM \"{}\" AS t", table.logical));
    push_where(&mut builder, options);
    builder.push(" LIMIT ").push_bind(i64::from(MAX_PAGE)).push(")");
    Ok(builder.build_query_scalar().fetch_one(&dataverse.pool).await?)
}

/// One row with its etag, or `None`.
pub(crate) async fn one(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    options: &Options,
) -> Result<Option<Json>, DataverseError> {
    let shape = Shape::new(dataverse, table, options);
    let mut builder = shape.select();
    builder.push(format_args!(" WHERE t.\"{}\" = ", table.key)).push_bind(id.to_owned());
    let found = builder.build().fetch_optional(connection).await?;
    Ok(found.map(|row| shape.record(&row)).transpose()?)
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
            Some(Kind::Lookup(targets)) => {
                builder.push(name_of_target(dataverse, name, targets, "__fold"))
            }
            _ => builder.push(format_args!("t.\"{name}\"")),
        };
        builder.push(if *descending { " DESC, " } else { ", " });
    }
    builder.push(format_args!("t.\"{}\"", table.key));
}
