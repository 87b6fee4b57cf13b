//! Writing one row: create, update, and what the platform adds to both.
//!
//! All of it within the caller's transaction, so that a refused write leaves nothing.

use std::collections::BTreeMap;

use http::StatusCode;
use sqlx::{Row, SqliteConnection};

use super::Dataverse;
use super::errors::DataverseError;
use super::payload::Changes;
use super::query::ast::Value;
use super::query::sql::{Builder, folded, push_value};
use super::tables::Table;
use super::values;

/// The `versionnumber` of a row, or `None` where there is no such row.
pub(crate) async fn version(
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
) -> Result<Option<i64>, DataverseError> {
    let mut builder = Builder::new(format!(
        "SELECT versionnumber FROM \"{}\" WHERE \"{}\" = ",
        table.logical, table.key
    ));
    builder.push_bind(id.to_owned());
    Ok(builder.build_query_scalar().fetch_optional(connection).await?)
}

/// Inserts a row under `id`.
pub(crate) async fn create(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    changes: Changes,
    system_user: &str,
) -> Result<(), DataverseError> {
    let mut values = set_lookups(dataverse, connection, changes).await?;
    if table.logical == "incident" && !has(&values, "_customerid_value") {
        return Err(no_customer());
    }
    let state = integer(&values, "statecode");
    settle_status(table, id, 0, state, &mut values)?;
    platform_values_of_new(table, id, system_user, &mut values);
    finish(dataverse, table, system_user, &mut values);
    insert(connection, table, &values).await.map_err(|error| match &error {
        sqlx::Error::Database(cause) if cause.is_unique_violation() => {
            DataverseError::duplicate_key()
        }
        _ => error.into(),
    })
}

fn no_customer() -> DataverseError {
    let message = "You should specify a parent contact or account.";
    DataverseError::new(StatusCode::BAD_REQUEST, "0x80044410", message)
}

/// Updates the row `id`, which exists.
pub(crate) async fn update(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    changes: Changes,
    system_user: &str,
) -> Result<(), DataverseError> {
    let mut values = set_lookups(dataverse, connection, changes).await?;
    if table.logical == "incident" && values.get("_customerid_value") == Some(&Value::Null) {
        return Err(no_customer());
    }
    if values.contains_key("statecode") || values.contains_key("statuscode") {
        let current = current_state(connection, table, id).await?;
        let state = integer(&values, "statecode");
        settle_status(table, id, current, state, &mut values)?;
    }
    if values.contains_key("firstname") || values.contains_key("lastname") {
        complete_names(connection, table, id, &mut values).await?;
    }
    finish(dataverse, table, system_user, &mut values);
    let mut builder = Builder::new(format!("UPDATE \"{}\" SET ", table.logical));
    for (at, (column, value)) in values.iter().enumerate() {
        builder.push(if at == 0 { "" } else { ", " }).push(format_args!("\"{column}\" = "));
        push_value(&mut builder, value);
    }
    builder.push(format_args!(" WHERE \"{}\" = ", table.key)).push_bind(id.to_owned());
    builder.build().execute(connection).await?;
    Ok(())
}

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    table: &Table,
    values: &BTreeMap<String, Value>,
) -> Result<(), sqlx::Error> {
    let names: Vec<String> = values.keys().map(|name| format!("\"{name}\"")).collect();
    let mut builder =
        Builder::new(format!("INSERT INTO \"{}\" ({}) VALUES (", table.logical, names.join(", ")));
    for (at, value) in values.values().enumerate() {
        builder.push(if at == 0 { "" } else { ", " });
        push_value(&mut builder, value);
    }
    builder.push(")").build().execute(connection).await?;
    Ok(())
}

/// Adds what every write sets: version, who and when, and the folded twins of text.
pub(crate) fn finish(
    dataverse: &Dataverse,
    table: &Table,
    system_user: &str,
    values: &mut BTreeMap<String, Value>,
) {
    full_name(table, values);
    values.insert("versionnumber".into(), Value::Integer(dataverse.next_version()));
    values.insert("modifiedon".into(), Value::Text(values::now()));
    lookup(values, "modifiedby", system_user);
    let folds: Vec<_> = values
        .iter()
        .filter(|(name, _)| table.column(name).is_some_and(|column| column.kind.is_text()))
        .map(|(name, value)| {
            let fold = match value {
                Value::Text(text) => Value::Text(folded(text)),
                other => other.clone(),
            };
            (format!("{name}__fold"), fold)
        })
        .collect();
    values.extend(folds);
}

