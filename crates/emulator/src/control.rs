//! The control API `/_emulator/…`: the log, the counters, token expiry and faults.
//!
//! It refuses a `Host` that is not a loopback name, so that no web page elsewhere can steer it
//! through a name that resolves to this machine.

use std::sync::Arc;

use axum::extract::{Request, State as AxumState};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use crate::faults::{Fault, FaultKind};
use crate::log::Counters;
use crate::pages;
use crate::server::Origin;
use crate::state::State;

type Shared = AxumState<Arc<State>>;

pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/_emulator/setup", get(setup))
        .route("/_emulator/log", get(log))
        .route("/_emulator/counters", get(counters))
        .route("/_emulator/expire-access-tokens", post(expire_access_tokens))
        .route("/_emulator/revoke-refresh-tokens", post(revoke_refresh_tokens))
        .route("/_emulator/access-token-lifetime", post(access_token_lifetime))
        .route("/_emulator/refresh-rotation", post(refresh_rotation))
        .route("/_emulator/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .layer(from_fn(loopback_host))
}

async fn loopback_host(request: Request, next: Next) -> Response {
    let origin = request.extensions().get::<Origin>();
    let url = origin.and_then(|origin| url::Url::parse(&origin.0).ok());
    if url.as_ref().is_some_and(is_loopback) {
        next.run(request).await
    } else {
        problem(StatusCode::FORBIDDEN, "the control API answers to loopback names only")
    }
}

/// Whether the host of `url` is this machine by name.
pub(crate) fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let body =
        json!({"title": status.canonical_reason(), "status": status.as_u16(), "detail": detail});
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

async fn setup(AxumState(state): Shared) -> Response {
    Json(&state.setup).into_response()
}

async fn log(AxumState(state): Shared, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return pages::log(&state.log.entries()).into_response();
    }
    Json(json!({"requests": state.log.entries()})).into_response()
}

async fn counters(AxumState(state): Shared) -> Json<Counters> {
    Json(state.counters.snapshot())
}

async fn expire_access_tokens(AxumState(state): Shared) -> StatusCode {
    state.entra.expire_access_tokens();
    StatusCode::NO_CONTENT
}

async fn revoke_refresh_tokens(AxumState(state): Shared) -> StatusCode {
    state.entra.grants.revoke_refresh_tokens();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifetime {
    seconds: u32,
}

async fn access_token_lifetime(
    AxumState(state): Shared,
    Json(lifetime): Json<Lifetime>,
) -> StatusCode {
    state.entra.set_access_token_lifetime(lifetime.seconds);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    strict: bool,
}

async fn refresh_rotation(AxumState(state): Shared, Json(rotation): Json<Rotation>) -> StatusCode {
    state.entra.grants.set_strict_rotation(rotation.strict);
    StatusCode::NO_CONTENT
}

async fn list_faults(AxumState(state): Shared) -> Response {
    Json(json!({"faults": state.faults.list()})).into_response()
}

async fn add_fault(AxumState(state): Shared, Json(fault): Json<Fault>) -> Response {
    if matches!(fault.kind, FaultKind::Status { code, .. } if !(400..600).contains(&code)) {
        return problem(StatusCode::BAD_REQUEST, "code must be an HTTP status from 400 to 599");
    }
    state.faults.add(fault);
    StatusCode::NO_CONTENT.into_response()
}

async fn clear_faults(AxumState(state): Shared) -> StatusCode {
    state.faults.clear();
    StatusCode::NO_CONTENT
}
