//! The audit log, written in one place for all routes: what a route is called there stands in the table of routes, what it
//! was done to is in its address or told by its handler, and what came of it is in the answer.
//!
//! Who is not known leaves an entry only where the handler says what it was about: nobody can fill the log from outside.

use std::future::Future;

use axum::RequestExt;
use axum::extract::{RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use patchcord::{Action, Actor, Outcome, Patchcord};

use super::{Caller, From};
use crate::problem::{Kind, Problem};
use crate::server::Shared;

/// An extension of an answer: what it was done to, where the address does not say.
#[derive(Debug, Clone)]
pub(crate) struct Subject(pub(crate) String);

/// An extension of an answer: who did it, where that was found out only while it was done.
#[derive(Debug, Clone)]
pub(crate) struct DoneBy(pub(crate) Actor);

/// What is being done.
pub(super) struct Deed {
    patchcord: Patchcord,
    what: &'static str,
    from: From,
    /// As the address has it.
    subject: Option<String>,
}

impl Deed {
    pub(super) async fn of(
        shared: &Shared,
        what: &'static str,
        from: From,
        request: &mut Request,
    ) -> Self {
        let parameters = request.extract_parts::<RawPathParams>().await.ok();
        let values: Vec<String> = parameters
            .iter()
            .flat_map(RawPathParams::iter)
            .map(|(_, value)| value.to_owned())
            .collect();
        let subject = (!values.is_empty()).then(|| values.join("/"));
        Self { patchcord: shared.patchcord.clone(), what, from, subject }
    }

    /// Writes it down with what came of it. An entry that cannot be written is told in the log; what was done is done.
    pub(super) async fn record(self, caller: Option<&Caller>, response: Response) -> Response {
        let Self { patchcord, what, from: From(address), subject } = self;
        let told = response.extensions();
        let actor = told.get::<DoneBy>().map(|DoneBy(actor)| actor.clone());
        let actor = actor.or_else(|| caller.map(Caller::actor)).unwrap_or(Actor::Nobody);
        let about = told.get::<Subject>().map(|Subject(subject)| subject.clone());
        if actor == Actor::Nobody && about.is_none() {
            return response;
        }
        let reason = told.get::<Kind>().map(|kind| kind.word().to_owned());
        let outcome = match response.status() {
            status if status.is_server_error() => Outcome::Failed,
            status if status.is_client_error() => Outcome::Refused,
            _ => Outcome::Done,
        };
        let subject = about.or(subject);
        let address = Some(address);
        let action = Action { actor, address, what: what.into(), subject, outcome, reason };
        if let Err(error) = patchcord.audit().record(action).await {
            tracing::error!(%error, what, "an entry of the audit log was lost");
        }
        response
    }
}

/// Does it and writes it down, even if whoever asked for it stops waiting.
pub(super) async fn to_the_end(
    deed: Deed,
    caller: Option<Caller>,
    work: impl Future<Output = Response> + Send + 'static,
) -> Response {
    let whole = tokio::spawn(async move { deed.record(caller.as_ref(), work.await).await });
    match whole.await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Problem::host_failed().into_response(),
        },
    }
}
