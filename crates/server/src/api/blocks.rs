//! Blocks: the palette, installing one, trying one.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use http::StatusCode;
use patchcord::{BlockAnswer, BlockView};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::body::{JsonBody, whole};
use crate::parameters::Named;
use crate::problem::Problem;
use crate::server::Shared;

/// Body of `POST /v1/blocks/{id}/invoke`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invoke {
    #[serde(default)]
    properties: Map<String, Value>,
    account: Option<String>,
    deadline_ms: Option<u64>,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Json<Vec<BlockView>> {
    Json(shared.patchcord.blocks())
}

pub(crate) async fn install(
    State(shared): State<Shared>,
    request: Request,
) -> Result<(StatusCode, Json<BlockView>), Problem> {
    let bytes = whole(request, &()).await?;
    Ok((StatusCode::CREATED, Json(shared.patchcord.install_block(&bytes).await?)))
}

pub(crate) async fn invoke(
    State(shared): State<Shared>,
    Named(block): Named,
    JsonBody(invoke): JsonBody<Invoke>,
) -> Result<Json<BlockAnswer>, Problem> {
    let Invoke { properties, account, deadline_ms } = invoke;
    let deadline = deadline_ms.map(Duration::from_millis);
    Ok(Json(shared.patchcord.invoke_block(&block, properties, account, deadline).await?))
}
