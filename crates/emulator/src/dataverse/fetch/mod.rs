//! FetchXML: `GET accounts?fetchXml=<fetch>…</fetch>`.
//!
//! The text becomes a document ([`parse`]), its names are looked up ([`names`], [`plan`]), and it is
//! carried out as one SQL statement ([`select`]), for rows ([`rows`]) or for groups ([`aggregate`]).
//! Hints that only tell how to carry a query out have no effect.
//!
//! Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/overview and the pages there.

mod aggregate;
mod document;
mod names;
mod paging;
mod parse;
mod parse_filter;
mod plan;
mod rows;
mod select;

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value as Json, json};
use sqlx::SqliteConnection;

use super::access::visible;
use super::call::Call;
use super::errors::DataverseError;
use super::query::ast::Expr;
use super::query::context::Context;
use super::query::options::Options;
use super::schema::{Schema, Table};
use super::shape::Annotations;
use names::{Names, intersect_tables};
use plan::Planner;

const COOKIE: &str = "Microsoft.Dynamics.CRM.fetchxmlpagingcookie";
const MORE: &str = "Microsoft.Dynamics.CRM.morerecords";

/// What a query found.
pub(crate) struct Answer {
    pub(crate) rows: Vec<Json>,
    pub(crate) more: bool,
    /// The cookie of the next page.
    pub(crate) cookie: Option<String>,
    /// How many rows match, at most 5,001, when asked for.
    pub(crate) total: Option<i64>,
    /// Columns of the main table, for the answer's context.
    pub(crate) columns: Vec<String>,
}

/// The circumstances of a query.
pub(crate) struct Asked<'a> {
    pub(crate) schema: &'a Schema,
    /// The table of the address.
    pub(crate) table: &'a Table,
    pub(crate) context: &'a Context,
    pub(crate) annotations: &'a Annotations,
    /// The page size that the caller prefers.
    pub(crate) page_size: Option<u32>,
    pub(crate) total: bool,
}

/// A fault of the query: 400 with the code that Dataverse gives it.
fn fault(code: &'static str, message: impl Into<String>) -> DataverseError {
    DataverseError::new(StatusCode::BAD_REQUEST, code, message)
}

pub(crate) async fn run(
    connection: &mut SqliteConnection,
    asked: &Asked<'_>,
    xml: &str,
    visible: &(dyn Fn(&Table) -> Result<Vec<Expr>, DataverseError> + Sync),
) -> Result<Answer, DataverseError> {
    let Asked { schema, table, context, annotations, page_size, total } = *asked;
    let fetch = parse::parse(xml)?;
    let intersects = intersect_tables(schema, &fetch);
    let names = Names::new(schema, &intersects, &fetch)?;
    if names.main()?.table.logical != table.logical {
        let message = "The entity name specified in fetchxml does not match the entity name specified \
                       in the Entity or Query Expression.";
        return Err(fault("0x80041128", message));
    }
    let plan = Planner { names: &names, context, visible }.plan(&fetch.entity)?;
    if fetch.aggregate {
        return aggregate::run(connection, &names, &fetch, &plan, annotations).await;
    }
    let query = rows::Query {
        names: &names,
        fetch: &fetch,
        plan: &plan,
        annotations,
        preferred_size: page_size,
        total,
    };
    query.run(connection).await
}

/// Answers `fetchXml` in an address.
pub(crate) async fn answer(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    table: &Table,
    xml: &str,
    options: &Options,
) -> Result<Response, DataverseError> {
    let context = call.context();
    let size = call.preferred("odata.maxpagesize").and_then(|size| size.parse().ok());
    let asked = Asked {
        schema: &call.dataverse().schema,
        table,
        context: &context,
        annotations: &options.annotations,
        page_size: size.filter(|size| *size > 0),
        total: options.count,
    };
    let author = call.author();
    let answer = run(connection, &asked, xml, &|table| visible(author, table)).await?;
    Ok(call.applied(call.json(StatusCode::OK, &body(call, table, options, answer)), None))
}

fn body(call: &Call<'_>, table: &Table, options: &Options, answer: Answer) -> Json {
    let mut body = Map::new();
    let columns = answer.columns.join(",");
    let columns = if columns.is_empty() { columns } else { format!("({columns})") };
    let context = format!("{}/$metadata#{}{columns}", call.caller.base, table.set);
    body.insert("@odata.context".into(), json!(context));
    if let Some(total) = answer.total {
        body.insert("@odata.count".into(), json!(total.min(5000)));
    }
    call.add_totals(&mut body, &options.annotations, answer.total.unwrap_or(-1));
    if let Some(cookie) = answer.cookie.filter(|_| options.annotations.wants(COOKIE)) {
        body.insert(format!("@{COOKIE}"), json!(cookie));
    }
    if options.annotations.wants(MORE) {
        body.insert(format!("@{MORE}"), json!(answer.more));
    }
    body.insert("value".into(), Json::Array(answer.rows));
    Json::Object(body)
}

#[cfg(test)]
mod tests;
