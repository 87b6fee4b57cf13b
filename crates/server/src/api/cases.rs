//! Test cases of scenarios: kept with them, run on this host, and made of runs.

use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use patchcord::rehearsal::{Case, CaseFile, RecordedCase, ScenarioTested};
use patchcord::{KeptCases, SavedCases};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::id;
use crate::access::Caller;
use crate::body::JsonBody;
use crate::parameters::Named;
use crate::precondition::{Seen, etag};
use crate::problem::Problem;
use crate::server::Shared;

/// Body of `POST /v1/scenarios/{name}/test`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Testing {
    document: Option<Box<RawValue>>,
    cases: Option<Vec<Case>>,
}

pub(crate) async fn test(
    State(shared): State<Shared>,
    Named(name): Named,
    JsonBody(Testing { document, cases }): JsonBody<Testing>,
) -> Result<Json<ScenarioTested>, Problem> {
    let document = document.as_ref().map(|text| text.get().as_bytes());
    Ok(Json(shared.patchcord.test_scenario(&name, document, cases.as_deref()).await?))
}

pub(crate) async fn recorded(
    State(shared): State<Shared>,
    Named(run): Named,
) -> Result<Json<RecordedCase>, Problem> {
    Ok(Json(shared.patchcord.recorded_case(id("run", &run)?).await?))
}

pub(crate) async fn kept(
    State(shared): State<Shared>,
    Named(name): Named,
) -> Result<(HeaderMap, Json<KeptCases>), Problem> {
    let kept = shared.patchcord.kept_cases(&name).await?;
    Ok((etag(kept.head.as_ref().map(|head| head.revision)), Json(kept)))
}

pub(crate) async fn save(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Named(name): Named,
    Seen(precondition): Seen,
    JsonBody(file): JsonBody<CaseFile>,
) -> Result<(HeaderMap, Json<SavedCases>), Problem> {
    let by = Some(caller.name());
    let saved = shared.patchcord.save_cases(&name, file.cases, precondition, by).await?;
    Ok((etag(Some(saved.head.revision)), Json(saved)))
}
