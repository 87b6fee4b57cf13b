//! Scenarios: reading and publishing.

use axum::Json;
use axum::extract::{Request, State};
use patchcord::{PublishedScenario, Saved};
use serde::Serialize;

use crate::body::whole;
use crate::parameters::Named;
use crate::problem::Problem;
use crate::server::Shared;

/// A line of `GET /v1/scenarios`.
#[derive(Serialize)]
pub(crate) struct Line {
    name: String,
    title: Option<String>,
    version: u64,
    published_at: String,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Result<Json<Vec<Line>>, Problem> {
    let line = |(name, published): (String, PublishedScenario)| Line {
        name,
        title: published.document.title,
        version: published.version,
        published_at: published.published_at.to_string(),
    };
    Ok(Json(shared.patchcord.scenarios().await?.into_iter().map(line).collect()))
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Named(name): Named,
) -> Result<Json<PublishedScenario>, Problem> {
    Ok(Json(shared.patchcord.scenario(&name).await?))
}

pub(crate) async fn publish(
    State(shared): State<Shared>,
    Named(name): Named,
    request: Request,
) -> Result<Json<Saved>, Problem> {
    let text = whole(request, &()).await?;
    Ok(Json(shared.patchcord.publish(&name, &text).await?))
}
