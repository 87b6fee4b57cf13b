//! Queues: a row put into one, taken up by somebody, given back, taken out.
//!
//! A row is in one queue at most: put into another it moves there. Source: the reference pages of
//! AddToQueue, PickFromQueue, ReleaseToQueue and RemoveFromQueue.

use axum::response::Response;
use serde_json::json;
use sqlx::SqliteConnection;

use super::super::access::{Right, demand_row};
use super::super::call::Call;
use super::super::delete;
use super::super::errors::DataverseError;
use super::super::payload::{self, Changes};
use super::super::query::ast::Value;
use super::super::query::sql::Builder;
use super::super::schema::Table;
use super::super::storage::table_of;
use super::super::values;
use super::super::write::{self, Values, point};
use super::parameters::{Body, Target, refused};
use super::{Bound, current_state, done, result, stored_row};

const OBJECT: &str = "_objectid_value";
const QUEUE: &str = "_queueid_value";
const WORKER: &str = "_workerid_value";

pub(super) async fn add(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'_>,
) -> Result<Response, DataverseError> {
    let (dataverse, author) = (call.dataverse(), call.author());
    let items = dataverse.table("queueitem")?;
    let names = ["Target", "SourceQueue", "QueueItemProperties"];
    let body = Body::read(call, "AddToQueue", &names)?;
    let queue = bound.row(connection).await?;
    let target = body.row(call, connection, "Target", None).await?;
    demand_row(author, connection, queue.table, &queue.id, Right::Read).await?;
    demand_row(author, connection, target.table, &target.id, Right::Read).await?;
    can_wait(items, &target)?;
    let known = waiting(connection, items, &target.id).await?;
    if let Some(source) = body.optional_row(call, connection, "SourceQueue", Some("queue")).await? {
        let from = known.as_ref().and_then(|(_, queue)| queue.as_ref());
        if from != Some(&source.id) {
            return Err(not_in_source());
        }
    }
    let mut changes = match body.optional_object("QueueItemProperties")? {
        Some(given) => payload::from_object(&dataverse.schema, items, given)?,
        None => Changes::default(),
    };
    changes.id = None;
    settle(
        &mut changes.values,
        &queue,
        &target,
        stored_row(connection, target.table, &target.id).await?,
    );
    let id = match known {
        Some((id, _)) => {
            write::update(dataverse, connection, items, &id, changes, author).await?;
            id
        }
        None => write::create(dataverse, connection, items, changes, author).await?,
    };
    Ok(result(call, "AddToQueueResponse", json!({"QueueItemId": id})))
}

/// Where the row is, who waits for it, and since when.
fn settle(values: &mut Values, queue: &Target<'_>, target: &Target<'_>, row: Values) {
    point(values, QUEUE, &queue.table.logical, queue.id.clone());
    point(values, OBJECT, &target.table.logical, target.id.clone());
    values.insert("objecttypecode".to_owned(), Value::Integer(target.table.type_code.into()));
    values.insert("enteredon".to_owned(), Value::Text(values::now()));
    let name = row.get(&target.table.name).cloned();
    values.insert("title".to_owned(), name.unwrap_or(Value::Null));
    values.insert(WORKER.to_owned(), Value::Null);
    values.insert(table_of(WORKER), Value::Null);
}

fn can_wait(items: &Table, target: &Target<'_>) -> Result<(), DataverseError> {
    let lookup = items.column(OBJECT);
    let fits = lookup.is_some_and(|column| column.targets().contains(&target.table.logical));
    if !fits {
        let message = format!("The entity {} is not enabled for queues.", target.table.logical);
        return Err(super::parameters::invalid(&message));
    }
    Ok(())
}

fn not_in_source() -> DataverseError {
    refused(
        "0x80040524",
        "Could not find any queue item associated with the Target in the specified SourceQueueId. Either \
         the SourceQueueId or Target is invalid or the queue item does not exist.",
    )
}

/// The queue item of a row, with its queue.
async fn waiting(
    connection: &mut SqliteConnection,
    items: &Table,
    id: &str,
) -> Result<Option<(String, Option<String>)>, DataverseError> {
    let mut builder = Builder::new(format!(
        "SELECT \"{}\", {QUEUE} FROM \"{}\" WHERE COALESCE(statecode, 0) = 0 AND {OBJECT} = ",
        items.key, items.logical
    ));
    builder.push_bind(id.to_owned());
    Ok(builder.build_query_as().fetch_optional(connection).await?)
}

/// An item that is still in its queue.
async fn item<'a>(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'a>,
) -> Result<Target<'a>, DataverseError> {
    let item = bound.row(connection).await?;
    demand_row(call.author(), connection, item.table, &item.id, Right::Write).await?;
    if current_state(connection, item.table, &item.id).await? != 0 {
        return Err(refused(
            "0x8004051d",
            "This item is deactivated. To work with this item, reactivate it and then try again.",
        ));
    }
    Ok(item)
}

pub(super) async fn pick(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'_>,
) -> Result<Response, DataverseError> {
    let body = Body::read(call, "PickFromQueue", &["SystemUser", "RemoveQueueItem"])?;
    let user = body.row(call, connection, "SystemUser", Some("systemuser")).await?;
    let remove = body.truth("RemoveQueueItem")?;
    let item = item(call, connection, bound).await?;
    work(call, connection, &item, Some(&user.id)).await?;
    if remove {
        delete::delete(call.dataverse(), connection, item.table, &item.id).await?;
    }
    Ok(done())
}

pub(super) async fn release(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'_>,
) -> Result<Response, DataverseError> {
    Body::read(call, "ReleaseToQueue", &[])?;
    let item = item(call, connection, bound).await?;
    work(call, connection, &item, None).await?;
    Ok(done())
}

pub(super) async fn remove(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'_>,
) -> Result<Response, DataverseError> {
    Body::read(call, "RemoveFromQueue", &[])?;
    let item = bound.row(connection).await?;
    demand_row(call.author(), connection, item.table, &item.id, Right::Delete).await?;
    delete::delete(call.dataverse(), connection, item.table, &item.id).await?;
    Ok(done())
}

/// Says who works on an item.
async fn work(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    item: &Target<'_>,
    user: Option<&String>,
) -> Result<(), DataverseError> {
    let mut changes = Changes::default();
    match user {
        Some(user) => point(&mut changes.values, WORKER, "systemuser", user.clone()),
        None => {
            changes.values.insert(WORKER.to_owned(), Value::Null);
            changes.values.insert(table_of(WORKER), Value::Null);
        }
    }
    changes.values.insert("workeridmodifiedon".to_owned(), Value::Text(values::now()));
    write::update(call.dataverse(), connection, item.table, &item.id, changes, call.author()).await
}
