//! Answers without an end of their own, as server-sent events: they end with what they tell of, when the server stops, and
//! after a while, so that a token is looked at again.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive, KeepAliveStream};
use futures::stream::{BoxStream, Stream, StreamExt};
use tokio_util::sync::CancellationToken;

/// With how much silence a connection is taken for dead by what lies between.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// After how long a listener must come back, and show a token that is still good.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// An answer of events.
pub(crate) type Events = Sse<KeepAliveStream<BoxStream<'static, Result<Event, Infallible>>>>;

/// Tells what comes, until `closing` fires.
pub(super) fn events(
    told: impl Stream<Item = Event> + Send + 'static,
    closing: CancellationToken,
) -> Events {
    let end = async move {
        // Whichever of the two comes first.
        tokio::time::timeout(LONGEST, closing.cancelled()).await.ok();
    };
    let told = told.take_until(Box::pin(end)).map(Ok).boxed();
    Sse::new(told).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}
