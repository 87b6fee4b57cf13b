//! The Web API's door: one route for every address, the token, the connection and its transaction.
//!
//! A request that can change something runs in a transaction that ends with its answer: kept where that is a
//! success, taken back where it is not. What a request means is found out in `call`.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Extension, OriginalUri, Path, State as AxumState};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;

use super::auth;
use super::batch::requests::Requests;
use super::call::{Call, Caller};
use super::errors::DataverseError;
use crate::server::Origin;
use crate::state::State;

pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/api/data/{version}", any(service))
        .route("/api/data/{version}/", any(service))
        .route("/api/data/{version}/{*path}", any(resource))
        .route("/api/search/{*path}", any(search))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

/// Dataverse search is a service of its own beside the Web API.
async fn search() -> Response {
    DataverseError::not_implemented("Dataverse search").into_response()
}

/// What a batch or a note with a file may hold, in bytes.
const LARGEST_BODY: usize = 128 << 20;

/// Begins by taking the write lock: a transaction that read first could not take it later.
pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";

async fn service(
    state: AxumState<Arc<State>>,
    Path(version): Path<String>,
    uri: OriginalUri,
    origin: Extension<Origin>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    resource(state, Path((version, String::new())), uri, origin, method, headers, body).await
}

async fn resource(
    AxumState(state): AxumState<Arc<State>>,
    Path((version, _)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    Extension(Origin(origin)): Extension<Origin>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = Request { state: &state, origin: &origin, version, method, headers, body };
    let prefix = format!("/api/data/{}", request.version);
    let path = uri.path().strip_prefix(&prefix).unwrap_or_default().trim_start_matches('/');
    let path = percent_decode_str(path).decode_utf8_lossy();
    let answer = request.answer(&path, uri.query().unwrap_or_default()).await;
    let mut response = answer.unwrap_or_else(|error| error.into_response());
    let id = uuid::Uuid::new_v4().to_string();
    for name in ["x-ms-service-request-id", "req_id"] {
        if let Ok(value) = id.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The versions of the Web API that there are.
pub(crate) fn check_version(version: &str) -> Result<(), DataverseError> {
    match version {
        "v9.0" | "v9.1" | "v9.2" => Ok(()),
        _ => Err(DataverseError::no_segment(version)),
    }
}

struct Request<'a> {
    state: &'a State,
    origin: &'a str,
    version: String,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

impl Request<'_> {
    async fn answer(&self, path: &str, query: &str) -> Result<Response, DataverseError> {
        let bearer = auth::bearer(self.state, &self.headers, self.origin)?;
        check_version(&self.version)?;
        let dataverse = &self.state.dataverse;
        let base = format!("{}/api/data/{}", self.origin, self.version);
        let caller = {
            let mut connection = dataverse.pool.acquire().await?;
            auth::author(&mut connection, self.state, &bearer, &self.headers).await?
        };
        let caller = Caller { state: self.state, author: caller, base: &base };
        let call = Call {
            caller: &caller,
            method: &self.method,
            path,
            query,
            headers: &self.headers,
            body: &self.body,
        };
        if path == "$batch" && self.method == Method::POST {
            let mut connection = dataverse.pool.acquire().await?;
            let requests = Requests { caller: &caller, origin: self.origin };
            return requests.answer(&self.headers, &self.body, &mut connection).await;
        }
        if self.method == Method::GET {
            let mut connection = dataverse.pool.acquire().await?;
            return call.answer(&mut connection).await;
        }
        let mut transaction = dataverse.pool.begin_with(BEGIN).await?;
        let response = call.answer(&mut transaction).await?;
        if response.status().is_success() {
            transaction.commit().await?;
        }
        Ok(response)
    }
}
