//! Many rows at once: `CreateMultiple`, `UpdateMultiple`, `UpsertMultiple`. All of them or none.
//!
//! Source: "Use bulk operation messages".

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Map, Value as Json, json};
use sqlx::SqliteConnection;

use super::super::access::{Right, demand, demand_row};
use super::super::call::{Call, ODATA_VERSION};
use super::super::errors::DataverseError;
use super::super::payload::{self, Changes};
use super::super::resource::Key;
use super::super::schema::Table;
use super::super::{rules, write};
use super::result;

pub(super) async fn create(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    table: &Table,
) -> Result<Response, DataverseError> {
    demand(call.author(), table, Right::Create)?;
    let mut ids = Vec::new();
    for target in targets(call, table)? {
        let changes = payload::from_object(&call.dataverse().schema, table, &target)?;
        let made = write::create(call.dataverse(), connection, table, changes, call.author());
        ids.push(made.await?);
    }
    Ok(result(call, "CreateMultipleResponse", json!({ "Ids": ids })))
}

pub(super) async fn update(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    table: &Table,
) -> Result<Response, DataverseError> {
    for target in targets(call, table)? {
        let (key, changes) = keyed(call, table, &target)?;
        let key = key.ok_or_else(|| missing_key(table))?;
        let id = write::need(connection, table, &key).await?;
        change(call, connection, table, &id, changes).await?;
    }
    Ok((StatusCode::NO_CONTENT, [ODATA_VERSION]).into_response())
}

pub(super) async fn upsert(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    table: &Table,
) -> Result<Response, DataverseError> {
    let mut results = Vec::new();
    for target in targets(call, table)? {
        let (key, mut changes) = keyed(call, table, &target)?;
        let key = key.ok_or_else(|| missing_key(table))?;
        let found = write::find(connection, table, &key).await?;
        let created = found.is_none();
        let id = match found {
            Some(id) => {
                change(call, connection, table, &id, changes).await?;
                id
            }
            None => {
                demand(call.author(), table, Right::Create)?;
                match key {
                    Key::Id(id) => changes.id = Some(id),
                    Key::Alternate(values) => changes.values.extend(values),
                }
                let made =
                    write::create(call.dataverse(), connection, table, changes, call.author());
                made.await?
            }
        };
        let target = json!({
            "@odata.type": format!("#Microsoft.Dynamics.CRM.{}", table.logical),
            &table.key: id,
        });
        results.push(json!({"RecordCreated": created, "Target": target}));
    }
    Ok(result(call, "UpsertMultipleResponse", json!({ "Results": results })))
}

async fn change(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    changes: Changes,
) -> Result<(), DataverseError> {
    demand_row(call.author(), connection, table, id, Right::Write).await?;
    rules::check_update(connection, table, id, &changes).await?;
    write::update(call.dataverse(), connection, table, id, changes, call.author()).await
}

fn targets(call: &Call<'_>, table: &Table) -> Result<Vec<Map<String, Json>>, DataverseError> {
    let wrong =
        || DataverseError::payload(&table.set, "the member 'Targets', a list of rows, is missing.");
    let body = payload::object(table, call.body)?;
    let targets = body.get("Targets").and_then(Json::as_array).ok_or_else(wrong)?;
    targets.iter().map(|target| target.as_object().cloned().ok_or_else(wrong)).collect()
}

/// The row that a target names, by its primary key, by `@odata.id` or by the columns of an alternate key.
fn keyed(
    call: &Call<'_>,
    table: &Table,
    target: &Map<String, Json>,
) -> Result<(Option<Key>, Changes), DataverseError> {
    let schema = &call.dataverse().schema;
    let mut changes = payload::from_object(schema, table, target)?;
    if let Some(id) = changes.id.take() {
        return Ok((Some(Key::Id(id)), changes));
    }
    if let Some(address) = target.get("@odata.id").and_then(Json::as_str) {
        let (other, key) = payload::reference(schema, address)?;
        let same = other.logical == table.logical;
        return if same { Ok((Some(key), changes)) } else { Err(missing_key(table)) };
    }
    let given = table
        .keys
        .iter()
        .find(|key| key.columns.iter().all(|name| changes.values.contains_key(name)));
    let key = given.map(|key| {
        let value = |name: &String| Some((name.clone(), changes.values.get(name)?.clone()));
        Key::Alternate(key.columns.iter().filter_map(value).collect())
    });
    Ok((key, changes))
}

/// Source: bulk-operations, "DeleteMultiple availability": elastic tables only.
pub(super) fn no_delete() -> DataverseError {
    let message = "DeleteMultiple has not yet been implemented.";
    DataverseError::new(StatusCode::BAD_REQUEST, "0x80040315", message)
}

fn missing_key(table: &Table) -> DataverseError {
    let message = format!("Entity Id must be specified for the {} entity", table.logical);
    DataverseError::new(StatusCode::BAD_REQUEST, "0x80040203", message)
}
