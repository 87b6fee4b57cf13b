//! The connections of one account's client, by where they lead.
//!
//! Who finds no connection that is free has one made, and takes the first that is there: it, or one that somebody else gives
//! back meanwhile. Where the far side speaks HTTP/2, all share one connection; once that is known, few are made for many.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http2;
use tokio::sync::oneshot;
use tokio::task::yield_now;

use super::HttpSettings;
use super::connection::{Connection, Http1, Unanswered};
use super::connector::Connector;
use crate::error::Error;

/// Connections without work are looked through so often, and kept for three to four such rounds: longer than the keeper
/// leaves one alone.
const ROUND: Duration = Duration::from_secs(30);
const KEPT_ROUNDS: u64 = 4;
/// Connections that are made at once where one serves all: should one be slow to come, another is under way.
const ENOUGH_FOR_ALL: usize = 2;

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum Failed {
    /// It has not left this machine.
    NotConnected,
    /// The far side may have seen it.
    Lost,
}

#[derive(Clone)]
pub(super) struct Connections(Arc<Shared>);

struct Shared {
    connector: Connector,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Few: the Web API, and where its tokens come from.
    origins: Vec<Origin>,
    round: u64,
    /// A task sees to it that none is kept for too long.
    watched: bool,
}

/// Somewhere that requests go to.
struct Origin {
    scheme: Option<Scheme>,
    authority: Option<Authority>,
    /// Those that came first are first.
    idle: Vec<Kept<Box<Http1>>>,
    http2: Option<Kept<http2::SendRequest<Full<Bytes>>>>,
    /// Whether the last connection that was made speaks HTTP/2.
    speaks_http2: bool,
    /// Those who wait for a connection; they are given none where none can be made.
    waiting: VecDeque<oneshot::Sender<Option<Connection>>>,
    /// Connections that are being made.
    connecting: usize,
}

struct Kept<T> {
    connection: T,
    /// The round in which it came, or was asked for last.
    since: u64,
}

impl<T> Kept<T> {
    fn is_old(&self, round: u64) -> bool {
        self.since + KEPT_ROUNDS <= round
    }
}

impl Connections {
    pub(super) fn new(settings: &HttpSettings) -> Result<Self, Error> {
        let connector = Connector::new(settings)?;
        Ok(Self(Arc::new(Shared { connector, state: Mutex::default() })))
    }

    /// Sends a request to `uri`; gives the head of the answer, and the connection on which its body comes. What a
    /// connection that was closed meanwhile has not taken is sent on another one.
    pub(super) async fn send(
        &self,
        uri: &Uri,
        mut request: Box<Request<Full<Bytes>>>,
    ) -> Result<(Response<Incoming>, Connection), Failed> {
        loop {
            let (mut connection, fresh) = match self.0.take(uri) {
                Ok(connection) => (connection, false),
                Err(waiting) => {
                    let connection = waiting.await.ok().flatten().ok_or(Failed::NotConnected)?;
                    let fresh = !connection.is_used();
                    (connection, fresh)
                }
            };
            let answering = connection.begin(uri, *request);
            match connection.head(answering).await {
                Ok(response) => return Ok((response, connection)),
                Err(Unanswered::Unsent(unsent)) if !fresh => request = unsent,
                Err(Unanswered::Unsent(_)) => return Err(Failed::NotConnected),
                Err(Unanswered::Lost) => return Err(Failed::Lost),
            }
            // A shared connection that has come to its end may have to be told so first.
            yield_now().await;
        }
    }

    /// Takes a connection back whose answer has been read to its end.
    pub(super) fn give_back(&self, uri: &Uri, connection: Connection) {
        let Connection::Http1(connection) = connection else { return };
        if connection.may_go_on() {
            self.0.give(&mut self.0.state(), uri, connection);
        }
    }
}

impl Shared {
    /// A connection that is free, or where one will come.
    fn take(
        self: &Arc<Self>,
        uri: &Uri,
    ) -> Result<Connection, oneshot::Receiver<Option<Connection>>> {
        let mut state = self.state();
        let round = state.round;
        let origin = state.origin(uri);
        origin.forget_closed();
        if let Some(shared) = &mut origin.http2 {
            shared.since = round;
            return Ok(Connection::Http2(shared.connection.clone()));
        }
        if let Some(idle) = origin.idle.pop() {
            return Ok(Connection::Http1(idle.connection));
        }
        let (sender, receiver) = oneshot::channel();
        origin.waiting.push_back(sender);
        if !origin.speaks_http2 || origin.connecting < ENOUGH_FOR_ALL {
            self.begin(origin, uri);
        }
        Err(receiver)
    }

