//! API tokens: a token is in the answer that makes it, and nowhere else.

use axum::extract::State;
use axum::{Extension, Json};
use http::{HeaderValue, StatusCode, header};
use patchcord::{ApiToken, IssuedToken, Scope};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::id;
use crate::access::Subject;
use crate::body::JsonBody;
use crate::parameters::Named;
use crate::problem::Problem;
use crate::server::Shared;

/// Body of `POST /v1/tokens`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    name: String,
    scope: Scope,
}

/// Answer of `POST /v1/tokens`.
#[derive(Serialize)]
pub(crate) struct Issued {
    id: Uuid,
    name: String,
    scope: Scope,
    /// The token itself.
    token: String,
}

type Made = (StatusCode, [(header::HeaderName, HeaderValue); 1], Extension<Subject>, Json<Issued>);

pub(crate) async fn list(State(shared): State<Shared>) -> Result<Json<Vec<ApiToken>>, Problem> {
    Ok(Json(shared.patchcord.tokens().await?))
}

pub(crate) async fn create(
    State(shared): State<Shared>,
    JsonBody(NewToken { name, scope }): JsonBody<NewToken>,
) -> Result<Made, Problem> {
    let IssuedToken { id, token } = shared.patchcord.issue_token(&name, scope).await?;
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    let about = Extension(Subject(id.to_string()));
    let token = token.expose_secret().to_owned();
    Ok((StatusCode::CREATED, no_store, about, Json(Issued { id, name, scope, token })))
}

pub(crate) async fn revoke(
    State(shared): State<Shared>,
    Named(token): Named,
) -> Result<StatusCode, Problem> {
    shared.patchcord.revoke_token(id("API token", &token)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
