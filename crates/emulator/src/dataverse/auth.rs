//! The bearer token of a Web API request, and the 401 that tells a client where to get one.

use http::{HeaderMap, StatusCode, header};

use super::errors::DataverseError;
use crate::entra::jwt::Refused;
use crate::state::State;

/// Who makes a request.
pub(crate) struct Principal {
    pub(crate) system_user: String,
}

pub(crate) fn authenticate(
    state: &State,
    headers: &HeaderMap,
    origin: &str,
) -> Result<Principal, DataverseError> {
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
    let bearer = state.entra.bearer(token).map_err(|refused| {
        let description = match refused {
            Refused::Invalid => "The token is malformed or its signature is wrong",
            Refused::Expired => "The token has expired",
            Refused::WrongAudience => "The audience of the token is another resource",
        };
        challenge(&format!(", error=invalid_token, error_description=\"{description}\""))
    })?;
    match state.dataverse.system_user(&bearer.oid) {
        Some(id) => Ok(Principal { system_user: id.to_owned() }),
        None => Err(DataverseError::new(
            StatusCode::FORBIDDEN,
            "0x80072560",
            "The user is not a member of the organization.",
        )),
    }
}
