//! Runs: what call flows ask for.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use patchcord::{CallAnswer, CallRequest, Run};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::id;
use crate::body::JsonBody;
use crate::parameters::{Asked, Named};
use crate::problem::Problem;
use crate::server::Shared;

const LISTED: u32 = 100;
const MOST_LISTED: u32 = 1_000;

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
    limit: Option<u32>,
}

pub(crate) async fn start(
    State(shared): State<Shared>,
    Named(scenario): Named,
    JsonBody(start): JsonBody<Start>,
) -> Result<Json<CallAnswer>, Problem> {
    let Start { variables, deadline_ms, want, locale } = start;
    let deadline = deadline_ms.map(Duration::from_millis);
    let request = CallRequest { scenario, variables, deadline, want, locale };
    Ok(Json(shared.patchcord.call(request).await?))
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Named(run): Named,
) -> Result<Json<Run>, Problem> {
    Ok(Json(shared.patchcord.run(id("run", &run)?).await?))
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Asked(listing): Asked<Listing>,
) -> Result<Json<Vec<Run>>, Problem> {
    let limit = listing.limit.unwrap_or(LISTED).min(MOST_LISTED);
    Ok(Json(shared.patchcord.runs(limit).await?))
}
