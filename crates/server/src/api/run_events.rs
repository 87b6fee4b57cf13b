//! Runs while they are under way, as server-sent events. A stream ends with the run, when its reader falls behind, when
//! the server stops, and after a quarter of an hour, so that a token is looked at again.

use std::convert::Infallible;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::stream::{Stream, unfold};
use patchcord::{RunEvent, RunEvents};
use serde::Deserialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::agents::LONGEST;
use super::id;
use crate::parameters::{Asked, Named};
use crate::problem::Problem;
use crate::server::Shared;

/// Query of `GET /v1/runs/events`.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    scenario: Option<String>,
}

type Events = Sse<axum::response::sse::KeepAliveStream<SseStream>>;
type SseStream = std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>;

pub(crate) async fn of_one(
    State(shared): State<Shared>,
    Named(run): Named,
) -> Result<Events, Problem> {
    let events = shared.patchcord.run_events(id("run", &run)?).await?;
    Ok(stream(events, shared.closing))
}

pub(crate) async fn of_all(State(shared): State<Shared>, Asked(wanted): Asked<Wanted>) -> Events {
    stream(shared.patchcord.events(wanted.scenario), shared.closing)
}

fn stream(events: RunEvents, closing: CancellationToken) -> Events {
    let until = Instant::now() + LONGEST;
    let told = unfold((events, closing), move |(mut events, closing)| async move {
        let event = tokio::select! {
            event = events.next() => event?,
            () = closing.cancelled() => return None,
            () = tokio::time::sleep_until(until) => return None,
        };
        Some((Ok(written(&event)), (events, closing)))
    });
    Sse::new(Box::pin(told) as SseStream).keep_alive(KeepAlive::default())
}

/// The field `data` is the event as one line of JSON.
fn written(event: &RunEvent) -> Event {
    let named = Event::default().event(event.name());
    named.json_data(event).unwrap_or_else(|error| {
        tracing::error!(%error, "an event could not be written");
        Event::default().event(event.name())
    })
}
