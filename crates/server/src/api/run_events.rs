//! Runs while they are under way, as server-sent events. A stream ends with the run, and when its reader falls behind.

use axum::extract::State;
use axum::response::sse::Event;
use futures::stream::unfold;
use patchcord::{RunEvent, RunEvents};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::id;
use super::stream::{self, Events};
use crate::parameters::{Asked, Named};
use crate::problem::Problem;
use crate::server::Shared;

/// Query of `GET /v1/runs/events`.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    scenario: Option<String>,
    trial: Option<Uuid>,
}

pub(crate) async fn of_one(
    State(shared): State<Shared>,
    Named(run): Named,
) -> Result<Events, Problem> {
    let events = shared.patchcord.run_events(id("run", &run)?).await?;
    Ok(stream(events, shared.closing))
}

pub(crate) async fn of_all(State(shared): State<Shared>, Asked(wanted): Asked<Wanted>) -> Events {
    let events = match wanted.trial {
        Some(trial) => shared.patchcord.trial_events(trial),
        None => shared.patchcord.events(wanted.scenario),
    };
    stream(events, shared.closing)
}

fn stream(events: RunEvents, closing: CancellationToken) -> Events {
    let told = unfold(events, |mut events| async move {
        let event = events.next().await?;
        Some((written(&event), events))
    });
    stream::events(told, closing)
}

/// The field `data` is the event as one line of JSON.
fn written(event: &RunEvent) -> Event {
    let named = Event::default().event(event.name());
    named.json_data(event).unwrap_or_else(|error| {
        tracing::error!(%error, "an event could not be written");
        Event::default().event(event.name())
    })
}
