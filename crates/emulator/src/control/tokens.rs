//! What of tokens and clocks can be steered by hand.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as AxumState;
use http::{HeaderMap, StatusCode};

use super::problem::Problem;
use super::read_members;
use crate::members::needed;
use crate::state::State;

type Shared = AxumState<Arc<State>>;

pub(super) async fn expire(AxumState(state): Shared) -> StatusCode {
    state.entra.expire_access_tokens();
    StatusCode::NO_CONTENT
}

pub(super) async fn revoke(AxumState(state): Shared) -> StatusCode {
    state.entra.grants.revoke_refresh_tokens();
    StatusCode::NO_CONTENT
}

pub(super) async fn lifetime(
    AxumState(state): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let mut members = read_members(&headers, &body)?;
    let seconds = needed("seconds", members.short("seconds", 0..=u32::MAX)?)?;
    members.end()?;
    state.entra.set_access_token_lifetime(seconds);
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn rotation(
    AxumState(state): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let mut members = read_members(&headers, &body)?;
    let strict = needed("strict", members.flag("strict")?)?;
    members.end()?;
    state.entra.grants.set_strict_rotation(strict);
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn clock_offset(
    AxumState(state): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let mut members = read_members(&headers, &body)?;
    let seconds = needed("seconds", members.integer("seconds", -31_536_000..=31_536_000)?)?;
    members.end()?;
    state.entra.set_clock_offset(seconds);
    Ok(StatusCode::NO_CONTENT)
}
