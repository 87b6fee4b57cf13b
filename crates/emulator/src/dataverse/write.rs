//! Writing rows: create, update, and what the platform adds to both.
//!
//! All of it on the caller's connection and so within its transaction: a refused write leaves nothing.

use std::collections::BTreeMap;

use http::StatusCode;
use sqlx::{Row, SqliteConnection};

use super::access::{Author, Right, demand, ownership};
use super::errors::DataverseError;
use super::numbering;
use super::payload::{Bind, Changes, Child, Children};
use super::query::ast::Value;
use super::query::sql::{Builder, push_value};
use super::resource::Key;
use super::schema::{Collection, Kind, Ownership, Table};
use super::storage::table_of;
use super::{Dataverse, links, values};

pub(crate) type Values = BTreeMap<String, Value>;

/// The id of the row that a key names, or `None` where there is no such row.
pub(crate) async fn find(
    connection: &mut SqliteConnection,
    table: &Table,
    key: &Key,
) -> Result<Option<String>, DataverseError> {
    let from = format!("SELECT \"{}\" FROM \"{}\" WHERE ", table.key, table.logical);
    let mut builder = Builder::new(from);
    match key {
        Key::Id(id) => {
            builder.push(format_args!("\"{}\" = ", table.key)).push_bind(id.clone());
        }
        Key::Alternate(values) => {
            for (at, (column, value)) in values.iter().enumerate() {
                builder.push(if at == 0 { "" } else { " AND " });
                builder.push(format_args!("\"{column}\" IS "));
                push_value(&mut builder, value);
            }
        }
    }
    Ok(builder.build_query_scalar().fetch_optional(connection).await?)
}

/// As [`find`], with the documented error for a missing row.
pub(crate) async fn need(
    connection: &mut SqliteConnection,
    table: &Table,
    key: &Key,
) -> Result<String, DataverseError> {
    let found = find(connection, table, key).await?;
    found.ok_or_else(|| DataverseError::no_row_by(&table.logical, key))
}

/// The `versionnumber` of a row.
pub(crate) async fn version(
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
) -> Result<Option<i64>, DataverseError> {
    if table.column("versionnumber").is_none() {
        return Ok(None);
    }
    let from =
        format!("SELECT versionnumber FROM \"{}\" WHERE \"{}\" = ", table.logical, table.key);
    let mut builder = Builder::new(from);
    builder.push_bind(id.to_owned());
    let found: Option<Option<i64>> =
        builder.build_query_scalar().fetch_optional(connection).await?;
    Ok(found.flatten())
}

/// Inserts a row, with the rows that come with it, and returns its id. Boxed: those can bring rows too.
pub(crate) fn create<'a>(
    dataverse: &'a Dataverse,
    connection: &'a mut SqliteConnection,
    table: &'a Table,
    changes: Changes,
    author: &'a Author,
) -> std::pin::Pin<Box<dyn Future<Output = Result<String, DataverseError>> + Send + 'a>> {
    Box::pin(async move {
        demand(author, table, Right::Create)?;
        let Changes { id, values, binds, parents, children } = changes;
        let id = id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let mut values = values;
        set_lookups(dataverse, connection, binds, &mut values).await?;
        for parent in parents {
            let target = dataverse.table(&parent.target)?;
            let made = create(dataverse, connection, target, parent.changes, author).await?;
            point(&mut values, &parent.column, &parent.target, made);
        }
        let new = (table, None);
        ownership::check_lookups(dataverse, connection, new, &values, author).await?;
        needs_customer(table, &values, true)?;
        let state = integer(&values, "statecode");
        settle_status(table, &id, 0, state, &mut values)?;
        platform_values_of_new(table, &id, author, &mut values);
        ownership::check_owner(dataverse, connection, new, &mut values, author).await?;
        finish(dataverse, table, author, &mut values);
        insert(connection, table, &values).await.map_err(|error| refused(table, error))?;
        for children in children {
            add_children(dataverse, connection, (table, &id), children, author).await?;
        }
        Ok(id)
    })
}

async fn add_children(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    (table, id): (&Table, &str),
    children: Children,
    author: &Author,
) -> Result<(), DataverseError> {
    let target = dataverse.table(children.collection.table())?;
    for child in children.rows {
        let other = match child {
            Child::Existing(key) => need(connection, target, &key).await?,
            Child::New(mut changes) => {
                if let Collection::OneToMany { column, .. } = &children.collection {
                    point(&mut changes.values, column, &table.logical, id.to_owned());
                    create(dataverse, connection, target, changes, author).await?;
                    continue;
                }
                create(dataverse, connection, target, changes, author).await?
            }
        };
        let link = links::Link { table, id, collection: &children.collection, other: &other };
        link.add(dataverse, connection, author).await?;
    }
    Ok(())
}

