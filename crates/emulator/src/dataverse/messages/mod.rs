//! Functions and actions: Dataverse's messages, unbound and bound to a table or a row, and what else is
//! asked for by a name that is no entity set's.

mod bulk;
mod organization;

use axum::response::Response;
use http::StatusCode;
use serde_json::Value as Json;
use sqlx::SqliteConnection;

use super::call::Call;
use super::errors::DataverseError;
use super::fetch;
use super::query::options::{Options, Query};
use super::resource::{Key, Segment};
use super::schema::Table;

/// Messages that Dataverse has and the emulator has not.
const KNOWN_ELSEWHERE: [&str; 5] =
    ["BulkDelete", "CreateEntities", "FulfillSalesOrder", "InitializeFrom", "Merge"];

/// A message bound to a table, or to a row of it.
pub(crate) struct Bound<'a> {
    pub(crate) table: &'a Table,
    pub(crate) key: Option<Key>,
    pub(crate) name: String,
    pub(crate) arguments: Option<String>,
}

/// What an address that begins with no entity set asks for.
pub(crate) async fn unbound(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    segments: &[Segment],
) -> Result<Response, DataverseError> {
    let Some((first, rest)) = segments.split_first() else {
        return Err(call.wrong_verb());
    };
    if let Some(further) = rest.first() {
        return Err(DataverseError::no_segment(&further.name));
    }
    match (call.method.as_str(), first.name.as_str()) {
        ("GET", "RetrieveMetadataChanges") => {
            organization::metadata_changes(call, first.arguments.as_deref())
        }
        ("GET", "WhoAmI") => Ok(organization::who_am_i(call)),
        ("GET", "RetrieveVersion") => Ok(organization::version(call)),
        ("GET", "RetrieveTotalRecordCount") => {
            organization::total_record_count(call, connection, first.arguments.as_deref()).await
        }
        (_, name) if KNOWN_ELSEWHERE.contains(&name) => Err(DataverseError::not_implemented(name)),
        (_, name) => Err(DataverseError::no_segment(name)),
    }
}

pub(crate) async fn bound(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'_>,
) -> Result<Response, DataverseError> {
    match (call.method.as_str(), bound.name.as_str(), &bound.key) {
        ("POST", "CreateMultiple", None) => bulk::create(call, connection, bound.table).await,
        ("POST", "UpdateMultiple", None) => bulk::update(call, connection, bound.table).await,
        ("POST", "UpsertMultiple", None) => bulk::upsert(call, connection, bound.table).await,
        (_, name, _) if KNOWN_ELSEWHERE.contains(&name) => {
            Err(DataverseError::not_implemented(name))
        }
        (_, name, _) => Err(DataverseError::no_segment(&format!("Microsoft.Dynamics.CRM.{name}"))),
    }
}

/// A query that is not OData's.
pub(crate) async fn other_language(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    table: &Table,
    query: &Query,
    options: &Options,
) -> Result<Response, DataverseError> {
    match query {
        Query::Fetch(xml) => fetch::answer(call, connection, table, xml, options).await,
        Query::Saved { table, id } => Err(DataverseError::no_row(table, id)),
    }
}

/// The answer of a message, with its context.
fn result(call: &Call<'_>, kind: &str, mut members: Json) -> Response {
    let context = format!("{}/$metadata#Microsoft.Dynamics.CRM.{kind}", call.caller.base);
    if let Some(members) = members.as_object_mut() {
        let mut all = serde_json::Map::new();
        all.insert("@odata.context".to_owned(), Json::from(context));
        all.append(members);
        return call.json(StatusCode::OK, &Json::Object(all));
    }
    call.json(StatusCode::OK, &members)
}