pub(crate) fn platform_values_of_new(
    table: &Table,
    id: &str,
    system_user: &str,
    values: &mut BTreeMap<String, Value>,
) {
    values.insert(table.key.clone(), Value::Text(id.to_owned()));
    values.insert("createdon".into(), Value::Text(values::now()));
    lookup(values, "createdby", system_user);
    if !has(values, "_ownerid_value") {
        lookup(values, "ownerid", system_user);
    }
    lookup(values, "owninguser", system_user);
    match table.logical.as_str() {
        "incident" if !has(values, "ticketnumber") => {
            let tail = id.get(..6).unwrap_or(id).to_uppercase();
            let number = u32::from_str_radix(id.get(9..13).unwrap_or("0"), 16).unwrap_or(0);
            values.insert("ticketnumber".into(), Value::Text(format!("CAS-{number:05}-{tail}")));
        }
        "phonecall" => {
            values.insert("activitytypecode".into(), Value::Text("phonecall".into()));
            values.entry("directioncode".into()).or_insert(Value::Integer(1));
        }
        _ => {}
    }
}

fn lookup(values: &mut BTreeMap<String, Value>, column: &str, system_user: &str) {
    values.insert(format!("_{column}_value"), Value::Text(system_user.to_owned()));
    values.insert(format!("_{column}_value__table"), Value::Text("systemuser".into()));
}

async fn set_lookups(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    changes: Changes,
) -> Result<BTreeMap<String, Value>, DataverseError> {
    let mut values = changes.values;
    for bind in changes.binds {
        let target = dataverse.tables.by_logical(&bind.target);
        let target = target.ok_or_else(|| DataverseError::no_segment(&bind.target))?;
        if version(connection, target, &bind.id).await?.is_none() {
            return Err(DataverseError::no_row(&bind.target, &bind.id));
        }
        values.insert(format!("{}__table", bind.column), Value::Text(bind.target));
        values.insert(bind.column, Value::Text(bind.id));
    }
    Ok(values)
}

/// Makes state and status agree: a state alone takes its default status, a status must belong to
/// the state that the row then has.
pub(crate) fn settle_status(
    table: &Table,
    id: &str,
    current: i64,
    asked: Option<i64>,
    values: &mut BTreeMap<String, Value>,
) -> Result<(), DataverseError> {
    if table.states.is_empty() {
        return Ok(());
    }
    let state = asked.unwrap_or(current);
    let wrong = |status: i64| {
        let message = format!(
            "{status} is not a valid status code for state code {state} on {} with Id {id}.",
            table.logical
        );
        DataverseError::new(StatusCode::BAD_REQUEST, "0x80048408", message)
    };
    let default = table.states.get(&state).map(|state| state.status);
    let status = integer(values, "statuscode").or(default).unwrap_or_default();
    if table.statuses.get(&status).is_none_or(|known| known.state != state) {
        return Err(wrong(status));
    }
    values.insert("statecode".into(), Value::Integer(state));
    values.insert("statuscode".into(), Value::Integer(status));
    Ok(())
}

async fn current_state(
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
) -> Result<i64, DataverseError> {
    let mut builder = Builder::new(format!(
        "SELECT COALESCE(statecode, 0) FROM \"{}\" WHERE \"{}\" = ",
        table.logical, table.key
    ));
    builder.push_bind(id.to_owned());
    Ok(builder.build_query_scalar().fetch_one(connection).await?)
}

/// Reads the half of a name that an update leaves alone, for the full name.
async fn complete_names(
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    values: &mut BTreeMap<String, Value>,
) -> Result<(), DataverseError> {
    let mut builder = Builder::new(format!(
        "SELECT firstname, lastname FROM \"{}\" WHERE \"{}\" = ",
        table.logical, table.key
    ));
    let row = builder.push_bind(id.to_owned()).build().fetch_one(connection).await?;
    for (at, name) in ["firstname", "lastname"].into_iter().enumerate() {
        let current: Option<String> = row.try_get(at)?;
        let current = current.map_or(Value::Null, Value::Text);
        values.entry(name.to_owned()).or_insert(current);
    }
    Ok(())
}

/// `fullname` is first and last name, Dataverse's default format.
fn full_name(table: &Table, values: &mut BTreeMap<String, Value>) {
    let computed = table.column("fullname").is_some_and(|column| column.readonly);
    if !computed || !(values.contains_key("firstname") || values.contains_key("lastname")) {
        return;
    }
    let part = |name: &str| match values.get(name) {
        Some(Value::Text(text)) => text.trim().to_owned(),
        _ => String::new(),
    };
    let full = format!("{} {}", part("firstname"), part("lastname")).trim().to_owned();
    let full = if full.is_empty() { Value::Null } else { Value::Text(full) };
    values.insert("fullname".into(), full);
}

fn has(values: &BTreeMap<String, Value>, name: &str) -> bool {
    values.get(name).is_some_and(|value| *value != Value::Null)
}

fn integer(values: &BTreeMap<String, Value>, name: &str) -> Option<i64> {
    match values.get(name) {
        Some(Value::Integer(number)) => Some(*number),
        _ => None,
    }
}
