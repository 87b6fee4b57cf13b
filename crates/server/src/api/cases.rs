//! Test cases of scenarios: run on this host, and made of runs.

use axum::Json;
use axum::extract::State;
use patchcord::rehearsal::{Case, RecordedCase, ScenarioTested};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::id;
use crate::body::JsonBody;
use crate::parameters::Named;
use crate::problem::Problem;
use crate::server::Shared;

/// Body of `POST /v1/scenarios/{name}/test`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Testing {
    document: Option<Box<RawValue>>,
    cases: Vec<Case>,
}

pub(crate) async fn test(
    State(shared): State<Shared>,
    Named(name): Named,
    JsonBody(Testing { document, cases }): JsonBody<Testing>,
) -> Result<Json<ScenarioTested>, Problem> {
    let document = document.as_ref().map(|text| text.get().as_bytes());
    Ok(Json(shared.patchcord.test_scenario(&name, document, &cases).await?))
}

pub(crate) async fn recorded(
    State(shared): State<Shared>,
    Named(run): Named,
) -> Result<Json<RecordedCase>, Problem> {
    Ok(Json(shared.patchcord.recorded_case(id("run", &run)?).await?))
}
