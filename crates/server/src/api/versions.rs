//! Published versions: publishing a draft, reading and comparing versions, going back to one.

use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use patchcord::{PublishedScenario, Saved, ScenarioDiff, ScenarioVersion, Which};
use serde::Deserialize;

use crate::access::Caller;
use crate::body::{JsonBody, MaybeJson};
use crate::parameters::{Asked, Named, Within};
use crate::precondition::Seen;
use crate::problem::Problem;
use crate::server::Shared;

/// Body of `POST /v1/scenarios/{name}/versions`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Publishing {
    /// What is new.
    note: Option<String>,
    /// The version in whose place it goes, though the draft was made from another.
    over: Option<u64>,
}

/// Body of `POST /v1/scenarios/{name}/rollback`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RollBack {
    version: u64,
    note: Option<String>,
}

/// Query of `GET /v1/scenarios/{name}/diff`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compared {
    from: Option<String>,
    to: Option<String>,
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Named(name): Named,
) -> Result<Json<Vec<ScenarioVersion>>, Problem> {
    Ok(Json(shared.patchcord.scenario_versions(&name).await?))
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Within(name, version): Within,
) -> Result<Json<PublishedScenario>, Problem> {
    let missing = || patchcord::Error::NotFound {
        what: "version of a scenario",
        name: format!("{name}@{version}"),
    };
    let number = version.parse().map_err(|_| missing())?;
    Ok(Json(shared.patchcord.scenario_version(&name, number).await?))
}

pub(crate) async fn publish(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Named(name): Named,
    Seen(precondition): Seen,
    MaybeJson(Publishing { note, over }): MaybeJson<Publishing>,
) -> Result<(StatusCode, Json<Saved>), Problem> {
    let by = Some(caller.name());
    let saved = shared.patchcord.publish_draft(&name, precondition, over, note, by).await?;
    Ok((StatusCode::CREATED, Json(saved)))
}

pub(crate) async fn diff(
    State(shared): State<Shared>,
    Named(name): Named,
    Asked(Compared { from, to }): Asked<Compared>,
) -> Result<Json<ScenarioDiff>, Problem> {
    let (from, to) = (which(from)?, which(to)?);
    Ok(Json(shared.patchcord.scenario_diff(&name, from, to).await?))
}

pub(crate) async fn roll_back(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Named(name): Named,
    JsonBody(RollBack { version, note }): JsonBody<RollBack>,
) -> Result<(StatusCode, Json<Saved>), Problem> {
    let saved = shared.patchcord.roll_back(&name, version, note, Some(caller.name())).await?;
    Ok((StatusCode::CREATED, Json(saved)))
}

fn which(text: Option<String>) -> Result<Option<Which>, Problem> {
    let wrong =
        |detail| Problem::new(StatusCode::BAD_REQUEST, "address", "The address is wrong", detail);
    text.map(|text| text.parse::<Which>().map_err(wrong)).transpose()
}
