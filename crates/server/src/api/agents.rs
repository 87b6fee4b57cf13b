//! Agents: the screen pops of one, as they happen.

use axum::extract::State;
use axum::response::sse::Event;
use futures::stream::unfold;
use http::HeaderMap;
use patchcord::AgentEvent;

use super::stream::{self, Events};
use crate::parameters::Named;
use crate::server::Shared;

pub(crate) async fn events(
    State(shared): State<Shared>,
    Named(login): Named,
    headers: HeaderMap,
) -> Events {
    let events = shared.patchcord.agent_events(&login, last_event(&headers));
    let told = unfold(events, |mut events| async move {
        let event = events.next().await?;
        Some((told(&event), events))
    });
    stream::events(told, shared.closing)
}

/// Where a listener left off, in its own words. A number that is none is that of nobody: there is nothing to catch up on.
fn last_event(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

fn told(event: &AgentEvent) -> Event {
    let told = Event::default().event("screen-pop").id(event.number.to_string());
    // It is made of texts: there is nothing in it that JSON cannot say.
    told.json_data(event).unwrap_or_default()
}
