//! Agents: the screen pops of one, as they happen.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::Stream;
use futures::stream::unfold;
use http::HeaderMap;
use patchcord::{AgentEvent, AgentEvents};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::parameters::Named;
use crate::problem::Problem;
use crate::server::Shared;

/// With how much silence a connection is taken for dead by what lies between.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// After how long a listener must come back, and show a token that is still good.
pub(super) const LONGEST: Duration = Duration::from_secs(15 * 60);

/// What one connection goes by.
struct Listening {
    events: AgentEvents,
    closing: CancellationToken,
    until: Instant,
}

pub(crate) async fn events(
    State(shared): State<Shared>,
    Named(login): Named,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let events = shared.patchcord.agent_events(&login, last_event(&headers));
    let listening = Listening { events, closing: shared.closing, until: Instant::now() + LONGEST };
    let stream = unfold(listening, |mut listening| async move {
        let event = listening.next().await?;
        Some((Ok(event), listening))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

impl Listening {
    /// The next event; none where the connection is to end.
    async fn next(&mut self) -> Option<Event> {
        tokio::select! {
            event = self.events.next() => event.map(|event| told(&event)),
            () = self.closing.cancelled() => None,
            () = tokio::time::sleep_until(self.until) => None,
        }
    }
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
