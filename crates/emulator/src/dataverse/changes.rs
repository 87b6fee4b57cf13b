//! POST, PATCH and DELETE of rows: conditions, and what is answered.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode};
use sqlx::SqliteConnection;

use super::access::{Right, demand, demand_row};
use super::address::RowAt;
use super::call::{Call, ODATA_VERSION};
use super::delete as deletion;
use super::errors::DataverseError;
use super::links::Link;
use super::payload::{self, Changes};
use super::query::options::Options;
use super::resource::Key;
use super::schema::{Collection, Table};
use super::{duplicates, rules, write};

/// What a write demands of the row before it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Condition<'a> {
    None,
    /// `If-Match: *`
    Exists,
    /// `If-None-Match: *`
    Absent,
    /// `If-Match: W/"n"`
    Version(&'a str),
}

/// Any other `If-None-Match`, such as the `null` that Microsoft's samples send, is no condition.
pub(crate) fn condition<'a>(call: &'a Call<'_>) -> Condition<'a> {
    match (call.header("if-match"), call.header("if-none-match")) {
        (Some("*"), _) => Condition::Exists,
        (Some(etag), _) => Condition::Version(etag),
        (None, Some("*")) => Condition::Absent,
        _ => Condition::None,
    }
}

impl Condition<'_> {
    pub(crate) fn check(
        &self,
        row: &RowAt<'_>,
        version: Option<Option<i64>>,
    ) -> Result<(), DataverseError> {
        match (self, version) {
            (Condition::Exists | Condition::Version(_), None) => {
                Err(DataverseError::no_row_by(&row.table.logical, &row.key))
            }
            (Condition::Absent, Some(_)) => Err(DataverseError::duplicate_key()),
            (Condition::Version(etag), Some(version))
                if *etag != format!("W/\"{}\"", version.unwrap_or_default()) =>
            {
                Err(DataverseError::version_mismatch())
            }
            _ => Ok(()),
        }
    }
}

pub(crate) async fn create(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    table: &Table,
) -> Result<Response, DataverseError> {
    let options = call.row_options(table)?;
    let changes = payload::parse(&call.dataverse().schema, table, call.body)?;
    let id = make(call, connection, table, changes).await?;
    Done { created: true, table, id: &id, options: &options }.answer(call, connection).await
}

/// Creates a row in the collection of another.
pub(crate) async fn create_in(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    row: RowAt<'_>,
    collection: &Collection,
) -> Result<Response, DataverseError> {
    let table = call.dataverse().table(collection.table())?;
    let options = call.row_options(table)?;
    let mut changes = payload::parse(&call.dataverse().schema, table, call.body)?;
    let owner = write::need(connection, row.table, &row.key).await?;
    if let Collection::OneToMany { column, .. } = collection {
        write::point(&mut changes.values, column, &row.table.logical, owner.clone());
    }
    let id = make(call, connection, table, changes).await?;
    if matches!(collection, Collection::ManyToMany { .. }) {
        let link = Link { table: row.table, id: &owner, collection, other: &id };
        link.add(call.dataverse(), connection, call.author()).await?;
    }
    Done { created: true, table, id: &id, options: &options }.answer(call, connection).await
}

async fn make(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    table: &Table,
    changes: Changes,
) -> Result<String, DataverseError> {
    demand(call.author(), table, Right::Create)?;
    duplicates::check(call, connection, table, &changes, None).await?;
    write::create(call.dataverse(), connection, table, changes, call.author()).await
}

/// Update and upsert.
pub(crate) async fn patch(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    row: RowAt<'_>,
) -> Result<Response, DataverseError> {
    let (dataverse, table) = (call.dataverse(), row.table);
    let options = call.row_options(table)?;
    let mut changes = payload::parse(&dataverse.schema, table, call.body)?;
    let found = write::find(connection, table, &row.key).await?;
    let version = match &found {
        Some(id) => Some(write::version(connection, table, id).await?),
        None => None,
    };
    condition(call).check(&row, version)?;
    let Some(id) = found else {
        match row.key {
            Key::Id(id) => changes.id = Some(id),
            // The key's own values, whatever the body says of them.
            Key::Alternate(values) => changes.values.extend(values),
        }
        let id = make(call, connection, table, changes).await?;
        let done = Done { created: true, table, id: &id, options: &options };
        return done.answer(call, connection).await;
    };
    demand_row(call.author(), connection, table, &id, Right::Write).await?;
    duplicates::check(call, connection, table, &changes, Some(&id)).await?;
    if let Key::Alternate(values) = &row.key {
        changes.values.retain(|name, _| !values.contains_key(name));
    }
    rules::check_update(connection, table, &id, &changes).await?;
    write::update(dataverse, connection, table, &id, changes, call.author()).await?;
    Done { created: false, table, id: &id, options: &options }.answer(call, connection).await
}

pub(crate) async fn delete(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    row: RowAt<'_>,
) -> Result<Response, DataverseError> {
    demand(call.author(), row.table, Right::Delete)?;
    let id = write::need(connection, row.table, &row.key).await?;
    let version = write::version(connection, row.table, &id).await?;
    condition(call).check(&row, Some(version))?;
    demand_row(call.author(), connection, row.table, &id, Right::Delete).await?;
    deletion::delete(call.dataverse(), connection, row.table, &id).await?;
    Ok((StatusCode::NO_CONTENT, [ODATA_VERSION]).into_response())
}

/// A write that was made.
struct Done<'a> {
    created: bool,
    table: &'a Table,
    id: &'a str,
    options: &'a Options,
}

impl Done<'_> {
    async fn answer(
        &self,
        call: &Call<'_>,
        connection: &mut SqliteConnection,
    ) -> Result<Response, DataverseError> {
        let Done { created, table, id, options } = self;
        if call.preferred("return").as_deref() != Some("representation") {
            let mut response = (StatusCode::NO_CONTENT, [ODATA_VERSION]).into_response();
            let address = format!("{}/{}({id})", call.caller.base, table.set);
            if let Ok(value) = HeaderValue::try_from(address) {
                response.headers_mut().insert("odata-entityid", value);
            }
            return Ok(response);
        }
        let row = call.written(connection, table, id, options).await?;
        let status = if *created { StatusCode::CREATED } else { StatusCode::OK };
        let response = call.row(status, table, options, row);
        Ok(call.applied(response, Some("return=representation".to_owned())))
    }
}
