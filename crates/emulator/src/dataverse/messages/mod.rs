//! Functions and actions: Dataverse's messages, unbound and bound to a table or a row, and what else is
//! asked for by a name that is no entity set's.

mod bulk;
mod bulk_delete;
mod closing;
mod email;
mod held_privileges;
mod initialize;
mod leads;
mod merge;
mod organization;
mod parameters;
mod queues;
mod sharing;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::Value as Json;
use sqlx::SqliteConnection;

use super::call::{Call, ODATA_VERSION};
use super::errors::DataverseError;
use super::fetch;
use super::query::ast::Value;
use super::query::options::{Options, Query};
use super::query::sql::Builder;
use super::resource::{Key, Segment};
use super::schema::{Kind, Table};
use super::storage::table_of;
use super::write::{self, Values, current_state};
pub(crate) use closing::reached_by_message;
use parameters::Target;

/// Messages that Dataverse has and the emulator has not.
const KNOWN_ELSEWHERE: [&str; 36] = [
    "AddPrincipalToQueue",
    "AddPrivilegesRole",
    "AddToTeam",
    "Associate",
    "CalculateActualValueOpportunity",
    "CalculateRollupField",
    "CalculateTotalTimeIncident",
    "CanBeReferenced",
    "CloneContract",
    "ConvertQuoteToSalesOrder",
    "ConvertSalesOrderToInvoice",
    "CreateCustomerRelationships",
    "CreateEntities",
    "ExecuteWorkflow",
    "ExportSolution",
    "FormatAddress",
    "GenerateInvoiceFromOpportunity",
    "GenerateQuoteFromOpportunity",
    "GenerateSalesOrderFromOpportunity",
    "ImportSolution",
    "InstantiateTemplate",
    "LockInvoicePricing",
    "LockSalesOrderPricing",
    "PublishAllXml",
    "PublishXml",
    "RemovePrivilegeRole",
    "ReplacePrivilegesRole",
    "RetrieveAllEntities",
    "RetrieveDuplicates",
    "RetrieveRolePrivilegesRole",
    "RetrieveTimestamp",
    "ReviseQuote",
    "Rollup",
    "RouteTo",
    "SendEmailFromTemplate",
    "SendTemplate",
];

/// A message bound to a table, or to a row of it.
pub(crate) struct Bound<'a> {
    pub(crate) table: &'a Table,
    pub(crate) key: Option<Key>,
    pub(crate) name: String,
    pub(crate) arguments: Option<String>,
}

impl<'a> Bound<'a> {
    /// The row that the message is bound to, which must exist.
    async fn row(self, connection: &mut SqliteConnection) -> Result<Target<'a>, DataverseError> {
        let key = self.key.ok_or_else(|| no_message(&self.name))?;
        let id = write::need(connection, self.table, &key).await?;
        Ok(Target { table: self.table, id })
    }
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
    let arguments = first.arguments.as_deref();
    match (call.method.as_str(), first.name.as_str()) {
        ("GET", "RetrieveMetadataChanges") => organization::metadata_changes(call, arguments),
        ("GET", "WhoAmI") => organization::who_am_i(call, arguments),
        ("GET", "RetrieveVersion") => organization::version(call, arguments),
        ("GET", "RetrieveCurrentOrganization") => organization::current(call, arguments),
        ("GET", "RetrieveTotalRecordCount") => {
            organization::total_record_count(call, connection, arguments).await
        }
        ("GET", "InitializeFrom") => initialize::from(call, connection, arguments).await,
        ("GET", "RetrieveSharedPrincipalsAndAccess") => {
            sharing::shared(call, connection, arguments).await
        }
        ("POST", name @ ("GrantAccess" | "ModifyAccess")) => {
            sharing::grant(call, connection, name).await
        }
        ("POST", "RevokeAccess") => sharing::revoke(call, connection).await,
        ("POST", "Merge") => merge::merge(call, connection).await,
        ("POST", "BulkDelete") => bulk_delete::delete(call, connection).await,
        ("POST", name) => match closing::close(call, connection, name).await {
            Some(answer) => answer,
            None => Err(unknown(call, name)),
        },
        (_, name) => Err(unknown(call, name)),
    }
}

