//! Users: who signs in, and with which role.

use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use patchcord::{Role, User};
use secrecy::SecretString;
use serde::Deserialize;

use crate::access::Subject;
use crate::body::JsonBody;
use crate::parameters::Named;
use crate::problem::Problem;
use crate::server::Shared;

/// Body of `POST /v1/users`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    name: String,
    role: Role,
    password: SecretString,
}

/// Body of `PATCH /v1/users/{name}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    role: Role,
}

/// Body of `PUT /v1/users/{name}/password`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Password {
    password: SecretString,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Result<Json<Vec<User>>, Problem> {
    Ok(Json(shared.patchcord.users().list().await?))
}

pub(crate) async fn add(
    State(shared): State<Shared>,
    JsonBody(NewUser { name, role, password }): JsonBody<NewUser>,
) -> Result<(StatusCode, Extension<Subject>, Json<User>), Problem> {
    let user = shared.patchcord.users().add(&name, role, &password).await?;
    Ok((StatusCode::CREATED, Extension(Subject(user.name.clone())), Json(user)))
}

pub(crate) async fn change(
    State(shared): State<Shared>,
    Named(name): Named,
    JsonBody(Change { role }): JsonBody<Change>,
) -> Result<Json<User>, Problem> {
    Ok(Json(shared.patchcord.users().set_role(&name, role).await?))
}

pub(crate) async fn set_password(
    State(shared): State<Shared>,
    Named(name): Named,
    JsonBody(Password { password }): JsonBody<Password>,
) -> Result<StatusCode, Problem> {
    shared.patchcord.users().set_password(&name, &password).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn remove(
    State(shared): State<Shared>,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    shared.patchcord.users().remove(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}
