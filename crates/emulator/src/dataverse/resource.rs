//! What a Web API address points at.

use super::Dataverse;
use super::errors::DataverseError;
use super::tables::Table;
use super::values::guid;
use http::StatusCode;

pub(crate) enum Resource<'a> {
    ServiceDocument,
    WhoAmI,
    Collection(&'a Table),
    Count(&'a Table),
    Row(&'a Table, String),
}

/// Parts of the Web API that Dataverse has outside its tables and the emulator has not.
const KNOWN_ELSEWHERE: [&str; 12] = [
    "$batch",
    "$metadata",
    "CloseIncident",
    "EntityDefinitions",
    "FulfillSalesOrder",
    "GlobalOptionSetDefinitions",
    "LoseOpportunity",
    "RelationshipDefinitions",
    "RetrieveCurrentOrganization",
    "RetrieveTotalRecordCount",
    "RetrieveVersion",
    "WinOpportunity",
];

/// Reads a decoded path below `/api/data/v9.x/`.
pub(crate) fn parse<'a>(
    dataverse: &'a Dataverse,
    path: &str,
) -> Result<Resource<'a>, DataverseError> {
    let path = path.trim_matches('/');
    if path.is_empty() {
        return Ok(Resource::ServiceDocument);
    }
    let end = path.find(['(', '/']).unwrap_or(path.len());
    let (name, rest) = path.split_at(end);
    if name == "WhoAmI" && (rest.is_empty() || rest == "()") {
        return Ok(Resource::WhoAmI);
    }
    let Some(table) = dataverse.tables.by_set(name) else {
        return Err(match KNOWN_ELSEWHERE.contains(&name) {
            true => DataverseError::not_implemented(name),
            false => DataverseError::no_segment(name),
        });
    };
    match rest {
        "" => return Ok(Resource::Collection(table)),
        "/$count" => return Ok(Resource::Count(table)),
        _ => {}
    }
    let Some(rest) = rest.strip_prefix('(') else {
        return Err(below(rest));
    };
    let (key, rest) = rest.split_once(')').ok_or_else(query_syntax)?;
    if !rest.is_empty() {
        return Err(below(rest));
    }
    Ok(Resource::Row(table, row_id(table, key)?))
}

/// What comes after a table or a row: properties, `$ref`, bound actions.
fn below(rest: &str) -> DataverseError {
    DataverseError::not_implemented(&format!("the path segment '{}'", rest.trim_matches('/')))
}

fn query_syntax() -> DataverseError {
    DataverseError::odata("Bad Request - Error in query syntax.")
}

/// A row's GUID, bare or as `contactid=GUID`. The tables here have no alternate keys.
pub(crate) fn row_id(table: &Table, key: &str) -> Result<String, DataverseError> {
    let bare = match key.split_once('=') {
        Some((name, value)) if name == table.key => value,
        Some(_) => {
            let message = format!(
                "The specified key attributes are not a defined key for the {} entity",
                table.logical
            );
            return Err(DataverseError::new(StatusCode::BAD_REQUEST, "0x80060890", message));
        }
        None => key,
    };
    guid(bare.trim()).ok_or_else(query_syntax)
}
