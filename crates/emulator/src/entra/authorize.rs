//! The authorization endpoint: check the request, sign the user in, ask for consent, redirect.
//!
//! Until app and redirect URI are known to belong together every failure is a page, never a
//! redirect. There is no sign-in session: each request asks for the password again.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Form, Path, RawQuery, State as AxumState};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;

use super::Version;
use super::errors::EntraError;
use super::grants::{Authorization, Challenge};
use super::registry::{App, Tenant};
use super::scope::Requested;
use crate::pages;
use crate::state::State;

type Shared = AxumState<Arc<State>>;

pub(crate) async fn v1(state: Shared, tenant: Path<String>, query: RawQuery) -> Response {
    begin(&state, Version::V1, &tenant, &query.0.unwrap_or_default())
}

pub(crate) async fn v2(state: Shared, tenant: Path<String>, query: RawQuery) -> Response {
    begin(&state, Version::V2, &tenant, &query.0.unwrap_or_default())
}

/// The request's parameters; of a repeated one the first counts, an empty one is not there.
struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    fn parse(query: &'a str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_ref()).filter(|value| !value.is_empty())
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

fn begin(state: &State, version: Version, tenant: &str, query: &str) -> Response {
    let parameters = Parameters::parse(query);
    let (tenant, app, redirect_uri) = match client(state, tenant, &parameters) {
        Ok(client) => client,
        Err(error) => return error_page(&error),
    };
    let mut authorization = Authorization {
        version,
        tenant: tenant.id.clone(),
        client_id: app.client_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        response_mode: parameters.get("response_mode").unwrap_or("query").to_owned(),
        state: parameters.owned("state"),
        requested: None,
        nonce: parameters.owned("nonce"),
        challenge: None,
        ask_consent: matches!(parameters.get("prompt"), Some("consent" | "admin_consent")),
        user: None,
    };
    match complete(&mut authorization, &parameters) {
        Ok(()) => {
            let hint = parameters.get("login_hint").unwrap_or_default();
            let context = state.entra.grants.hold(authorization);
            pages::sign_in(&tenant.id, &context, &app.name, hint, None).into_response()
        }
        Err(error) => back_with_error(&authorization, &error),
    }
}

fn client<'s, 'p>(
    state: &'s State,
    tenant: &str,
    parameters: &'p Parameters<'_>,
) -> Result<(&'s Tenant, &'s App, &'p str), EntraError> {
    let directory = &state.entra.directory;
    let tenant = directory.tenant(tenant).ok_or_else(|| EntraError::no_tenant(tenant))?;
    let client_id = parameters.get("client_id").ok_or_else(|| EntraError::missing("client_id"))?;
    let app = tenant.app(client_id).ok_or_else(|| EntraError::no_app(client_id))?;
    let redirect_uri =
        parameters.get("redirect_uri").ok_or_else(|| EntraError::missing("redirect_uri"))?;
    if !app.is_registered(redirect_uri) {
        let message = format!(
            "The redirect URI '{redirect_uri}' specified in the request does not match the \
             redirect URIs configured for the application '{client_id}'."
        );
        return Err(EntraError::new("invalid_request", 50011, message));
    }
    Ok((tenant, app, redirect_uri))
}

/// Checks what may be answered to the app by redirect.
fn complete(
    authorization: &mut Authorization,
    parameters: &Parameters<'_>,
) -> Result<(), EntraError> {
    let mode = authorization.response_mode.clone();
    if !["query", "fragment", "form_post"].contains(&mode.as_str()) {
        authorization.response_mode = "query".to_owned();
        let message = format!("The provided value '{mode}' for 'response_mode' is not valid.");
        return Err(EntraError::new("invalid_request", 900_144, message));
    }
    match parameters.get("response_type") {
        Some("code") => {}
        None => return Err(EntraError::missing("response_type")),
        Some(other) => {
            let message = format!("The response type '{other}' is not enabled for the app.");
            return Err(EntraError::new("unsupported_response_type", 700_051, message));
        }
    }
    if parameters.get("prompt") == Some("none") {
        let message = "Session information is not sufficient for single-sign-on.";
        return Err(EntraError::new("login_required", 50058, message));
    }
    authorization.challenge = challenge(parameters)?;
    authorization.requested = match authorization.version {
        Version::V1 => parameters.get("resource").map(Requested::from_resource).transpose()?,
        Version::V2 => {
            let scope = parameters.get("scope").ok_or_else(|| EntraError::missing("scope"))?;
            Some(Requested::from_scope(scope)?)
        }
    };
    Ok(())
}

fn challenge(parameters: &Parameters<'_>) -> Result<Option<Challenge>, EntraError> {
    let Some(value) = parameters.owned("code_challenge") else {
        return Ok(None);
    };
    let s256 = match parameters.get("code_challenge_method") {
        Some("S256") => true,
        None | Some("plain") => false,
        Some(other) => {
            let message = format!("Transform algorithm '{other}' is not supported.");
            return Err(EntraError::new("invalid_request", 501_491, message));
        }
    };
    Ok(Some(Challenge { value, s256 }))
}

#[derive(Deserialize)]
pub(crate) struct SignInForm {
    ctx: String,
    login: String,
    passwd: String,
}

pub(crate) async fn sign_in(AxumState(state): Shared, Form(form): Form<SignInForm>) -> Response {
    let Some((mut authorization, tenant, app)) = resume(&state, &form.ctx) else {
        return lost();
    };
    let user = tenant.user_named(&form.login).filter(|user| user.password == form.passwd);
    let Some(user) = user else {
        let message = "AADSTS50126: Your user name or password is incorrect.";
        let page = pages::sign_in(&tenant.id, &form.ctx, &app.name, &form.login, Some(message));
        return page.into_response();
    };
    authorization.user = Some(user.id.clone());
    state.entra.grants.release(&form.ctx);
    let consented = state.entra.grants.has_consented(&user.id, &app.client_id);
    if consented && !authorization.ask_consent {
        return back_with_code(&state, authorization);
    }
    let mut permissions = vec!["Sign you in and read your profile".to_owned()];
    if authorization.requested.as_ref().is_none_or(|requested| !requested.api_scopes.is_empty()) {
        permissions.push("Access Dynamics 365 (Dataverse) as you".to_owned());
    }
    if authorization.requested.as_ref().is_none_or(|requested| requested.offline) {
        permissions.push("Keep that access while you are away".to_owned());
    }
    let context = state.entra.grants.hold(authorization);
    pages::consent(&tenant.id, &context, &app.name, &user.name, &permissions).into_response()
}

#[derive(Deserialize)]
pub(crate) struct ConsentForm {
    ctx: String,
    decision: String,
}

pub(crate) async fn consent(AxumState(state): Shared, Form(form): Form<ConsentForm>) -> Response {
    let Some((authorization, _, _)) = resume(&state, &form.ctx) else {
        return lost();
    };
    let Some(user) = authorization.user.clone() else {
        return lost();
    };
    state.entra.grants.release(&form.ctx);
    if form.decision == "accept" {
        state.entra.grants.remember_consent(&user, &authorization.client_id);
        back_with_code(&state, authorization)
    } else {
        let error =
            EntraError::new("access_denied", 65004, "User declined to consent to access the app.");
        back_with_error(&authorization, &error)
    }
}

fn resume<'s>(state: &'s State, context: &str) -> Option<(Authorization, &'s Tenant, &'s App)> {
    let authorization = state.entra.grants.held(context)?;
    let tenant = state.entra.directory.tenant(&authorization.tenant)?;
    let app = tenant.app(&authorization.client_id)?;
    Some((authorization, tenant, app))
}

