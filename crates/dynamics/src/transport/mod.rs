//! One pooled HTTP client: no redirects, no proxy, cookies only where an account asks for them, bounded answers.
//!
//! It stands on hyper's connections, without a client of HTTP around them: what those add costs a request almost as much
//! again (`docs/decisions/0017-http-client.md`), and nothing of it is wanted here.
//!
//! Where the server offers HTTP/2, all requests share its connection; its windows are wide enough that one large
//! answer does not hold up the others.
//!
//! Before a request is sent, other tasks have their turn. Requests, and what callers do between them, such as running a
//! block, are each more code than a processor has at hand: where many calls are under way it is cheaper to go on with
//! caller after caller, and then to send request after request, than to change between the two for each
//! (`docs/performance.md`).
//!
//! What goes wrong is told apart by one question only: can the far side have acted on the request? There are no
//! retries here; whether repeating is harmless is known further up.

mod connection;
mod connections;
mod connector;
mod cookies;

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue, Request, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::task::yield_now;

use crate::error::Error;
use connection::Connection;
use connections::{Connections, Failed};
use cookies::Cookies;

const PROGRAM: &str = concat!("patchcord/", env!("CARGO_PKG_VERSION"));

/// How connections are made. The same for all accounts of a pool.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// PEM certificates trusted besides those of the operating system, such as a local CA.
    pub root_certificates: Vec<Vec<u8>>,
    /// Bytes after which an answer is refused; 16 MiB by default.
    pub max_answer_bytes: usize,
    /// How long a connection may take to be made; 5 s by default. An account's policy says so for its own.
    pub connect_timeout: Duration,
    /// Whether cookies are kept; not by default. An account's policy says so for its own.
    pub affinity_cookie: bool,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            root_certificates: Vec::new(),
            max_answer_bytes: 16 * 1024 * 1024,
            connect_timeout: Duration::from_secs(5),
            affinity_cookie: false,
        }
    }
}

/// An answer, read to its end.
#[derive(Clone)]
pub(crate) struct RawAnswer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl RawAnswer {
    /// The body as text; bytes that are no UTF-8 are replaced.
    pub(crate) fn text(&self) -> Arc<str> {
        let bytes = self.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.body);
        // To check that all is well takes far less than to look for what is to be replaced.
        match std::str::from_utf8(bytes) {
            Ok(text) => Arc::from(text),
            Err(_) => Arc::from(String::from_utf8_lossy(bytes)),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why there is no answer. Holds no URL, because a query may hold a caller's data.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum TransportError {
    #[error("no connection to {host} could be made")]
    NotConnected { host: String },
    #[error("the connection to {host} was lost before its answer was complete")]
    Lost { host: String },
    #[error(
        "{host} answered with a redirect ({status}), which is not followed; check the account's URLs"
    )]
    Redirected { host: String, status: u16 },
    #[error("the answer of {host} is larger than {limit} bytes")]
    TooLarge { host: String, limit: usize },
    #[error("{host} answered {status}")]
    Failed { host: String, status: u16 },
    #[error("{host} answered with something that is not {expected}; check the account's API URL")]
    Unreadable { host: String, expected: &'static str },
    #[error("{host} did not answer within {seconds} s")]
    TooSlow { host: String, seconds: u64 },
}

impl TransportError {
    /// Status of an answer that was of no use.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Redirected { status, .. } | Self::Failed { status, .. } => Some(*status),
            _ => None,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Transport {
    connections: Connections,
    cookies: Option<Arc<Cookies>>,
    max_answer_bytes: usize,
    #[cfg(test)]
    in_memory: Option<tests::FarSide>,
}

impl Transport {
    pub(crate) fn new(settings: &HttpSettings) -> Result<Self, Error> {
        Ok(Self {
            connections: Connections::new(settings)?,
            cookies: settings.affinity_cookie.then(Arc::default),
            max_answer_bytes: settings.max_answer_bytes,
            #[cfg(test)]
            in_memory: None,
        })
    }

    /// The same connections, for answers of at most so many bytes.
    pub(crate) fn bounded(&self, max_answer_bytes: usize) -> Self {
        Self { max_answer_bytes, ..self.clone() }
    }

    /// Sends `request` and reads the answer. There is no time limit here; drop the future to give up.
    pub(crate) fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<RawAnswer, TransportError>> {
        // In a box, lest it lies in every future around it several times.
        self.send_boxed(Box::new(request.map(Full::new)))
    }

    async fn send_boxed(
        &self,
        mut request: Box<Request<Full<Bytes>>>,
    ) -> Result<RawAnswer, TransportError> {
        #[cfg(test)]
        if let Some(far_side) = &self.in_memory {
            return far_side(*request).await;
        }
        yield_now().await;
        let uri = mem::take(request.uri_mut());
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, HeaderValue::from_static(PROGRAM));
        if let Some(cookies) = &self.cookies {
            cookies.put(&uri, headers);
        }
        let sent = self.connections.send(&uri, request).await;
        let (response, mut connection) = sent.map_err(|failed| match failed {
            Failed::NotConnected => TransportError::NotConnected { host: host(&uri) },
            Failed::Lost => TransportError::Lost { host: host(&uri) },
        })?;
        let (head, body) = response.into_parts();
        if let Some(cookies) = &self.cookies {
            cookies.keep(&uri, &head.headers);
        }
        // 304 is the answer to a condition, not a place to go to.
        if head.status.is_redirection() && head.status != StatusCode::NOT_MODIFIED {
            let status = head.status.as_u16();
            return Err(TransportError::Redirected { host: host(&uri), status });
        }
        let body = self.read(&mut connection, body, &uri).await?;
        self.connections.give_back(&uri, connection);
        Ok(RawAnswer { status: head.status, headers: head.headers, body })
    }

    async fn read(
        &self,
        connection: &mut Connection,
        mut body: Incoming,
        uri: &Uri,
    ) -> Result<Bytes, TransportError> {
        let limit = self.max_answer_bytes;
        let (mut only, mut joined) = (Bytes::new(), BytesMut::new());
        while let Some(frame) = connection.frame(&mut body).await {
            let frame = frame.map_err(|_| TransportError::Lost { host: host(uri) })?;
            let Ok(chunk) = frame.into_data() else { continue };
            let read = only.len() + joined.len();
            if read + chunk.len() > limit {
                return Err(TransportError::TooLarge { host: host(uri), limit });
            }
            // Most answers come in one piece, which need not be copied.
            if read == 0 {
                only = chunk;
            } else {
                joined.extend_from_slice(&mem::take(&mut only));
                joined.extend_from_slice(&chunk);
            }
        }
        Ok(if joined.is_empty() { only } else { joined.freeze() })
    }
}

/// The host that an address names.
pub(crate) fn host(uri: &Uri) -> String {
    uri.host().unwrap_or_default().to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    //! A far side without a network, so that tests can stop the clock.

    use super::*;
    use futures::future::BoxFuture;

    pub(crate) type FarSide = Arc<
        dyn Fn(Request<Full<Bytes>>) -> BoxFuture<'static, Result<RawAnswer, TransportError>>
            + Send
            + Sync,
    >;

    impl Transport {
        pub(crate) fn in_memory(far_side: FarSide) -> Self {
            let transport = Self::new(&HttpSettings::default()).unwrap();
            Self { in_memory: Some(far_side), ..transport }
        }
    }
}
