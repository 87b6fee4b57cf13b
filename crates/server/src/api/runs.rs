//! Runs: what call flows ask for, and what became of it.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use patchcord::scenario::FailureKind;
use patchcord::{CallAnswer, CallRequest, KeyError, RunQuery, RunView};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::id;
use super::page::{next_page, within};
use crate::body::JsonBody;
use crate::parameters::{Asked, Named, wrong};
use crate::problem::Problem;
use crate::server::Shared;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Body of `POST /v1/scenarios/{name}/runs` and `POST /v1/runs`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    #[serde(default)]
    pub(super) variables: Map<String, Value>,
    deadline_ms: Option<u64>,
    want: Option<Vec<String>>,
    locale: Option<String>,
}

/// Query of `GET /v1/runs`.
#[derive(Deserialize)]
pub(crate) struct Listing {
    scenario: Option<String>,
    result: Option<String>,
    failure: Option<FailureKind>,
    #[serde(default)]
    failed: bool,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    before: Option<Uuid>,
    limit: Option<u32>,
    #[serde(default)]
    under_way: bool,
}

pub(crate) async fn start(
    State(shared): State<Shared>,
    Named(scenario): Named,
    headers: HeaderMap,
    JsonBody(start): JsonBody<Start>,
) -> Result<Json<CallAnswer>, Problem> {
    let request = start.request(scenario, &headers)?;
    Ok(Json(shared.patchcord.call(request).await?))
}

impl Start {
    /// The call of `scenario` that body and headers ask for.
    pub(super) fn request(
        self,
        scenario: String,
        headers: &HeaderMap,
    ) -> Result<CallRequest, Problem> {
        let Self { variables, deadline_ms, want, locale } = self;
        let deadline = deadline_ms.map(Duration::from_millis);
        let idempotency_key = key(headers)?;
        Ok(CallRequest { scenario, variables, deadline, want, locale, idempotency_key })
    }
}

/// The one idempotency key of a request.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let malformed = || patchcord::CallError::from(KeyError::Malformed);
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    match (given.next(), given.next()) {
        (None, _) => Ok(None),
        (Some(key), None) => Ok(Some(key.to_str().map_err(|_| malformed())?.to_owned())),
        (Some(_), Some(_)) => Err(malformed().into()),
    }
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Named(run): Named,
) -> Result<Json<RunView>, Problem> {
    Ok(Json(shared.patchcord.look_at_run(id("run", &run)?).await?))
}

pub(crate) async fn cancel(
    State(shared): State<Shared>,
    Named(run): Named,
) -> Result<StatusCode, Problem> {
    shared.patchcord.cancel_run(id("run", &run)?).await?;
    Ok(StatusCode::ACCEPTED)
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Asked(listing): Asked<Listing>,
) -> Result<Response, Problem> {
    let under_way = listing.under_way;
    let query = listing.query();
    if under_way {
        if query.result.is_some() || query.failure.is_some() || query.failed {
            let detail = "a run that is under way has neither result nor failure: leave out one or the other";
            return Err(wrong(StatusCode::BAD_REQUEST, detail.into()));
        }
        let runs = shared.patchcord.runs_under_way(&query);
        return Ok(page(&runs, |run| run.run, query, under_way));
    }
    let runs = shared.patchcord.runs(&query).await?;
    Ok(page(&runs, |run| run.run, query, under_way))
}

/// A page of runs, with where the next one is found.
fn page<T: Serialize>(
    runs: &[T],
    id: impl Fn(&T) -> Uuid,
    query: RunQuery,
    under_way: bool,
) -> Response {
    let is_full = u32::try_from(runs.len()).is_ok_and(|found| found == query.limit);
    let last = runs.last().filter(|_| is_full).map(id);
    let mut response = Json(runs).into_response();
    if let Some(link) = last.and_then(|last| next_runs(query, last, under_way)) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

impl Listing {
    fn query(self) -> RunQuery {
        let Self { scenario, result, failure, failed, since, until, before, limit, .. } = self;
        let limit = within(limit);
        RunQuery { scenario, result, failure, failed, since, until, before, limit }
    }
}

/// Where the runs before `last` are found.
fn next_runs(query: RunQuery, last: Uuid, under_way: bool) -> Option<HeaderValue> {
    let texts = [
        ("scenario", query.scenario),
        ("result", query.result),
        ("failure", query.failure.map(|kind| kind.exit().to_owned())),
        ("failed", query.failed.then(|| true.to_string())),
        ("since", query.since.map(|time| time.to_string())),
        ("until", query.until.map(|time| time.to_string())),
        ("under_way", under_way.then(|| true.to_string())),
    ];
    next_page("/v1/runs", last, query.limit, &texts)
}
