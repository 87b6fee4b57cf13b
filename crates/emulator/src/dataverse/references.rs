//! `$ref`: the address that a lookup or a collection holds, set, read and taken away.
//!
//! Source: webapi/associate-disassociate-entities-using-web-api.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value as Json, json};
use sqlx::SqliteConnection;

use super::access::{Right, demand, demand_row, visible};
use super::address::RowAt;
use super::call::{Call, ODATA_VERSION};
use super::errors::DataverseError;
use super::links::Link;
use super::payload;
use super::query::options::{Options, pairs};
use super::resource::Key;
use super::schema::{Collection, Column, Table};
use super::write;

/// A lookup's address: PUT sets it, DELETE empties it.
pub(crate) async fn lookup(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    row: RowAt<'_>,
    column: &Column,
    navigation: &str,
) -> Result<Response, DataverseError> {
    let (dataverse, table) = (call.dataverse(), row.table);
    let id = write::need(connection, table, &row.key).await?;
    let right = if call.method == "GET" { Right::Read } else { Right::Write };
    demand_row(call.author(), connection, table, &id, right).await?;
    let body = match call.method.as_str() {
        "GET" => return read_lookup(call, connection, table, &id, column).await,
        "PUT" => json!({format!("{navigation}@odata.bind"): referred(call, table)?}),
        "DELETE" => json!({ navigation: null }),
        _ => return Err(call.wrong_verb()),
    };
    let body = body.as_object().cloned().unwrap_or_default();
    let changes = payload::from_object(&dataverse.schema, table, &body)?;
    write::update(dataverse, connection, table, &id, changes, call.author()).await?;
    Ok(done())
}

async fn read_lookup(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    column: &Column,
) -> Result<Response, DataverseError> {
    let mut options = Options { select: Some(vec![column.name.clone()]), ..Options::default() };
    options.annotate(&super::shape::Annotations::parse(Some(super::shape::TABLE)));
    let row = call.written(connection, table, id, &options).await?;
    let text = |name: &str| row.get(name).and_then(Json::as_str);
    let target = text(&format!("{}@{}", column.name, super::shape::TABLE));
    let target = target.and_then(|name| call.dataverse().schema.by_logical(name));
    let Some((id, target)) = text(&column.name).zip(target) else {
        return Ok(done());
    };
    let context = format!("{}/$metadata#$ref", call.caller.base);
    let address = format!("{}/{}({id})", call.caller.base, target.set);
    Ok(call.json(StatusCode::OK, &json!({"@odata.context": context, "@odata.id": address})))
}

/// A collection's addresses: POST adds one, DELETE takes one away, named by its key or by `$id`.
pub(crate) async fn collection(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    row: RowAt<'_>,
    collection: &Collection,
    other: Option<Key>,
) -> Result<Response, DataverseError> {
    let (dataverse, author) = (call.dataverse(), call.author());
    let table = dataverse.table(collection.table())?;
    let id = write::need(connection, row.table, &row.key).await?;
    let roles = table.logical == "role" || row.table.logical == "role";
    match call.method.as_str() {
        "GET" => demand_row(author, connection, row.table, &id, Right::Read).await?,
        // Giving a role is a right of its own. Source: AssociateUserRoles's privileges, prvAssignRole.
        _ if roles => demand(author, dataverse.table("role")?, Right::Assign)?,
        _ => demand_row(author, connection, row.table, &id, Right::AppendTo).await?,
    }
    let key = match (call.method.as_str(), other) {
        ("GET", None) => return list(call, connection, &id, collection).await,
        ("POST" | "PUT", None) => target(call, table, &referred(call, row.table)?)?,
        ("DELETE", Some(key)) => key,
        ("DELETE", None) => {
            let pairs = pairs(call.query);
            let address = pairs.iter().find(|(name, _)| name == "$id").map(|(_, value)| value);
            let missing = || DataverseError::odata("The query option '$id' is missing.");
            target(call, table, address.ok_or_else(missing)?)?
        }
        _ => return Err(call.wrong_verb()),
    };
    let other = write::need(connection, table, &key).await?;
    if !roles {
        demand_row(author, connection, table, &other, Right::Append).await?;
    }
    let link = Link { table: row.table, id: &id, collection, other: &other };
    match call.method.as_str() {
        "DELETE" if link.exists(dataverse, connection).await? => {
            link.remove(dataverse, connection, author).await?;
        }
        "DELETE" => {}
        _ => link.add(dataverse, connection, author).await?,
    }
    Ok(done())
}

async fn list(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    id: &str,
    collection: &Collection,
) -> Result<Response, DataverseError> {
    let table = call.dataverse().table(collection.table())?;
    let options = Options { select: Some(vec![table.key.clone()]), ..Options::default() };
    let mut conditions = visible(call.author(), table)?;
    conditions.push(super::read::belongs_to(collection, table, id));
    let rows = call.page(connection, table, &options, &conditions).await?;
    let address = |row: &Json| {
        let id = row.get(&table.key).and_then(Json::as_str).unwrap_or_default();
        json!({"@odata.id": format!("{}/{}({id})", call.caller.base, table.set)})
    };
    let context = format!("{}/$metadata#Collection($ref)", call.caller.base);
    let addresses: Vec<Json> = rows.iter().map(address).collect();
    Ok(call.json(StatusCode::OK, &json!({"@odata.context": context, "value": addresses})))
}

/// The `@odata.id` of the body.
fn referred(call: &Call<'_>, table: &Table) -> Result<String, DataverseError> {
    let body = payload::object(table, call.body)?;
    let address = body.get("@odata.id").or_else(|| body.get("@id")).and_then(Json::as_str);
    let missing =
        || DataverseError::payload(&table.set, "the member '@odata.id', an address, is missing.");
    address.map(str::to_owned).ok_or_else(missing)
}

fn target(call: &Call<'_>, wanted: &Table, address: &str) -> Result<Key, DataverseError> {
    let (table, key) = payload::reference(&call.dataverse().schema, address)?;
    if table.logical == wanted.logical || wanted.members.contains(&table.logical) {
        return Ok(key);
    }
    let message = format!(
        "The address '{address}' is a {}, and the collection holds rows of {}.",
        table.logical, wanted.logical
    );
    Err(DataverseError::odata(message))
}

fn done() -> Response {
    (StatusCode::NO_CONTENT, [ODATA_VERSION]).into_response()
}