/// What is answered where no message has the name, or not with this verb.
fn unknown(call: &Call<'_>, name: &str) -> DataverseError {
    const FUNCTIONS: [&str; 7] = [
        "InitializeFrom",
        "RetrieveCurrentOrganization",
        "RetrieveMetadataChanges",
        "RetrieveSharedPrincipalsAndAccess",
        "RetrieveTotalRecordCount",
        "RetrieveVersion",
        "WhoAmI",
    ];
    const ACTIONS: [&str; 5] =
        ["BulkDelete", "GrantAccess", "Merge", "ModifyAccess", "RevokeAccess"];
    if KNOWN_ELSEWHERE.contains(&name) {
        return DataverseError::not_implemented(name);
    }
    let known = FUNCTIONS.contains(&name) || ACTIONS.contains(&name) || closing::is_one(name);
    if known { call.wrong_verb() } else { DataverseError::no_segment(name) }
}

pub(crate) async fn bound(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'_>,
) -> Result<Response, DataverseError> {
    let (name, table) = (bound.name.clone(), bound.table);
    match (call.method.as_str(), name.as_str(), table.logical.as_str(), bound.key.is_some()) {
        ("POST", "CreateMultiple", _, false) => bulk::create(call, connection, table).await,
        ("POST", "UpdateMultiple", _, false) => bulk::update(call, connection, table).await,
        ("POST", "UpsertMultiple", _, false) => bulk::upsert(call, connection, table).await,
        ("POST", "DeleteMultiple", _, false) => Err(bulk::no_delete()),
        ("POST", "QualifyLead", "lead", true) => leads::qualify(call, connection, bound).await,
        ("POST", "AddToQueue", "queue", true) => queues::add(call, connection, bound).await,
        ("POST", "PickFromQueue", "queueitem", true) => queues::pick(call, connection, bound).await,
        ("POST", "ReleaseToQueue", "queueitem", true) => {
            queues::release(call, connection, bound).await
        }
        ("POST", "RemoveFromQueue", "queueitem", true) => {
            queues::remove(call, connection, bound).await
        }
        ("POST", "SendEmail", "email", true) => email::send(call, connection, bound).await,
        ("POST", "AddMembersTeam" | "RemoveMembersTeam", "team", true) => {
            held_privileges::members(call, connection, bound).await
        }
        ("GET", "RetrievePrincipalAccess", "systemuser" | "team", true) => {
            sharing::principal_access(call, connection, bound).await
        }
        (
            "GET",
            "RetrieveUserPrivileges" | "RetrieveUserPrivilegeByPrivilegeName",
            "systemuser",
            true,
        )
        | ("GET", "RetrieveTeamPrivileges", "team", true) => {
            held_privileges::retrieve(call, connection, bound).await
        }
        (_, name, ..) if KNOWN_ELSEWHERE.contains(&name) => {
            Err(DataverseError::not_implemented(name))
        }
        (_, name, ..) => Err(no_message(name)),
    }
}

fn no_message(name: &str) -> DataverseError {
    DataverseError::no_segment(&format!("Microsoft.Dynamics.CRM.{name}"))
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

/// The answer of a message that returns nothing.
fn done() -> Response {
    (StatusCode::NO_CONTENT, [ODATA_VERSION]).into_response()
}

/// All columns of a row as the database holds them.
async fn stored_row(
    connection: &mut SqliteConnection,
    table: &Table,
    id: &str,
) -> Result<Values, DataverseError> {
    let mut builder =
        Builder::new(format!("SELECT * FROM \"{}\" WHERE \"{}\" = ", table.logical, table.key));
    let row = builder.push_bind(id.to_owned()).build().fetch_one(connection).await?;
    let mut values = Values::new();
    for column in &table.columns {
        values.insert(column.name.clone(), stored(&row, &column.name, &column.kind)?);
        if column.is_lookup() {
            let table = table_of(&column.name);
            values.insert(table.clone(), stored(&row, &table, &column.kind)?);
        }
    }
    Ok(values)
}

fn stored(row: &sqlx::sqlite::SqliteRow, name: &str, kind: &Kind) -> Result<Value, DataverseError> {
    use sqlx::Row;
    let value = match kind.sql() {
        "INTEGER" => row.try_get::<Option<i64>, _>(name)?.map(Value::Integer),
        "REAL" => row.try_get::<Option<f64>, _>(name)?.map(Value::Real),
        _ => row.try_get::<Option<String>, _>(name)?.map(Value::Text),
    };
    Ok(value.unwrap_or(Value::Null))
}
