//! POST, PATCH and DELETE: conditions, the transaction, and what is answered.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode};
use sqlx::SqliteConnection;

use super::errors::DataverseError;
use super::payload;
use super::query::options::Options;
use super::routes::{Call, ODATA_VERSION};
use super::tables::Table;
use super::{delete as deletion, read, write};

/// What a write demands of the row before it.
#[derive(Debug, PartialEq, Eq)]
enum Condition<'a> {
    None,
    /// `If-Match: *`
    Exists,
    /// `If-None-Match: *`
    Absent,
    /// `If-Match: W/"n"`
    Version(&'a str),
}

fn condition<'a>(call: &'a Call<'_>) -> Condition<'a> {
    match (call.header("if-match"), call.header("if-none-match")) {
        (Some("*"), _) => Condition::Exists,
        (Some(etag), _) => Condition::Version(etag),
        (None, Some("*")) => Condition::Absent,
        _ => Condition::None,
    }
}

impl Condition<'_> {
    fn check(&self, table: &Table, id: &str, version: Option<i64>) -> Result<(), DataverseError> {
        match (self, version) {
            (Condition::Exists | Condition::Version(_), None) => {
                Err(DataverseError::no_row(&table.logical, id))
            }
            (Condition::Absent, Some(_)) => Err(DataverseError::duplicate_key()),
            (Condition::Version(etag), Some(version)) if *etag != format!("W/\"{version}\"") => {
                Err(DataverseError::version_mismatch())
            }
            _ => Ok(()),
        }
    }
}

/// Begins by taking the write lock: a transaction that read first could not take it later.
const BEGIN: &str = "BEGIN IMMEDIATE";

pub(crate) async fn create(call: &Call<'_>, table: &Table) -> Result<Response, DataverseError> {
    allowed(call, table, "Create")?;
    let dataverse = &call.state.dataverse;
    let options = call.row_options(table)?;
    let changes = payload::parse(dataverse, table, call.body)?;
    let id = changes.id.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let mut transaction = dataverse.pool.begin_with(BEGIN).await?;
    let user = &call.principal.system_user;
    write::create(dataverse, &mut transaction, table, &id, changes, user).await?;
    let done = Done { created: true, table, id: &id, options: &options };
    let response = done.answer(call, &mut transaction).await?;
    transaction.commit().await?;
    Ok(response)
}

/// Update and upsert.
pub(crate) async fn patch(
    call: &Call<'_>,
    table: &Table,
    id: &str,
) -> Result<Response, DataverseError> {
    allowed(call, table, "Write")?;
    let dataverse = &call.state.dataverse;
    let options = call.row_options(table)?;
    let changes = payload::parse(dataverse, table, call.body)?;
    let mut transaction = dataverse.pool.begin_with(BEGIN).await?;
    let version = write::version(&mut transaction, table, id).await?;
    condition(call).check(table, id, version)?;
    let user = &call.principal.system_user;
    match version {
        Some(_) => write::update(dataverse, &mut transaction, table, id, changes, user).await?,
        None => write::create(dataverse, &mut transaction, table, id, changes, user).await?,
    }
    let done = Done { created: version.is_none(), table, id, options: &options };
    let response = done.answer(call, &mut transaction).await?;
    transaction.commit().await?;
    Ok(response)
}

pub(crate) async fn delete(
    call: &Call<'_>,
    table: &Table,
    id: &str,
) -> Result<Response, DataverseError> {
    allowed(call, table, "Delete")?;
    let dataverse = &call.state.dataverse;
    let mut transaction = dataverse.pool.begin_with(BEGIN).await?;
    let version = write::version(&mut transaction, table, id).await?;
    if version.is_none() {
        return Err(DataverseError::no_row(&table.logical, id));
    }
    condition(call).check(table, id, version)?;
    deletion::delete(dataverse, &mut transaction, table, id).await?;
    transaction.commit().await?;
    Ok((StatusCode::NO_CONTENT, [ODATA_VERSION]).into_response())
}

fn allowed(call: &Call<'_>, table: &Table, verb: &str) -> Result<(), DataverseError> {
    if !table.protected {
        return Ok(());
    }
    let message = format!(
        "Principal user (Id={}) is missing prv{verb}User privilege for entity '{}'",
        call.principal.system_user, table.logical
    );
    Err(DataverseError::new(StatusCode::FORBIDDEN, "0x80040220", message))
}

/// A write that was made and not yet committed.
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
            let address = format!("{}/{}({id})", call.base, table.set);
            if let Ok(value) = HeaderValue::try_from(address) {
                response.headers_mut().insert("odata-entityid", value);
            }
            return Ok(response);
        }
        let row = read::one(&call.state.dataverse, connection, table, id, options).await?;
        let row = row.ok_or_else(|| DataverseError::no_row(&table.logical, id))?;
        let status = if *created { StatusCode::CREATED } else { StatusCode::OK };
        let response = call.row(status, table, options, row);
        Ok(call.applied(response, Some("return=representation".to_owned())))
    }
}
