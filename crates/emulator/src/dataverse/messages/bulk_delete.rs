//! `BulkDelete`: deletes what queries find. Dataverse does it in the background; here it is done when the
//! answer comes, and the job that the answer names is over.
//!
//! A row that may not be deleted, or that others need, stays; so it does in Dataverse, where the job then
//! lists it as a failure. Sources: delete-data-bulk, the reference pages of BulkDelete and QueryExpression.

use axum::response::Response;
use serde_json::{Map, Value as Json, json};
use sqlx::SqliteConnection;

use super::super::access::{Right, demand_privilege, demand_row, privileges, visible};
use super::super::call::Call;
use super::super::delete;
use super::super::errors::DataverseError;
use super::super::query::ast::{Expr, MAIN};
use super::super::query::conditions;
use super::super::query::operator_names::NAMES;
use super::super::query::scope::reference;
use super::super::query::sql::Builder;
use super::super::read::push_where;
use super::super::schema::Table;
use super::parameters::{Body, invalid, wrong};
use super::result;

const PARAMETERS: [&str; 10] = [
    "CCRecipients",
    "JobName",
    "QuerySet",
    "RecurrencePattern",
    "RunNow",
    "SendEmailNotification",
    "SourceImportId",
    "StartDateTime",
    "ToRecipients",
    "ImportId",
];

pub(super) async fn delete(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
) -> Result<Response, DataverseError> {
    let body = Body::read(call, "BulkDelete", &PARAMETERS)?;
    body.text("JobName")?;
    let recurrence = body.text("RecurrencePattern")?;
    if !recurrence.is_empty() {
        return Err(DataverseError::not_implemented("BulkDelete with a recurrence pattern"));
    }
    demand_privilege(call.author(), privileges::BULK_DELETE)?;
    for query in body.list("QuerySet")? {
        let query =
            query.as_object().ok_or_else(|| wrong("A query was expected in 'QuerySet'."))?;
        let (table, filter) = read(call, query)?;
        run(call, connection, table, filter).await?;
    }
    let job = uuid::Uuid::new_v4().to_string();
    Ok(result(call, "BulkDeleteResponse", json!({"JobId": job})))
}

/// Deletes what one query finds, each row for itself.
async fn run(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    table: &Table,
    filter: Expr,
) -> Result<(), DataverseError> {
    let mut found =
        Builder::new(format!("SELECT \"{}\" FROM \"{}\" AS {MAIN}", table.key, table.logical));
    push_where(&mut found, Some(&filter), &visible(call.author(), table)?);
    let ids: Vec<String> = found.build_query_scalar().fetch_all(&mut *connection).await?;
    for id in ids {
        if demand_row(call.author(), connection, table, &id, Right::Delete).await.is_err() {
            continue;
        }
        sqlx::query("SAVEPOINT bulk").execute(&mut *connection).await?;
        let end = match delete::delete(call.dataverse(), connection, table, &id).await {
            Ok(()) => "RELEASE bulk",
            Err(_) => "ROLLBACK TO bulk",
        };
        sqlx::query(end).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The table and the condition of a `QueryExpression`.
fn read<'a>(
    call: &'a Call<'_>,
    query: &Map<String, Json>,
) -> Result<(&'a Table, Expr), DataverseError> {
    let kind = query.get("@odata.type").and_then(Json::as_str).unwrap_or_default();
    if !kind.is_empty() && !kind.ends_with("QueryExpression") {
        return Err(DataverseError::not_implemented(&format!("BulkDelete with {kind}")));
    }
    let links = query.get("LinkEntities").and_then(Json::as_array);
    if links.is_some_and(|links| !links.is_empty()) {
        return Err(DataverseError::not_implemented("BulkDelete with linked tables"));
    }
    let name = query.get("EntityName").and_then(Json::as_str);
    let name = name.ok_or_else(|| invalid("Required field 'EntityName' is missing"))?;
    let table = call.dataverse().schema.by_logical(name);
    let table = table.ok_or_else(|| DataverseError::no_table(name))?;
    let filter = match query.get("Criteria").and_then(Json::as_object) {
        Some(criteria) => filter(call, table, criteria, 0)?,
        None => Expr::Constant(true),
    };
    Ok((table, filter))
}

/// How deep filters may be in one another.
const MAX_DEPTH: usize = 50;

fn filter(
    call: &Call<'_>,
    table: &Table,
    given: &Map<String, Json>,
    depth: usize,
) -> Result<Expr, DataverseError> {
    if depth > MAX_DEPTH {
        return Err(wrong("The filters of the query are too deep in one another."));
    }
    let list = |name: &str| given.get(name).and_then(Json::as_array).into_iter().flatten();
    let object =
        |json: &'_ Json| json.as_object().cloned().ok_or_else(|| wrong("An object was expected."));
    let mut parts = Vec::new();
    for part in list("Conditions") {
        parts.push(condition(call, table, &object(part)?)?);
    }
    for part in list("Filters") {
        parts.push(filter(call, table, &object(part)?, depth + 1)?);
    }
    let joint = given.get("FilterOperator").and_then(Json::as_str).unwrap_or("And");
    match joint {
        _ if parts.is_empty() => Ok(Expr::Constant(true)),
        "And" => Ok(Expr::And(parts)),
        "Or" => Ok(Expr::Or(parts)),
        other => Err(wrong(&format!(
            "Cannot convert the literal '{other}' to the expected type \
             'Microsoft.Dynamics.CRM.LogicalOperator'."
        ))),
    }
}

fn condition(
    call: &Call<'_>,
    table: &Table,
    given: &Map<String, Json>,
) -> Result<Expr, DataverseError> {
    let text = |name: &str| given.get(name).and_then(Json::as_str).unwrap_or_default();
    let (name, operator) = (text("AttributeName"), text("Operator"));
    let column = table.attribute(name).ok_or_else(|| {
        let message =
            format!("'{}' entity doesn't contain attribute with Name = '{name}'.", table.logical);
        DataverseError::new(http::StatusCode::BAD_REQUEST, "0x80041103", message)
    })?;
    let known = NAMES.iter().find(|row| row.name == operator).ok_or_else(|| {
        wrong(&format!(
            "Cannot convert the literal '{operator}' to the expected type \
             'Microsoft.Dynamics.CRM.ConditionOperator'."
        ))
    })?;
    let values = given.get("Values").and_then(Json::as_array).into_iter().flatten();
    let values: Vec<String> = values.map(value).collect();
    let schema = &call.dataverse().schema;
    let column = reference(MAIN, Vec::new(), column);
    conditions::condition(schema, table, column, known.operator, &values, &call.context())
}

/// A value: bare, or `{"Value": …, "Type": …}`.
fn value(json: &Json) -> String {
    let bare = json.get("Value").unwrap_or(json);
    bare.as_str().map_or_else(|| bare.to_string(), str::to_owned)
}