fn lost() -> Response {
    let message = "This sign-in is over or took too long. Go back to the app and start again.";
    (StatusCode::BAD_REQUEST, pages::error(message)).into_response()
}

fn error_page(error: &EntraError) -> Response {
    (StatusCode::BAD_REQUEST, pages::error(&error.summary())).into_response()
}

fn back_with_code(state: &State, authorization: Authorization) -> Response {
    let code = state.entra.grants.issue_code(authorization.clone());
    let session = uuid::Uuid::new_v4().to_string();
    back(&authorization, vec![("code", code), ("session_state", session)])
}

fn back_with_error(authorization: &Authorization, error: &EntraError) -> Response {
    let fields = vec![("error", error.error.to_owned()), ("error_description", error.summary())];
    back(authorization, fields)
}

fn back(authorization: &Authorization, mut fields: Vec<(&'static str, String)>) -> Response {
    if let Some(state) = &authorization.state {
        fields.push(("state", state.clone()));
    }
    if authorization.response_mode == "form_post" {
        return pages::form_post(&authorization.redirect_uri, &fields).into_response();
    }
    let Ok(mut target) = url::Url::parse(&authorization.redirect_uri) else {
        return lost();
    };
    if authorization.response_mode == "fragment" {
        let mut encoded = url::form_urlencoded::Serializer::new(String::new());
        target.set_fragment(Some(&encoded.extend_pairs(&fields).finish()));
    } else {
        target.query_pairs_mut().extend_pairs(&fields);
    }
    (StatusCode::FOUND, [(header::LOCATION, String::from(target))]).into_response()
}
