//! Integration accounts: settings, Request token, Test connection.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use patchcord::AccountView;
use patchcord::dynamics::{ConsentFor, Endpoints};
use serde::{Deserialize, Serialize};
use url::Url;

use super::account_body::{AccountBody, EndpointsBody};
use super::id;
use crate::body::JsonBody;
use crate::parameters::{Asked, Named};
use crate::problem::Problem;
use crate::server::Shared;

const ACCOUNT: &str = "integration account";

/// Query of `POST /v1/accounts/{id}/consent`.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    /// Whether consent is asked for everybody of the organisation.
    #[serde(default)]
    organisation: bool,
}

/// Answer of `POST /v1/accounts/{id}/consent`.
#[derive(Serialize)]
pub(crate) struct Consent {
    /// Where to send the administrator's browser.
    authorize_url: Url,
    /// What must be registered with Entra ID.
    redirect_uri: Url,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Json<Vec<AccountView>> {
    Json(shared.patchcord.accounts())
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Named(account): Named,
) -> Result<Json<AccountView>, Problem> {
    Ok(Json(shared.patchcord.account(id(ACCOUNT, &account)?)?))
}

/// Answer of `POST /v1/accounts/endpoints`.
#[derive(Serialize)]
pub(crate) struct FilledIn {
    #[serde(flatten)]
    endpoints: Endpoints,
    /// What must be registered with Entra ID.
    redirect_uri: Url,
}

/// Answer of `GET /v1/accounts/redirect-uri`.
#[derive(Serialize)]
pub(crate) struct Redirect {
    /// What must be registered with Entra ID.
    redirect_uri: Url,
}

pub(crate) async fn endpoints(
    State(shared): State<Shared>,
    JsonBody(body): JsonBody<EndpointsBody>,
) -> Result<Json<FilledIn>, Problem> {
    let endpoints = body.fill_in()?;
    Ok(Json(FilledIn { endpoints, redirect_uri: (*shared.redirect_uri).clone() }))
}

pub(crate) async fn redirect_uri(State(shared): State<Shared>) -> Json<Redirect> {
    Json(Redirect { redirect_uri: (*shared.redirect_uri).clone() })
}

pub(crate) async fn create(
    State(shared): State<Shared>,
    JsonBody(body): JsonBody<AccountBody>,
) -> Result<(StatusCode, Json<AccountView>), Problem> {
    let account = shared.patchcord.create_account(body.into_input(&shared.redirect_uri)?).await?;
    Ok((StatusCode::CREATED, Json(account)))
}

pub(crate) async fn update(
    State(shared): State<Shared>,
    Named(account): Named,
    JsonBody(body): JsonBody<AccountBody>,
) -> Result<Json<AccountView>, Problem> {
    let account = id(ACCOUNT, &account)?;
    let input = body.into_input(&shared.redirect_uri)?;
    Ok(Json(shared.patchcord.update_account(account, input).await?))
}

pub(crate) async fn delete(
    State(shared): State<Shared>,
    Named(account): Named,
) -> Result<StatusCode, Problem> {
    shared.patchcord.delete_account(id(ACCOUNT, &account)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn consent(
    State(shared): State<Shared>,
    Named(account): Named,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Consent>, Problem> {
    let redirect_uri = (*shared.redirect_uri).clone();
    let consent_for = match wanted.organisation {
        true => ConsentFor::Organisation,
        false => ConsentFor::User,
    };
    let account = id(ACCOUNT, &account)?;
    let link = shared.patchcord.begin_consent(account, &redirect_uri, consent_for)?;
    Ok(Json(Consent { authorize_url: link.authorize_url, redirect_uri }))
}

pub(crate) async fn test(
    State(shared): State<Shared>,
    Named(account): Named,
) -> Result<Json<AccountView>, Problem> {
    Ok(Json(shared.patchcord.test_account(id(ACCOUNT, &account)?).await?))
}
