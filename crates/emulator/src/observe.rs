//! What happens around every request: counting, faults, the log.
//!
//! Bodies are buffered whole: this is an emulator's traffic, and both the log and a cut after the
//! commit need the finished answer. A dropped connection can not be said in HTTP, so it is a mark
//! on the response that `server` turns into a connection error.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State as AxumState};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};

use crate::dataverse::errors::DataverseError;
use crate::entra::errors::EntraError;
use crate::faults::{FaultKind, Route};
use crate::log::{LogEntry, masked_body, masked_form, masked_pairs};
use crate::state::State;

/// Largest request body read; Dataverse itself takes up to 128 MB for files, which are not here.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Marks a response in whose place the connection is dropped.
#[derive(Clone)]
pub(crate) struct CutConnection;

pub(crate) async fn observe(
    AxumState(state): AxumState<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with("/_emulator/") {
        return next.run(request).await;
    }
    let started = Instant::now();
    let time = jiff::Timestamp::now().to_string();
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut entry = LogEntry {
        time,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: masked_form(parts.uri.query().unwrap_or_default()),
        options: masked_pairs(parts.uri.query().unwrap_or_default()),
        status: 0,
        ms: 0.0,
        request_body: masked_body(content_type(&parts.headers), &body),
        response_body: String::new(),
    };
    let route = route_of(&parts.method, parts.uri.path());
    count(&state, route, &parts.method, &body);
    let request = Request::from_parts(parts, Body::from(body));
    // What has come in whole is carried out, also when its client goes away: so does Dataverse, and a database in
    // memory would not outlive a transaction that is dropped halfway.
    let carried_out = tokio::spawn(async move {
        let response = answer(&state, route, request, next).await;
        let (response, text) = buffered(response).await;
        if response.extensions().get::<CutConnection>().is_none() {
            entry.status = response.status().as_u16();
            entry.response_body = text;
        }
        entry.ms = started.elapsed().as_secs_f64() * 1000.0;
        state.log.push(entry);
        response
    });
    carried_out.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn answer(state: &State, route: Option<Route>, request: Request, next: Next) -> Response {
    let Some((route, fault)) = route.and_then(|route| Some((route, state.faults.take(route)?)))
    else {
        return next.run(request).await;
    };
    match fault {
        FaultKind::Status { code, retry_after } => failure(route, code, retry_after),
        FaultKind::Latency { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            next.run(request).await
        }
        FaultKind::CutBefore => cut(),
        FaultKind::CutAfter => {
            next.run(request).await;
            cut()
        }
        FaultKind::Garbage => {
            let json = HeaderValue::from_static("application/json; odata.metadata=minimal");
            ([(header::CONTENT_TYPE, json)], "{\"value\":[{\"<html>\u{1}").into_response()
        }
    }
}

fn cut() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CutConnection);
    response
}

fn failure(route: Route, code: u16, retry_after: Option<u32>) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match route {
        Route::Api => DataverseError::fault(status).into_response(),
        Route::Token => EntraError::fault(status).into_response(),
    };
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn route_of(method: &Method, path: &str) -> Option<Route> {
    if path.starts_with("/api/data/") {
        Some(Route::Api)
    } else if method == Method::POST
        && (path.ends_with("/oauth2/token") || path.ends_with("/oauth2/v2.0/token"))
    {
        Some(Route::Token)
    } else {
        None
    }
}

fn count(state: &State, route: Option<Route>, method: &Method, body: &Bytes) {
    match route {
        Some(Route::Api) => state.counters.count_api(method.as_str()),
        Some(Route::Token) => {
            let known = ["authorization_code", "refresh_token", "client_credentials"];
            let grant_type = url::form_urlencoded::parse(body)
                .find(|(name, _)| name == "grant_type")
                .map(|(_, value)| value.into_owned())
                .filter(|value| known.contains(&value.as_str()));
            state.counters.count_token(grant_type.as_deref().unwrap_or("other"));
        }
        None => {}
    }
}

async fn buffered(response: Response) -> (Response, String) {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let text = masked_body(content_type(&parts.headers), &bytes);
    (Response::from_parts(parts, Body::from(bytes)), text)
}

fn content_type(headers: &http::HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