    /// Has a connection made. It is of use to others too, so it does not end with the one who waits.
    fn begin(self: &Arc<Self>, origin: &mut Origin, uri: &Uri) {
        origin.connecting += 1;
        tokio::spawn(Arc::clone(self).connect(uri.clone()));
    }

    async fn connect(self: Arc<Self>, uri: Uri) {
        let made = self.connector.connect(&uri).await;
        let mut state = self.state();
        let round = state.round;
        let origin = state.origin(&uri);
        origin.connecting -= 1;
        match made {
            Some(Connection::Http1(connection)) => {
                origin.speaks_http2 = false;
                self.give(&mut state, &uri, connection);
                // Where HTTP/2 was spoken before, it was meant for more than the one who has it now.
                let origin = state.origin(&uri);
                while origin.connecting < origin.waiting.len() {
                    self.begin(origin, &uri);
                }
            }
            Some(Connection::Http2(sender)) => {
                origin.share(sender, round);
                self.watch(&mut state);
            }
            None => origin.give_up(),
        }
    }

    /// Gives a connection to the first who waits for one, or lays it by.
    fn give(self: &Arc<Self>, state: &mut State, uri: &Uri, connection: Box<Http1>) {
        let since = state.round;
        let origin = state.origin(uri);
        let Some(connection) = origin.hand_on(connection) else { return };
        origin.idle.push(Kept { connection, since });
        self.watch(state);
    }

    /// Sees to it that what is kept comes to its end.
    fn watch(self: &Arc<Self>, state: &mut State) {
        if !mem::replace(&mut state.watched, true) {
            tokio::spawn(watch(Arc::downgrade(self)));
        }
    }

    /// Drops what has had no work for too long; says whether any is left.
    fn sweep(&self) -> bool {
        let mut state = self.state();
        state.round += 1;
        let round = state.round;
        let mut ended = Vec::new();
        for origin in &mut state.origins {
            ended.extend(origin.idle.extract_if(.., |idle| idle.is_old(round)));
            // Requests that are still on it come to their end.
            origin.http2.take_if(|shared| shared.is_old(round));
        }
        let is_kept = |origin: &Origin| !origin.idle.is_empty() || origin.http2.is_some();
        let left = state.origins.iter().any(is_kept);
        state.watched = left;
        // Closing them takes longer than others should wait.
        drop(state);
        drop(ended);
        left
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn watch(shared: Weak<Shared>) {
    loop {
        tokio::time::sleep(ROUND).await;
        if !shared.upgrade().is_some_and(|shared| shared.sweep()) {
            return;
        }
    }
}

impl State {
    fn origin(&mut self, uri: &Uri) -> &mut Origin {
        let leads = |origin: &Origin| {
            origin.scheme.as_ref() == uri.scheme() && origin.authority.as_ref() == uri.authority()
        };
        let place = self.origins.iter().position(leads).unwrap_or_else(|| {
            self.origins.push(Origin {
                scheme: uri.scheme().cloned(),
                authority: uri.authority().cloned(),
                idle: Vec::new(),
                http2: None,
                speaks_http2: false,
                waiting: VecDeque::new(),
                connecting: 0,
            });
            self.origins.len() - 1
        });
        &mut self.origins[place]
    }
}

impl Origin {
    /// Gives the connection to the first who still waits; gives it back where nobody does.
    fn hand_on(&mut self, mut connection: Box<Http1>) -> Option<Box<Http1>> {
        while let Some(waiting) = self.waiting.pop_front() {
            match waiting.send(Some(Connection::Http1(connection))) {
                Err(Some(Connection::Http1(unwanted))) => connection = unwanted,
                _ => return None,
            }
        }
        Some(connection)
    }

    /// Gives a connection to all who wait, and to all who come.
    fn share(&mut self, connection: http2::SendRequest<Full<Bytes>>, since: u64) {
        self.forget_closed();
        self.speaks_http2 = true;
        // Where several were made at once, the first is as good as the others.
        let Kept { connection, .. } = self.http2.get_or_insert(Kept { connection, since });
        for waiting in self.waiting.drain(..) {
            // Who has left needs none.
            let _ = waiting.send(Some(Connection::Http2(connection.clone())));
        }
    }

    /// A connection could not be made. As many as are still being made will be there for those who wait, and one for all
    /// where it is shared; the others are told.
    fn give_up(&mut self) {
        if self.speaks_http2 && self.connecting > 0 {
            return;
        }
        self.waiting.retain(|waiting| !waiting.is_closed());
        while self.waiting.len() > self.connecting {
            if let Some(waiting) = self.waiting.pop_front() {
                let _ = waiting.send(None);
            }
        }
    }

    fn forget_closed(&mut self) {
        self.http2.take_if(|shared| shared.connection.is_closed());
    }
}

#[cfg(test)]
#[path = "connections_tests.rs"]
mod tests;
