//! The control API `/_emulator/…`: the log, the counters, tokens, faults, limits.
//!
//! JSON for programs; the same addresses answer pages where HTML is accepted. Who may use it is
//! `guard`'s business.

mod guard;
pub(crate) mod problem;
mod tokens;

use std::sync::Arc;

use axum::extract::State as AxumState;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};

use crate::log::Counters;
use crate::members::Members;
use crate::state::State;
use crate::{faults, limits, log};
pub(crate) use guard::is_loopback;
use problem::Problem;

type Shared = AxumState<Arc<State>>;

pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/_emulator/setup", get(setup))
        .route("/_emulator/counters", get(counters))
        .route("/_emulator/log", get(log::control::list).delete(log::control::clear))
        .route("/_emulator/log/clear", post(log::control::clear_by_form))
        .route("/_emulator/log/{n}", get(log::control::one))
        .route("/_emulator/log.css", get(log::control::style))
        .route("/_emulator/expire-access-tokens", post(tokens::expire))
        .route("/_emulator/revoke-refresh-tokens", post(tokens::revoke))
        .route("/_emulator/access-token-lifetime", post(tokens::lifetime))
        .route("/_emulator/refresh-rotation", post(tokens::rotation))
        .route("/_emulator/clock-offset", post(tokens::clock_offset))
        .route("/_emulator/limits", get(limits::control::show).post(limits::control::set))
        .route("/_emulator/limits/advance", post(limits::control::advance))
        .merge(fault_routes())
        .layer(from_fn(guard::guard))
}

fn fault_routes() -> Router<Arc<State>> {
    use faults::control::{add, clear, clear_by_form, list, remove, remove_by_form};
    Router::new()
        .route("/_emulator/faults", get(list).post(add).delete(clear))
        .route("/_emulator/faults/clear", post(clear_by_form))
        .route("/_emulator/faults/{id}", delete(remove))
        .route("/_emulator/faults/{id}/remove", post(remove_by_form))
}

/// Whether a page is wanted in place of JSON.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    content_type(headers).starts_with("application/x-www-form-urlencoded")
}

/// The members of a JSON body.
pub(crate) fn read_members(headers: &HeaderMap, body: &[u8]) -> Result<Members, Problem> {
    if !content_type(headers).starts_with("application/json") {
        let detail = "the body has to be JSON, said by Content-Type: application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    Ok(Members::parse(body)?)
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn setup(AxumState(state): Shared) -> Response {
    Json(&state.setup).into_response()
}

async fn counters(AxumState(state): Shared) -> Json<Counters> {
    Json(state.counters.snapshot())
}
