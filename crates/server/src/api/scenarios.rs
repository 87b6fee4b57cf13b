//! Scenarios: the list, the version that calls get, publishing at once, checking, deleting.

use axum::extract::{Request, State};
use axum::{Extension, Json};
use http::StatusCode;
use patchcord::scenario::Problem as Fault;
use patchcord::{PublishedScenario, Saved, ScenarioSummary};
use serde::{Deserialize, Serialize};

use crate::access::Caller;
use crate::body::whole;
use crate::parameters::{Asked, Named};
use crate::problem::Problem;
use crate::server::Shared;

/// Query of `PUT /v1/scenarios/{name}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Publishing {
    note: Option<String>,
}

/// Answer of `POST /v1/check`.
#[derive(Serialize)]
pub(crate) struct Checked {
    problems: Vec<Fault>,
}

pub(crate) async fn list(
    State(shared): State<Shared>,
) -> Result<Json<Vec<ScenarioSummary>>, Problem> {
    Ok(Json(shared.patchcord.scenarios().await?))
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Named(name): Named,
) -> Result<Json<PublishedScenario>, Problem> {
    Ok(Json(shared.patchcord.scenario(&name).await?))
}

pub(crate) async fn publish(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Named(name): Named,
    Asked(Publishing { note }): Asked<Publishing>,
    request: Request,
) -> Result<Json<Saved>, Problem> {
    let text = whole(request, &()).await?;
    Ok(Json(shared.patchcord.publish(&name, &text, note, Some(caller.name())).await?))
}

pub(crate) async fn delete(
    State(shared): State<Shared>,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    shared.patchcord.delete_scenario(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn check(
    State(shared): State<Shared>,
    request: Request,
) -> Result<Json<Checked>, Problem> {
    let text = whole(request, &()).await?;
    Ok(Json(Checked { problems: shared.patchcord.check(&text)? }))
}
