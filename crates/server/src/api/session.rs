//! The session of whoever uses the console: the first user, signing in and out, another password.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use patchcord::{Actor, Role, Session, SignInError};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::access::{Caller, DoneBy, From, Subject};
use crate::body::JsonBody;
use crate::problem::Problem;
use crate::server::Shared;

/// Body of `POST /v1/session`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    name: String,
    password: SecretString,
}

/// Body of `POST /v1/setup`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstUser {
    code: SecretString,
    name: String,
    password: SecretString,
}

/// Body of `PUT /v1/session/password`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    old: SecretString,
    password: SecretString,
}

/// What the console needs to know of its session.
#[derive(Serialize)]
pub(crate) struct SignedIn {
    user: SignedInUser,
    /// For the header `X-CSRF-Token` of each change.
    csrf: String,
    /// Of this server.
    version: &'static str,
}

#[derive(Serialize)]
struct SignedInUser {
    name: String,
    role: Role,
}

impl SignedIn {
    fn of(session: &Session) -> Self {
        let user = SignedInUser { name: session.user.name.clone(), role: session.user.role };
        Self { user, csrf: session.csrf_token(), version: env!("CARGO_PKG_VERSION") }
    }
}

pub(crate) async fn current(
    Extension(caller): Extension<Caller>,
) -> Result<Json<SignedIn>, Problem> {
    Ok(Json(SignedIn::of(session(&caller)?)))
}

pub(crate) async fn sign_in(
    State(shared): State<Shared>,
    Extension(From(address)): Extension<From>,
    headers: HeaderMap,
    JsonBody(Credentials { name, password }): JsonBody<Credentials>,
) -> Response {
    let users = shared.patchcord.users();
    match users.sign_in(&name, &password, address).await {
        Ok(session) => began(&shared, &headers, &session).await,
        Err(error) => {
            let known =
                matches!(error, SignInError::Wrong) && users.knows(&name).await.is_ok_and(|k| k);
            let was_tried = matches!(error, SignInError::Wrong);
            let response = Problem::from(error).into_response();
            // People type passwords where their name belongs: a name that nobody has is not written down.
            let about = if known { name } else { "a name that nobody has".to_owned() };
            match was_tried {
                true => (Extension(Subject(about)), response).into_response(),
                false => response,
            }
        }
    }
}

pub(crate) async fn set_up(
    State(shared): State<Shared>,
    Extension(From(address)): Extension<From>,
    headers: HeaderMap,
    JsonBody(FirstUser { code, name, password }): JsonBody<FirstUser>,
) -> Result<Response, Problem> {
    let session = shared.patchcord.users().set_up(&code, &name, &password, address).await?;
    Ok(began(&shared, &headers, &session).await)
}

pub(crate) async fn change_password(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Extension(From(address)): Extension<From>,
    headers: HeaderMap,
    JsonBody(NewPassword { old, password }): JsonBody<NewPassword>,
) -> Result<Response, Problem> {
    let (users, before) = (shared.patchcord.users(), session(&caller)?);
    let changed = users.change_password(before, &old, &password, address).await;
    match changed {
        Ok(session) => Ok(began(&shared, &headers, &session).await),
        // Who is signed in stays so.
        Err(SignInError::Wrong) => {
            let place = crate::problem::Place::error("/old", "is not your password");
            Err(Problem::invalid("your password was not changed", vec![place]))
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn sign_out(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    shared.patchcord.users().sign_out(&session(&caller)?.secret).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, shared.access.cookies.end_session());
    Ok(response)
}

/// Tells of a session that has just begun. The one in whose place it comes ends.
async fn began(shared: &Shared, headers: &HeaderMap, session: &Session) -> Response {
    if let Some(before) = shared.access.cookies.session(headers)
        && let Err(error) = shared.patchcord.users().sign_out(&before).await
    {
        tracing::warn!(%error, "a session in whose place another one came could not be ended");
    }
    let name = &session.user.name;
    let done_by = Extension(DoneBy(Actor::User(name.clone())));
    let about = Extension(Subject(name.clone()));
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    let mut response = (done_by, about, no_store, Json(SignedIn::of(session))).into_response();
    set_cookie(&mut response, shared.access.cookies.set_session(&session.secret));
    response
}

fn set_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The session of who asks, which the gate has seen to.
fn session(caller: &Caller) -> Result<&Session, Problem> {
    caller.session().ok_or_else(Problem::host_failed)
}