/// Source: the reference of the case table: `customerid` is required by the system.
fn needs_customer(table: &Table, values: &Values, new: bool) -> Result<(), DataverseError> {
    let customer = values.get("_customerid_value");
    let missing =
        if new { !has(values, "_customerid_value") } else { customer == Some(&Value::Null) };
    if table.logical != "incident" || !missing || table.column("_customerid_value").is_none() {
        return Ok(());
    }
    let message = "You should specify a parent contact or account.";
    Err(DataverseError::new(StatusCode::BAD_REQUEST, "0x80044410", message))
}

/// Updates the row `id`, which exists.
pub(crate) async fn update(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
    changes: Changes,
    author: &Author,
) -> Result<(), DataverseError> {
    let Changes { mut values, binds, parents, children, .. } = changes;
    if !parents.is_empty() {
        return Err(DataverseError::odata(
            "Deep update of navigation properties is not allowed. Use @odata.bind to refer to a record.",
        ));
    }
    set_lookups(dataverse, connection, binds, &mut values).await?;
    let row = (table, Some(id));
    ownership::check_lookups(dataverse, connection, row, &values, author).await?;
    for children in children {
        replace_parties(dataverse, connection, (table, id), children, author).await?;
    }
    needs_customer(table, &values, false)?;
    if values.contains_key("statecode") || values.contains_key("statuscode") {
        let current = current_state(connection, table, id).await?;
        let state = integer(&values, "statecode");
        settle_status(table, id, current, state, &mut values)?;
    }
    if values.contains_key("firstname") || values.contains_key("lastname") {
        complete_names(connection, table, id, &mut values).await?;
    }
    owning(table, author, &mut values);
    ownership::check_owner(dataverse, connection, row, &mut values, author).await?;
    finish(dataverse, table, author, &mut values);
    let mut builder = Builder::new(format!("UPDATE \"{}\" SET ", table.logical));
    for (at, (column, value)) in values.iter().enumerate() {
        builder.push(if at == 0 { "" } else { ", " }).push(format_args!("\"{column}\" = "));
        push_value(&mut builder, value);
    }
    builder.push(format_args!(" WHERE \"{}\" = ", table.key)).push_bind(id.to_owned());
    builder.build().execute(connection).await.map_err(|error| refused(table, error))?;
    Ok(())
}

/// The parties of an activity are the one collection that an update may hold: it replaces them.
async fn replace_parties(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    (table, id): (&Table, &str),
    children: Children,
    author: &Author,
) -> Result<(), DataverseError> {
    let Collection::OneToMany { table: party, column, .. } = &children.collection else {
        return Err(deep_update());
    };
    if party != "activityparty" {
        return Err(deep_update());
    }
    let mut builder = Builder::new(format!("DELETE FROM \"{party}\" WHERE \"{column}\" = "));
    builder.push_bind(id.to_owned()).build().execute(&mut *connection).await?;
    add_children(dataverse, connection, (table, id), children, author).await
}

fn deep_update() -> DataverseError {
    DataverseError::odata(
        "Collection-valued navigation properties can not be set in an update. Use $ref to associate records.",
    )
}

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    table: &Table,
    values: &Values,
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

/// A violated key in Dataverse's words.
fn refused(table: &Table, error: sqlx::Error) -> DataverseError {
    let message = match &error {
        sqlx::Error::Database(cause) if cause.is_unique_violation() => cause.message().to_owned(),
        _ => return error.into(),
    };
    let violated = table.keys.iter().find(|key| {
        key.columns.iter().all(|name| message.contains(&format!("{}.{name}", table.logical)))
    });
    match violated {
        Some(key) => DataverseError::duplicate_alternate_key(&key.label, &key.columns.join(",")),
        None => DataverseError::duplicate_key(),
    }
}

/// Adds what every write sets: version, who and when, and what follows from other columns.
pub(crate) fn finish(dataverse: &Dataverse, table: &Table, author: &Author, values: &mut Values) {
    full_name(table, values);
    base_amounts(table, values);
    put(table, values, "versionnumber", Value::Integer(dataverse.next_version()));
    put(table, values, "modifiedon", Value::Text(values::now()));
    put_user(table, values, "modifiedby", &author.user);
    if let Some(behalf) = &author.on_behalf_by {
        put_user(table, values, "modifiedonbehalfby", behalf);
    }
    values.retain(|name, _| table.column(name.strip_suffix("__table").unwrap_or(name)).is_some());
}

