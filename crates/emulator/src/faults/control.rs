//! The faults in the control API: JSON for programs, a page with forms for people.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as AxumState};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::{form, json as reading, page};
use crate::control::problem::Problem;
use crate::control::{is_form, read_members, wants_page};
use crate::state::State;

type Shared = AxumState<Arc<State>>;

const PAGE: &str = "/_emulator/faults";

pub(crate) async fn list(AxumState(state): Shared, headers: HeaderMap) -> Response {
    let waiting = state.faults.list();
    if wants_page(&headers) {
        return page::show(&waiting, &[], None).into_response();
    }
    let faults: Vec<_> = waiting.into_iter().map(|(_, json)| json).collect();
    Json(json!({"faults": faults})).into_response()
}

pub(crate) async fn add(
    AxumState(state): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    if is_form(&headers) {
        return Ok(add_by_form(&state, &body));
    }
    let rule = reading::rule(read_members(&headers, &body)?)?;
    let id = state.faults.add(rule);
    Ok((StatusCode::NO_CONTENT, [(header::LOCATION, format!("{PAGE}/{id}"))]).into_response())
}

fn add_by_form(state: &State, body: &Bytes) -> Response {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    match form::rule(&fields) {
        Ok(rule) => {
            state.faults.add(rule);
            Redirect::to(PAGE).into_response()
        }
        Err(wrong) => {
            let page = page::show(&state.faults.list(), &fields, Some(&wrong.to_string()));
            (StatusCode::BAD_REQUEST, page).into_response()
        }
    }
}

pub(crate) async fn clear(AxumState(state): Shared) -> StatusCode {
    state.faults.clear();
    StatusCode::NO_CONTENT
}

pub(crate) async fn remove(
    AxumState(state): Shared,
    Path(id): Path<u64>,
) -> Result<StatusCode, Problem> {
    match state.faults.remove(id) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::new(StatusCode::NOT_FOUND, "no fault of that number waits")),
    }
}

/// By the page's button; one that is gone meanwhile is gone.
pub(crate) async fn remove_by_form(AxumState(state): Shared, Path(id): Path<u64>) -> Redirect {
    state.faults.remove(id);
    Redirect::to(PAGE)
}

pub(crate) async fn clear_by_form(AxumState(state): Shared) -> Redirect {
    state.faults.clear();
    Redirect::to(PAGE)
}
