//! One pooled HTTP client: no redirects, no proxy, cookies only where an account asks for them, bounded answers.
//!
//! Where the server offers HTTP/2, all requests share its connection; its windows are wide enough that one large
//! answer does not hold up the others.
//!
//! What goes wrong is told apart by one question only: can the far side have acted on the request? There are no
//! retries here; whether repeating is harmless is known further up.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use reqwest::redirect;

use crate::error::{Error, ErrorKind};

/// Idle connections are asked so often whether they are alive, and dropped when they do not answer in time.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes that the server may send ahead on one HTTP/2 request, and on all together: a page of records and many of them.
const STREAM_WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 16 * 1024 * 1024;

const USER_AGENT: &str = concat!("patchcord/", env!("CARGO_PKG_VERSION"));

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
        Arc::from(String::from_utf8_lossy(bytes))
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
    client: reqwest::Client,
    max_answer_bytes: usize,
    #[cfg(test)]
    in_memory: Option<tests::FarSide>,
}

impl Transport {
    pub(crate) fn new(settings: &HttpSettings) -> Result<Self, Error> {
        let mut roots = Vec::new();
        for pem in &settings.root_certificates {
            roots.extend(reqwest::Certificate::from_pem_bundle(pem).map_err(|_| {
                Error::local(ErrorKind::InvalidRequest, "a root certificate is no PEM certificate")
            })?);
        }
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .tcp_nodelay(true)
            .tcp_keepalive(KEEP_ALIVE)
            .http2_initial_stream_window_size(STREAM_WINDOW)
            .http2_initial_connection_window_size(CONNECTION_WINDOW)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .http2_keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .http2_keep_alive_while_idle(true)
            .cookie_store(settings.affinity_cookie)
            .connect_timeout(settings.connect_timeout)
            .tls_certs_merge(roots)
            .build()
            .map_err(|error| {
                Error::local(
                    ErrorKind::Unavailable,
                    format!("the HTTP client cannot be set up: {}", error.without_url()),
                )
            })?;
        Ok(Self {
            client,
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
    pub(crate) async fn send(
        &self,
        request: reqwest::Request,
    ) -> Result<RawAnswer, TransportError> {
        #[cfg(test)]
        if let Some(far_side) = &self.in_memory {
            return far_side(request).await;
        }
        let host = request.url().host_str().unwrap_or_default().to_owned();
        let mut response = match self.client.execute(request).await {
            Ok(response) => response,
            Err(error) if error.is_connect() || error.is_builder() => {
                return Err(TransportError::NotConnected { host });
            }
            Err(_) => return Err(TransportError::Lost { host }),
        };
        let status = response.status();
        // 304 is the answer to a condition, not a place to go to.
        if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
            return Err(TransportError::Redirected { host, status: status.as_u16() });
        }
        let headers = std::mem::take(response.headers_mut());
        let body = self.read(response, host).await?;
        Ok(RawAnswer { status, headers, body })
    }

    async fn read(
        &self,
        mut response: reqwest::Response,
        host: String,
    ) -> Result<Bytes, TransportError> {
        let limit = self.max_answer_bytes;
        let (mut only, mut joined) = (Bytes::new(), BytesMut::new());
        loop {
            let read = only.len() + joined.len();
            match response.chunk().await {
                Ok(Some(chunk)) if read + chunk.len() > limit => {
                    return Err(TransportError::TooLarge { host, limit });
                }
                // Most answers come in one piece, which need not be copied.
                Ok(Some(chunk)) if read == 0 => only = chunk,
                Ok(Some(chunk)) => {
                    joined.extend_from_slice(&std::mem::take(&mut only));
                    joined.extend_from_slice(&chunk);
                }
                Ok(None) if joined.is_empty() => return Ok(only),
                Ok(None) => return Ok(joined.freeze()),
                Err(_) => return Err(TransportError::Lost { host }),
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    //! A far side without a network, so that tests can stop the clock.

    use super::*;
    use futures::future::BoxFuture;

    pub(crate) type FarSide = Arc<
        dyn Fn(reqwest::Request) -> BoxFuture<'static, Result<RawAnswer, TransportError>>
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
