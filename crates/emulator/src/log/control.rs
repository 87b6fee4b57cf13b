//! The request log in the control API: JSON for programs, pages for people.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State as AxumState};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::filter::Filter;
use super::{detail, page};
use crate::control::problem::Problem;
use crate::control::wants_page;
use crate::state::State;

type Shared = AxumState<Arc<State>>;

const STYLE: &str = include_str!("../pages/log.css");

pub(crate) async fn list(
    AxumState(state): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let as_page = wants_page(&headers);
    let filter = match Filter::parse(query.as_deref().unwrap_or_default()) {
        Ok(filter) => filter,
        Err(wrong) if as_page => {
            let page = page::list(&[], &Filter::default(), Some(&wrong.to_string()));
            return Ok((StatusCode::BAD_REQUEST, page).into_response());
        }
        Err(wrong) => return Err(wrong.into()),
    };
    let entries = state.log.select(|entry| filter.takes(entry));
    Ok(match as_page {
        true => page::list(&entries, &filter, None).into_response(),
        false => Json(json!({"requests": entries})).into_response(),
    })
}

pub(crate) async fn one(
    AxumState(state): Shared,
    Path(n): Path<u64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let entry = state.log.entry(n).ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "the log has no request of that number any more")
    })?;
    Ok(match wants_page(&headers) {
        true => detail::show(&entry).into_response(),
        false => Json(entry).into_response(),
    })
}

pub(crate) async fn clear(AxumState(state): Shared) -> StatusCode {
    state.log.clear();
    StatusCode::NO_CONTENT
}

pub(crate) async fn clear_by_form(AxumState(state): Shared) -> Redirect {
    state.log.clear();
    Redirect::to("/_emulator/log")
}

pub(crate) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}
