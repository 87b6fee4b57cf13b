//! One connection, and how a request makes its way over it.
//!
//! An HTTP/1 connection has no task of its own: whoever has a request on it moves it on, and reads its own answer. A
//! request is then one task that sends and sleeps, is woken and reads; with a task between them each look-up would change
//! between the two four times (`docs/decisions/0017-http-client.md`). An HTTP/2 connection is shared, so it has a task.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::{Body, Frame, Incoming};
use hyper::client::conn::{TrySendError, http1, http2};

use super::connector::Stream;

/// What a connection did not take, or why there is no answer.
pub(super) enum Unanswered {
    /// It was closed before it took the request.
    Unsent(Box<Request<Full<Bytes>>>),
    /// The far side may have seen the request.
    Lost,
}

type Broken = TrySendError<Request<Full<Bytes>>>;

impl From<Broken> for Unanswered {
    fn from(mut error: Broken) -> Self {
        error.take_message().map_or(Self::Lost, |unsent| Self::Unsent(Box::new(unsent)))
    }
}

pub(super) enum Connection {
    Http1(Box<Http1>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// An answer under way. In a box, lest every future around it holds its request.
pub(super) type Answering = BoxFuture<'static, Result<Response<Incoming>, Broken>>;

impl Connection {
    /// Begins to send a request to `uri`.
    pub(super) fn begin(&mut self, uri: &Uri, mut request: Request<Full<Bytes>>) -> Answering {
        match self {
            Self::Http1(connection) => {
                let origin_form = uri.path_and_query().cloned().map(Uri::from);
                *request.uri_mut() = origin_form.unwrap_or_default();
                request.headers_mut().insert(HOST, connection.host.clone());
                Box::pin(connection.sender.try_send_request(request))
            }
            Self::Http2(sender) => {
                *request.uri_mut() = uri.clone();
                request.headers_mut().remove(HOST);
                Box::pin(sender.try_send_request(request))
            }
        }
    }

    /// Waits for the head of the answer.
    pub(super) async fn head(
        &mut self,
        mut answering: Answering,
    ) -> Result<Response<Incoming>, Unanswered> {
        let answered = poll_fn(|context| {
            self.move_on(context);
            answering.as_mut().poll(context)
        });
        let response = answered.await?;
        if let Self::Http1(connection) = self {
            connection.used = true;
        }
        Ok(response)
    }

    /// Whether it has served a request before: what it does not take now, it was closed for.
    pub(super) fn is_used(&self) -> bool {
        matches!(self, Self::Http1(connection) if connection.used)
    }

    /// The next piece of the answer's body; none at its end.
    pub(super) async fn frame(
        &mut self,
        body: &mut Incoming,
    ) -> Option<hyper::Result<Frame<Bytes>>> {
        poll_fn(|context| {
            // Asked first, so that the connection knows that somebody wants the body.
            if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(context) {
                return Poll::Ready(frame);
            }
            self.move_on(context);
            Pin::new(&mut *body).poll_frame(context)
        })
        .await
    }

    /// Writes and reads what can be written and read.
    fn move_on(&mut self, context: &mut Context<'_>) {
        if let Self::Http1(http1) = self {
            // Dropped at its end, by which whoever has a request on it is told.
            http1.connection.take_if(|connection| Pin::new(connection).poll(context).is_ready());
        }
    }
}

pub(super) struct Http1 {
    sender: http1::SendRequest<Full<Bytes>>,
    /// None once it has come to its end.
    connection: Option<http1::Connection<Stream, Full<Bytes>>>,
    host: HeaderValue,
    /// Whether it has answered a request.
    used: bool,
}

impl Http1 {
    pub(super) fn new(
        (sender, connection): (
            http1::SendRequest<Full<Bytes>>,
            http1::Connection<Stream, Full<Bytes>>,
        ),
        host: HeaderValue,
    ) -> Self {
        Self { sender, connection: Some(connection), host, used: false }
    }

    /// Whether it may serve a further request, its last answer having been read.
    pub(super) fn may_go_on(&self) -> bool {
        self.connection.is_some() && self.sender.is_ready()
    }
}
