//! Routes: the list of them, and calls that leave it to them which scenario answers.

use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use patchcord::{CallAnswer, RouteList, RouteTaken, RoutesView};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::runs::{self, Start};
use crate::access::Caller;
use crate::body::JsonBody;
use crate::parameters::Named;
use crate::precondition::{Seen, etag};
use crate::problem::Problem;
use crate::server::Shared;

/// Answer of `POST /v1/runs`.
#[derive(Serialize)]
pub(crate) struct Routed {
    #[serde(flatten)]
    taken: RouteTaken,
    #[serde(flatten)]
    answer: CallAnswer,
}

/// Body of `POST /v1/routes/test`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    #[serde(default)]
    variables: Map<String, Value>,
}

pub(crate) async fn start(
    State(shared): State<Shared>,
    headers: HeaderMap,
    JsonBody(start): JsonBody<Start>,
) -> Result<Json<Routed>, Problem> {
    let taken = shared.patchcord.route(&start.variables)?;
    let scenario = Named(taken.scenario.clone());
    let Json(answer) = runs::start(State(shared), scenario, headers, JsonBody(start)).await?;
    Ok(Json(Routed { taken, answer }))
}

pub(crate) async fn list(
    State(shared): State<Shared>,
) -> Result<(HeaderMap, Json<RoutesView>), Problem> {
    let routes = shared.patchcord.routes().await?;
    Ok((etag(routes.revision), Json(routes)))
}

pub(crate) async fn set(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Seen(precondition): Seen,
    JsonBody(list): JsonBody<RouteList>,
) -> Result<(HeaderMap, Json<RoutesView>), Problem> {
    let routes = shared.patchcord.set_routes(list, precondition, Some(caller.name())).await?;
    Ok((etag(routes.revision), Json(routes)))
}

pub(crate) async fn test(
    State(shared): State<Shared>,
    JsonBody(Test { variables }): JsonBody<Test>,
) -> Result<Json<RouteTaken>, Problem> {
    Ok(Json(shared.patchcord.route(&variables)?))
}
