//! Integration accounts: settings, Request token, Test connection.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode, header};
use patchcord::dynamics::{ConsentFor, Endpoints};
use patchcord::{AccountView, ConsentAsker, new_secret};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::account_body::{AccountBody, EndpointsBody};
use super::id;
use crate::access::{Caller, Subject, sent_from};
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
) -> Result<(StatusCode, Extension<Subject>, Json<AccountView>), Problem> {
    let account = shared.patchcord.create_account(body.into_input(&shared.redirect_uri)?).await?;
    let about = Extension(Subject(account.settings.id.to_string()));
    Ok((StatusCode::CREATED, about, Json(account)))
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
    Extension(caller): Extension<Caller>,
    Named(account): Named,
    Asked(wanted): Asked<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let redirect_uri = (*shared.redirect_uri).clone();
    let browser = browser(&shared, &caller, &headers)?;
    let consent_for = match wanted.organisation {
        true => ConsentFor::Organisation,
        false => ConsentFor::User,
    };
    let account = id(ACCOUNT, &account)?;
    let asker = ConsentAsker { actor: Some(caller.actor()), browser: browser.clone() };
    let link = shared.patchcord.begin_consent(account, &redirect_uri, consent_for, asker)?;
    let consent = Consent { authorize_url: link.authorize_url, redirect_uri };
    let mut response = Json(consent).into_response();
    if let Some(cookie) =
        browser.as_ref().and_then(|secret| shared.access.cookies.set_consent(secret))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The secret by which the browser is known again that comes back from the sign-in, where somebody who is signed in
/// begins it there. Who has the link of a program may open it wherever he likes.
fn browser(
    shared: &Shared,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<Option<SecretString>, Problem> {
    if caller.session().is_none() {
        return Ok(None);
    }
    // A browser shows its cookies to the host that gave them, and Entra ID sends it to that of the redirect URI.
    if let Some(page) = sent_from(headers)
        && page.host() != shared.redirect_uri.host()
    {
        let detail = format!(
            "the sign-in comes back to {}: open the console under that address, or give the one that you use with \
             `serve --public-url`",
            shared.redirect_uri
        );
        let title = "The sign-in would come back elsewhere";
        return Err(Problem::new(StatusCode::CONFLICT, "other-address", title, detail));
    }
    let known = shared.access.cookies.consent(headers);
    Ok(Some(known.unwrap_or_else(new_secret)))
}

pub(crate) async fn test(
    State(shared): State<Shared>,
    Named(account): Named,
) -> Result<Json<AccountView>, Problem> {
    Ok(Json(shared.patchcord.test_account(id(ACCOUNT, &account)?).await?))
}
