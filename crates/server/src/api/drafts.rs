//! Drafts: whatever can be read is kept, with its problems in the answer.

use axum::extract::{Request, State};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use patchcord::{SavedDraft, ScenarioDraft};
use serde::Deserialize;

use crate::access::Caller;
use crate::body::whole;
use crate::parameters::{Asked, Named};
use crate::precondition::{Seen, etag};
use crate::problem::Problem;
use crate::server::Shared;

/// Query of `PUT /v1/scenarios/{name}/draft`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saving {
    /// The version from which the draft was made.
    base: Option<u64>,
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Named(name): Named,
) -> Result<(HeaderMap, Json<ScenarioDraft>), Problem> {
    let draft = shared.patchcord.draft(&name).await?;
    Ok((etag(Some(draft.saved.head.revision)), Json(draft)))
}

pub(crate) async fn save(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Named(name): Named,
    Asked(Saving { base }): Asked<Saving>,
    Seen(precondition): Seen,
    request: Request,
) -> Result<(HeaderMap, Json<SavedDraft>), Problem> {
    let text = whole(request, &()).await?;
    let by = Some(caller.name());
    let saved = shared.patchcord.save_draft(&name, &text, base, precondition, by).await?;
    Ok((etag(Some(saved.head.revision)), Json(saved)))
}

pub(crate) async fn discard(
    State(shared): State<Shared>,
    Named(name): Named,
    Seen(precondition): Seen,
) -> Result<StatusCode, Problem> {
    shared.patchcord.discard_draft(&name, precondition).await?;
    Ok(StatusCode::NO_CONTENT)
}
