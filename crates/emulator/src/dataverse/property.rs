//! One column of one row: read, set, emptied.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value as Json, json};
use sqlx::SqliteConnection;

use super::access::{Right, demand_row};
use super::address::RowAt;
use super::call::{Call, ODATA_VERSION};
use super::changes::condition;
use super::errors::DataverseError;
use super::payload;
use super::query::options::Options;
use super::schema::Column;
use super::{rules, write};

pub(crate) async fn answer(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    row: RowAt<'_>,
    column: &Column,
    raw: bool,
) -> Result<Response, DataverseError> {
    match call.method.as_str() {
        "GET" => read(call, connection, row, column, raw).await,
        "PUT" if !raw => {
            let body = payload::object(row.table, call.body)?;
            let value = body.get("value").cloned().ok_or_else(|| {
                DataverseError::payload(&row.table.set, "the member 'value' is missing.")
            })?;
            set(call, connection, row, column, value).await
        }
        "DELETE" => set(call, connection, row, column, Json::Null).await,
        _ => Err(call.wrong_verb()),
    }
}

async fn read(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    row: RowAt<'_>,
    column: &Column,
    raw: bool,
) -> Result<Response, DataverseError> {
    let id = write::need(connection, row.table, &row.key).await?;
    demand_row(call.author(), connection, row.table, &id, Right::Read).await?;
    let options = Options { select: Some(vec![column.name.clone()]), ..Options::default() };
    let found = call.written(connection, row.table, &id, &options).await?;
    let value = found.get(&column.name).cloned().unwrap_or_default();
    if value.is_null() {
        return Ok((StatusCode::NO_CONTENT, [ODATA_VERSION]).into_response());
    }
    if raw {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let plain = (header::CONTENT_TYPE, "text/plain");
        return Ok(([plain, ODATA_VERSION], text).into_response());
    }
    let place = format!("{}({id})/{}", row.table.set, column.name);
    let context = format!("{}/$metadata#{place}", call.caller.base);
    Ok(call.json(StatusCode::OK, &json!({"@odata.context": context, "value": value})))
}

async fn set(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    row: RowAt<'_>,
    column: &Column,
    value: Json,
) -> Result<Response, DataverseError> {
    let id = write::need(connection, row.table, &row.key).await?;
    let version = write::version(connection, row.table, &id).await?;
    condition(call).check(&row, Some(version))?;
    demand_row(call.author(), connection, row.table, &id, Right::Write).await?;
    let body = [(column.name.clone(), value)].into_iter().collect();
    let dataverse = call.dataverse();
    let changes = payload::from_object(&dataverse.schema, row.table, &body)?;
    rules::check_update(connection, row.table, &id, &changes).await?;
    write::update(dataverse, connection, row.table, &id, changes, call.author()).await?;
    Ok((StatusCode::NO_CONTENT, [ODATA_VERSION]).into_response())
}