pub(crate) fn platform_values_of_new(
    table: &Table,
    id: &str,
    author: &Author,
    values: &mut Values,
) {
    values.insert(table.key.clone(), Value::Text(id.to_owned()));
    let created = match values.get("overriddencreatedon") {
        Some(Value::Text(at)) => at.clone(),
        _ => values::now(),
    };
    put(table, values, "createdon", Value::Text(created));
    put_user(table, values, "createdby", &author.user);
    if let Some(behalf) = &author.on_behalf_by {
        put_user(table, values, "createdonbehalfby", behalf);
    }
    if table.ownership == Ownership::User && !has(values, "_ownerid_value") {
        put_user(table, values, "ownerid", &author.user);
    }
    owning(table, author, values);
    for column in table.columns.iter().filter(|column| matches!(column.kind, Kind::Boolean(_))) {
        let outgoing = table.activity && column.name == "directioncode";
        values.entry(column.name.clone()).or_insert(Value::Integer(i64::from(outgoing)));
    }
    if table.activity {
        put(table, values, "activitytypecode", Value::Text(table.logical.clone()));
    }
    numbering::number(table, id, values);
}

/// Who owns the row, told apart into users and teams, and of which business unit it is.
fn owning(table: &Table, author: &Author, values: &mut Values) {
    let Some(Value::Text(owner)) = values.get("_ownerid_value").cloned() else {
        return;
    };
    let team = values.get("_ownerid_value__table") == Some(&Value::Text("team".to_owned()));
    let (own, other) = if team { ("team", "user") } else { ("user", "team") };
    let kind = if team { "team" } else { "systemuser" };
    if table.column(&format!("_owning{own}_value")).is_some() {
        point(values, &format!("_owning{own}_value"), kind, owner);
    }
    values.insert(format!("_owning{other}_value"), Value::Null);
    values.insert(format!("_owning{other}_value__table"), Value::Null);
    if table.column("_owningbusinessunit_value").is_some() {
        point(values, "_owningbusinessunit_value", "businessunit", author.business_unit.clone());
    }
}

/// Sets a value where the table has the column.
fn put(table: &Table, values: &mut Values, name: &str, value: Value) {
    if table.column(name).is_some() {
        values.insert(name.to_owned(), value);
    }
}

fn put_user(table: &Table, values: &mut Values, column: &str, user: &str) {
    let name = format!("_{column}_value");
    if table.column(&name).is_some() {
        point(values, &name, "systemuser", user.to_owned());
    }
}

/// Lets a lookup point to a row.
pub(crate) fn point(values: &mut Values, lookup: &str, table: &str, id: String) {
    values.insert(table_of(lookup), Value::Text(table.to_owned()));
    values.insert(lookup.to_owned(), Value::Text(id));
}

async fn set_lookups(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    binds: Vec<Bind>,
    values: &mut Values,
) -> Result<(), DataverseError> {
    for bind in binds {
        let target = dataverse.table(&bind.target)?;
        let id = need(connection, target, &bind.key).await?;
        point(values, &bind.column, &bind.target, id);
    }
    Ok(())
}

/// Makes state and status agree: a state alone takes its default status, a status must belong to
/// the state that the row then has.
pub(crate) fn settle_status(
    table: &Table,
    id: &str,
    current: i64,
    asked: Option<i64>,
    values: &mut Values,
) -> Result<(), DataverseError> {
    let state = asked.unwrap_or(current);
    if table.states.is_empty() {
        if table.column("statecode").is_some() {
            values.insert("statecode".into(), Value::Integer(state));
            values.entry("statuscode".into()).or_insert(Value::Integer(state + 1));
        }
        return Ok(());
    }
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

pub(crate) async fn current_state(
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
) -> Result<i64, DataverseError> {
    if table.column("statecode").is_none() {
        return Ok(0);
    }
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
    values: &mut Values,
) -> Result<(), DataverseError> {
    if table.column("firstname").is_none() || table.column("lastname").is_none() {
        return Ok(());
    }
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
fn full_name(table: &Table, values: &mut Values) {
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

/// An amount of money brings the organisation's currency and the same amount in it.
fn base_amounts(table: &Table, values: &mut Values) {
    let amounts: Vec<(String, Value)> = values
        .iter()
        .filter(|(name, _)| table.column(name).is_some_and(|column| column.kind == Kind::Money))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let currency = "_transactioncurrencyid_value";
    if !amounts.is_empty() && table.column(currency).is_some() && !values.contains_key(currency) {
        let id = super::id_of("transactioncurrency", "USD");
        point(values, currency, "transactioncurrency", id);
        put(table, values, "exchangerate", Value::Real(1.0));
    }
    for (name, value) in amounts {
        put(table, values, &format!("{name}_base"), value);
    }
}

pub(crate) fn has(values: &Values, name: &str) -> bool {
    values.get(name).is_some_and(|value| *value != Value::Null)
}

fn integer(values: &Values, name: &str) -> Option<i64> {
    match values.get(name) {
        Some(Value::Integer(number)) => Some(*number),
        _ => None,
    }
}
