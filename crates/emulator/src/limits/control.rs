//! The limits in the control API: what they are, what they counted, and changing them.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as AxumState;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::settings::Limits;
use crate::control::problem::Problem;
use crate::control::read_members;
use crate::members::needed;
use crate::state::State;

type Shared = AxumState<Arc<State>>;

pub(crate) async fn show(AxumState(state): Shared) -> Json<Value> {
    let mut json = state.limits.limits().to_json();
    json["users"] = json!(state.limits.counts());
    Json(json)
}

pub(crate) async fn set(
    AxumState(state): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let limits = Limits::read(read_members(&headers, &body)?)?;
    state.limits.set(&limits);
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(crate) async fn advance(
    AxumState(state): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let mut members = read_members(&headers, &body)?;
    let seconds = needed("seconds", members.number("seconds", 0..=31_536_000)?)?;
    members.end()?;
    state.limits.advance(Duration::from_secs(seconds));
    Ok(StatusCode::NO_CONTENT.into_response())
}
