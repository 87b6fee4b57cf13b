//! Questions about the organisation and whoever asks.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;
use sqlx::SqliteConnection;

use super::super::access::visible;
use super::super::call::Call;
use super::super::errors::DataverseError;
use super::super::id_of;
use super::super::metadata::changes;
use super::super::query::expand::split;
use super::super::query::options::{aliases, pairs};
use super::super::query::sql::Builder;
use super::parameters::Arguments;
use super::result;

/// The version that the emulator says it is.
const VERSION: &str = "9.2.24104.00195";

pub(super) fn who_am_i(
    call: &Call<'_>,
    arguments: Option<&str>,
) -> Result<Response, DataverseError> {
    Arguments::read(call, arguments, &[])?;
    let members = json!({
        "BusinessUnitId": call.author().business_unit,
        "UserId": call.author().user,
        "OrganizationId": organization(call),
    });
    Ok(result(call, "WhoAmIResponse", members))
}

pub(super) fn version(
    call: &Call<'_>,
    arguments: Option<&str>,
) -> Result<Response, DataverseError> {
    Arguments::read(call, arguments, &[])?;
    Ok(result(call, "RetrieveVersionResponse", json!({"Version": VERSION})))
}

/// `RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')`
pub(super) fn current(
    call: &Call<'_>,
    arguments: Option<&str>,
) -> Result<Response, DataverseError> {
    let arguments = Arguments::read(call, arguments, &["AccessType"])?;
    let known = ["Default", "Internet", "Intranet"];
    arguments.choice("AccessType", "EndpointAccessType", &known)?;
    let tenant = &call.caller.state.setup.tenant;
    let origin = call.caller.base.split("/api/data").next().unwrap_or_default();
    let detail = json!({
        "OrganizationId": organization(call),
        "FriendlyName": "Emulator",
        "OrganizationVersion": VERSION,
        "EnvironmentId": id_of("environment", tenant),
        "DatacenterId": id_of("datacenter", tenant),
        "Geo": "EMEA",
        "TenantId": tenant,
        "UrlName": "emulator",
        "UniqueName": "emulator",
        "Endpoints": {
            "Count": 3,
            "IsReadOnly": false,
            "Keys": ["WebApplication", "OrganizationService", "OrganizationDataService"],
            "Values": [
                format!("{origin}/"),
                format!("{origin}/XRMServices/2011/Organization.svc"),
                format!("{origin}/XRMServices/2011/OrganizationData.svc"),
            ],
        },
        "State": "Enabled",
    });
    Ok(result(call, "RetrieveCurrentOrganizationResponse", json!({"Detail": detail})))
}

fn organization(call: &Call<'_>) -> String {
    id_of("organization", &call.caller.state.setup.tenant)
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
    let arguments = Arguments::read(call, arguments, &["EntityNames"])?;
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for name in arguments.texts("EntityNames")? {
        let table = call.dataverse().schema.by_logical(&name);
        let table = table.ok_or_else(|| DataverseError::no_table(&name))?;
        // Counted are all rows, but only for those who may read the table.
        visible(call.author(), table)?;
        let mut builder = Builder::new(format!("SELECT COUNT(*) FROM \"{}\"", table.logical));
        let count: i64 = builder.build_query_scalar().fetch_one(&mut *connection).await?;
        keys.push(name);
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
