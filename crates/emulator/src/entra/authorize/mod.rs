//! The authorization endpoint and the pages that follow from it: sign-in, account picker, second factor, consent.
//!
//! Until app and redirect URI are known to belong together every failure is a page, never a redirect.

mod admin_consent;
mod answer;
mod device_login;
mod flow;
mod forms;
mod logout;
mod request;
mod session;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, RawQuery, State as AxumState};
use axum::response::Response;
use axum::routing::{get, post};
use http::HeaderMap;

use super::Version;
use crate::server::Origin;
use crate::state::State;
use flow::Flow;

type Shared = AxumState<Arc<State>>;

pub(super) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/{tenant}/oauth2/authorize", get(v1).post(v1_posted))
        .route("/{tenant}/oauth2/v2.0/authorize", get(v2).post(v2_posted))
        .route("/{tenant}/login", post(forms::sign_in))
        .route("/{tenant}/account", post(forms::account))
        .route("/{tenant}/mfa", post(forms::second_factor))
        .route("/{tenant}/consent", post(forms::consent))
        .route("/{tenant}/adminconsent", get(admin_consent::v1))
        .route("/{tenant}/v2.0/adminconsent", get(admin_consent::v2))
        .route("/{tenant}/oauth2/logout", get(logout::logout).post(logout::logout))
        .route("/{tenant}/oauth2/v2.0/logout", get(logout::logout).post(logout::logout))
        .route("/{tenant}/oauth2/deviceauth", get(device_login::page).post(device_login::entered))
}

async fn v1(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    query: RawQuery,
) -> Response {
    begin(&state, Version::V1, &tenant, &origin.0.0, &headers, &query.0.unwrap_or_default())
}

async fn v2(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    query: RawQuery,
) -> Response {
    begin(&state, Version::V2, &tenant, &origin.0.0, &headers, &query.0.unwrap_or_default())
}

async fn v1_posted(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8_lossy(&body);
    begin(&state, Version::V1, &tenant, &origin.0.0, &headers, &body)
}

async fn v2_posted(
    state: Shared,
    tenant: Path<String>,
    origin: Extension<Origin>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8_lossy(&body);
    begin(&state, Version::V2, &tenant, &origin.0.0, &headers, &body)
}

fn begin(
    state: &State,
    version: Version,
    tenant: &str,
    origin: &str,
    headers: &HeaderMap,
    query: &str,
) -> Response {
    let directory = state.entra.directory.read();
    let parameters = request::Parameters::parse(query);
    let asked = match request::read(&directory, version, tenant, origin, &parameters) {
        Ok(asked) => asked,
        Err(error) => return answer::error_page(&error),
    };
    match asked.fault {
        Some(fault) => answer::with_error(&asked.authorization, &fault),
        None => Flow::new(state, &directory, headers).begin(asked.authorization),
    }
}
