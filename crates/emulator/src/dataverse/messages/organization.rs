//! Questions about the organisation and whoever asks.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;
use sqlx::SqliteConnection;

use super::super::call::Call;
use super::super::errors::DataverseError;
use super::super::id_of;
use super::super::metadata::changes;
use super::super::query::expand::split;
use super::super::query::options::{aliases, pairs};
use super::super::query::sql::Builder;
use super::result;

/// The version that the emulator says it is.
const VERSION: &str = "9.2.24104.00195";

pub(super) fn who_am_i(call: &Call<'_>) -> Response {
    let members = json!({
        "BusinessUnitId": call.author().business_unit,
        "UserId": call.author().user,
        "OrganizationId": id_of("organization", &call.caller.state.setup.tenant),
    });
    result(call, "WhoAmIResponse", members)
}

pub(super) fn version(call: &Call<'_>) -> Response {
    result(call, "RetrieveVersionResponse", json!({"Version": VERSION}))
}

/// `RetrieveMetadataChanges(Query=@p1)`
pub(super) fn metadata_changes(
    call: &Call<'_>,
    arguments: Option<&str>,
) -> Result<Response, DataverseError> {
    let pairs = pairs(call.query);
    let aliases = aliases(&pairs);
    let arguments = split(arguments.unwrap_or_default(), ',').unwrap_or_default();
    let parameters = arguments.into_iter().filter_map(|argument| {
        let (name, value) = argument.split_once('=')?;
        let value = aliases.get(value.trim()).map_or(value, String::as_str);
        Some((name.trim().to_owned(), value.trim().to_owned()))
    });
    let parameters: Vec<_> = parameters.collect();
    let dataverse = call.dataverse();
    let stamp = dataverse.metadata_version();
    let body = changes::answer(&dataverse.schema, call.caller.base, &parameters, stamp)?;
    Ok(call.json(StatusCode::OK, &body))
}

/// `RetrieveTotalRecordCount(EntityNames=['account','contact'])`
pub(super) async fn total_record_count(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    arguments: Option<&str>,
) -> Result<Response, DataverseError> {
    let missing = || DataverseError::odata("The parameter 'EntityNames' is missing.");
    let (name, value) = arguments.and_then(|text| text.split_once('=')).ok_or_else(missing)?;
    let pairs = pairs(call.query);
    let aliases = aliases(&pairs);
    let value = aliases.get(value.trim()).map_or(value, String::as_str).trim();
    let list = value.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let list = list.filter(|_| name.trim() == "EntityNames").ok_or_else(missing)?;
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for name in split(list, ',').unwrap_or_default() {
        let name = name.trim_matches(['\'', '"']);
        let table = call.dataverse().schema.by_logical(name);
        let table = table.ok_or_else(|| DataverseError::no_table(name))?;
        let mut builder = Builder::new(format!("SELECT COUNT(*) FROM \"{}\"", table.logical));
        let count: i64 = builder.build_query_scalar().fetch_one(&mut *connection).await?;
        keys.push(name.to_owned());
        values.push(count);
    }
    let collection = json!({
        "Count": values.len(),
        "IsReadOnly": false,
        "Keys": keys,
        "Values": values,
    });
    let members = json!({"EntityRecordCountCollection": collection});
    Ok(result(call, "RetrieveTotalRecordCountResponse", members))
}
