//! Who a Web API request is from: its bearer token, the user of the organisation behind that, and the user as
//! whom it acts. Without a token a 401 tells the client where to get one.
//!
//! Source: webapi/impersonate-another-user-web-api.

use http::{HeaderMap, StatusCode, header};
use sqlx::SqliteConnection;

use super::access::{Author, Held, Rights, demand_privilege, enrol, privileges};
use super::errors::DataverseError;
use super::values::guid;
use crate::entra::jwt::{Bearer, Refused};
use crate::entra::registry::Principal;
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

/// The user of the organisation behind a token, acting as another where the headers ask for that.
pub(crate) async fn author(
    connection: &mut SqliteConnection,
    state: &State,
    bearer: &Bearer,
    headers: &HeaderMap,
) -> Result<Author, DataverseError> {
    let principal = state.entra.principal(&bearer.oid).filter(|principal| principal.member);
    let principal = principal.ok_or_else(no_member)?;
    let author = member(connection, state, &principal).await?;
    act_as(connection, state, &author, headers).await
}

/// The author as whom a request with these headers acts.
pub(crate) async fn act_as(
    connection: &mut SqliteConnection,
    state: &State,
    author: &Author,
    headers: &HeaderMap,
) -> Result<Author, DataverseError> {
    let acting = match impersonated(connection, state, headers).await? {
        Some(other) if author.on_behalf_by.is_none() && other.user != author.user => {
            may_act(author)?;
            let rights = other.rights.within(&author.rights);
            Author { rights, on_behalf_by: Some(author.user.clone()), ..other }
        }
        _ => author.clone(),
    };
    may_bypass(&acting, headers)?;
    Ok(acting)
}

/// The right has to come from a role of the user's own. Source: impersonate-another-user.
fn may_act(author: &Author) -> Result<(), DataverseError> {
    demand_privilege(author, privileges::ACT_ON_BEHALF)?;
    match author.rights.directly(privileges::ACT_ON_BEHALF) {
        true => Ok(()),
        false => Err(DataverseError::new(
            StatusCode::FORBIDDEN,
            "0x8004a110",
            "User does not have the privilege to act on behalf another user.",
        )),
    }
}

/// Source: bypass-custom-business-logic. There is nothing to bypass here, but the privilege is asked for.
fn may_bypass(author: &Author, headers: &HeaderMap) -> Result<(), DataverseError> {
    let sent = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let logic = ["mscrm.bypassbusinesslogicexecution", "mscrm.bypassbusinesslogicexecutionstepids"];
    if logic.iter().any(|name| sent(name).is_some_and(|value| !value.trim().is_empty())) {
        demand_privilege(author, privileges::BYPASS_LOGIC)?;
    }
    let plugins = sent("mscrm.bypasscustompluginexecution");
    if plugins.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        demand_privilege(author, privileges::BYPASS_PLUGINS)?;
    }
    Ok(())
}

/// The user that the headers name, by object id or by `systemuserid`.
async fn impersonated(
    connection: &mut SqliteConnection,
    state: &State,
    headers: &HeaderMap,
) -> Result<Option<Author>, DataverseError> {
    let sent = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(oid) = sent("callerobjectid") {
        let known = guid(oid.trim()).and_then(|oid| state.entra.principal(&oid));
        let known = known.filter(|principal| principal.member).ok_or_else(|| invalid_user(oid))?;
        return member(connection, state, &known).await.map(Some);
    }
    let Some(sent) = sent("mscrmcallerid") else {
        return Ok(None);
    };
    let id = guid(sent.trim()).ok_or_else(|| invalid_user(sent))?;
    let held = Held::of_user(&state.dataverse, connection, &id).await?;
    user(id, held.ok_or_else(|| invalid_user(sent))?).map(Some)
}

/// Source: the error code BusinessManagementInvalidUserId.
fn invalid_user(id: &str) -> DataverseError {
    let message = format!("The user Id(s) [{}] is invalid.", id.trim());
    DataverseError::new(StatusCode::FORBIDDEN, "0x80041d1f", message)
}

/// The user for somebody of the directory, made at the first visit.
async fn member(
    connection: &mut SqliteConnection,
    state: &State,
    principal: &Principal,
) -> Result<Author, DataverseError> {
    let (dataverse, id) = (&state.dataverse, enrol::user_id(&principal.oid));
    let mut held = Held::of_user(dataverse, connection, &id).await?;
    let from_directory = held.as_ref().and_then(|held| held.from_directory.as_deref());
    if from_directory != Some(enrol::role(principal)) {
        enrol::enrol(dataverse, connection, principal).await?;
        held = Held::of_user(dataverse, connection, &id).await?;
    }
    user(id, held.ok_or_else(no_member)?)
}

fn user(id: String, held: Held) -> Result<Author, DataverseError> {
    if held.disabled {
        return Err(DataverseError::new(
            StatusCode::FORBIDDEN,
            "0x80040225",
            "The specified user is either disabled or is not a member of any business unit.",
        ));
    }
    let business_unit = held.unit.clone();
    Ok(Author { user: id, business_unit, on_behalf_by: None, rights: Rights::of(held) })
}

fn no_member() -> DataverseError {
    DataverseError::new(
        StatusCode::FORBIDDEN,
        "0x80072560",
        "The user is not a member of the organization.",
    )
}
