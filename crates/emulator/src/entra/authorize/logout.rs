//! Signing out: the session of the browser ends, and the app gets its user back where it may.
//!
//! Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc, "Send a sign-out request"

use axum::body::Bytes;
use axum::extract::{RawQuery, State as AxumState};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

use super::request::Parameters;
use super::{Shared, session};
use crate::entra::pages;
use crate::entra::registry::Directory;

pub(super) async fn logout(
    AxumState(state): Shared,
    headers: HeaderMap,
    query: RawQuery,
    body: Bytes,
) -> Response {
    let text = format!("{}&{}", query.0.unwrap_or_default(), String::from_utf8_lossy(&body));
    let parameters = Parameters::parse(&text);
    let directory = state.entra.directory.read();
    let hinted = parameters.get("logout_hint").and_then(|hint| directory.user_anywhere(hint));
    let hinted = hinted.map(|(_, user)| user.id.clone());
    let by_token = || state.entra.key.subject_of(parameters.get("id_token_hint")?);
    if let Some(session) = session::of(&headers) {
        state.entra.grants.sign_out(&session, hinted.or_else(by_token).as_deref());
    }
    match parameters.get("post_logout_redirect_uri") {
        Some(uri) if is_registered(&directory, uri) => {
            let Ok(mut target) = url::Url::parse(uri) else {
                return pages::message("Signed out", "You signed out of your account.")
                    .into_response();
            };
            if let Some(state) = parameters.get("state") {
                target.query_pairs_mut().append_pair("state", state);
            }
            (StatusCode::FOUND, [(header::LOCATION, String::from(target))]).into_response()
        }
        _ => pages::message("Signed out", "You signed out of your account.").into_response(),
    }
}

fn is_registered(directory: &Directory, uri: &str) -> bool {
    let apps = directory.tenants.iter().flat_map(|tenant| &tenant.apps);
    apps.into_iter().any(|app| app.redirect_uris.platform_of(uri).is_some())
}
