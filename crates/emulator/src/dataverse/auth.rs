//! The bearer token of a Web API request, and the 401 that tells a client where to get one.

use http::{HeaderMap, StatusCode, header};
use sqlx::SqliteConnection;

use super::access::Author;
use super::errors::DataverseError;
use super::id_of;
use crate::entra::jwt::{Bearer, Refused};
use crate::state::State;

/// Reads and checks the token.
pub(crate) fn bearer(
    state: &State,
    headers: &HeaderMap,
    origin: &str,
) -> Result<Bearer, DataverseError> {
    let challenge = |error: &str| {
        let tenant = &state.setup.tenant;
        let place = format!(
            "Bearer authorization_uri={origin}/{tenant}/oauth2/authorize, resource_id={origin}/"
        );
        DataverseError::unauthorized(place + error)
    };
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let Some(token) = token else {
        return Err(challenge(""));
    };
    state.entra.bearer(token).map_err(|refused| {
        let description = match refused {
            Refused::Invalid => "The token is malformed or its signature is wrong",
            Refused::Expired => "The token has expired",
            Refused::WrongAudience => "The audience of the token is another resource",
        };
        challenge(&format!(", error=invalid_token, error_description=\"{description}\""))
    })
}

/// The user of the organisation behind a token.
pub(crate) async fn author(
    _connection: &mut SqliteConnection,
    state: &State,
    bearer: &Bearer,
) -> Result<Author, DataverseError> {
    match state.dataverse.system_user(&bearer.oid) {
        Some(id) => Ok(Author {
            user: id.to_owned(),
            business_unit: id_of("businessunit", "root"),
            on_behalf_by: None,
        }),
        None => Err(DataverseError::new(
            StatusCode::FORBIDDEN,
            "0x80072560",
            "The user is not a member of the organization.",
        )),
    }
}
