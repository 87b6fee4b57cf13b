//! The hands-on pages: the start page, and what of the Entra admin centre an integration guide leads through.
//!
//! What is changed here is what the endpoints answer from then on. Every form posts, is answered by a redirect, and
//! carries a token that only these pages know; they answer to loopback host names only, so that no other site can post
//! one or read the token.

mod app_pages;
mod apps;
mod authentication;
mod credentials;
mod form;
mod permissions;
mod start;
mod tenants;
mod user_pages;
mod users;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use maud::{Markup, html};

use crate::control::is_loopback;
use crate::server::Origin;
use crate::state::State;

/// How many messages wait to be shown at most.
const MOST_MESSAGES: usize = 100;

/// What a page says once, after the redirect that it was reached by.
#[derive(Clone)]
enum Message {
    Done(String),
    Failed(String),
    /// The value of a new secret.
    Secret(String),
}

/// What the pages keep between two requests.
pub(crate) struct Portal {
    /// Proves that a form came from these pages.
    token: String,
    messages: Mutex<HashMap<String, Message>>,
}

impl Portal {
    pub(crate) fn new() -> Self {
        Self { token: random(), messages: Mutex::default() }
    }

    /// Goes to `place`, which says `message` when it is reached.
    fn go(&self, place: &str, message: Message) -> Response {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        if messages.len() >= MOST_MESSAGES {
            messages.clear();
        }
        let id = random();
        messages.insert(id.clone(), message);
        Redirect::to(&format!("{place}?message={id}")).into_response()
    }

    /// A message, which is gone then.
    fn take(&self, id: Option<&str>) -> Option<Message> {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.remove(id?)
    }
}

pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/", get(start::page))
        .route("/_emulator/ca.pem", get(start::certificate))
        .route("/portal", get(|| async { Redirect::to("/portal/apps") }))
        .route("/portal/apps", get(apps::list))
        .route("/portal/apps/new", get(apps::new).post(apps::register))
        .route("/portal/apps/{id}", get(apps::overview).post(apps::save))
        .route("/portal/apps/{id}/delete", post(apps::delete))
        .route("/portal/apps/{id}/endpoints", get(apps::endpoints))
        .route(
            "/portal/apps/{id}/authentication",
            get(authentication::page).post(authentication::save),
        )
        .route("/portal/apps/{id}/authentication/add", post(authentication::add))
        .route("/portal/apps/{id}/authentication/remove", post(authentication::remove))
        .route("/portal/apps/{id}/credentials", get(credentials::page))
        .route("/portal/apps/{id}/credentials/secret", post(credentials::add_secret))
        .route("/portal/apps/{id}/credentials/certificate", post(credentials::add_certificate))
        .route("/portal/apps/{id}/credentials/delete", post(credentials::delete))
        .route("/portal/apps/{id}/permissions", get(permissions::page))
        .route("/portal/apps/{id}/permissions/add", post(permissions::add))
        .route("/portal/apps/{id}/permissions/remove", post(permissions::remove))
        .route("/portal/apps/{id}/permissions/consent", post(permissions::consent))
        .route("/portal/users", get(users::list))
        .route("/portal/users/new", get(users::new).post(users::create))
        .route("/portal/users/{id}", get(users::page).post(users::save))
        .route("/portal/users/{id}/password", post(users::reset_password))
        .route("/portal/users/{id}/sessions", post(users::revoke_sessions))
        .route("/portal/users/{id}/delete", post(users::delete))
        .route("/portal/tenants", get(tenants::page))
        .route("/portal/tenants/{id}", post(tenants::save))
        .layer(from_fn(loopback_host))
}

async fn loopback_host(request: Request, next: Next) -> Response {
    let origin = request.extensions().get::<Origin>();
    let url = origin.and_then(|origin| url::Url::parse(&origin.0).ok());
    if url.as_ref().is_some_and(is_loopback) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "the emulator's pages answer to loopback names only")
            .into_response()
    }
}

fn not_found(what: &str) -> Response {
    let body = html! {
        h1 { "Not found" }
        p { "There is no " (what) " with this id. It may have been deleted." }
    };
    (StatusCode::NOT_FOUND, crate::pages::wide("Not found", "", &body)).into_response()
}

/// What a page begins with: the message that it was reached by.
fn told(message: Option<&Message>) -> Markup {
    html! {
        @match message {
            Some(Message::Done(text)) => p.done role="status" { (text) },
            Some(Message::Failed(text)) => p.error role="alert" { (text) },
            Some(Message::Secret(value)) => {
                div.done role="status" {
                    "The new secret's value is shown now and never again; copy it: "
                    code data-copy="secret value" { (value) }
                }
            }
            None => {}
        }
    }
}

/// A value that is there to be copied, with what it is.
fn copyable(what: &str, value: &str) -> Markup {
    html! { code data-copy=(what) { (value) } }
}

fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>())
}
