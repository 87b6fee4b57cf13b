//! One pooled HTTP client: no redirects, no cookies, no proxy, bounded answers.
//!
//! What goes wrong is told apart by one question only: can the far side have acted on the request? There are no
//! retries here; whether repeating is harmless is known further up.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use reqwest::redirect;

use crate::error::{Error, ErrorKind};

const USER_AGENT: &str = concat!("patchcord/", env!("CARGO_PKG_VERSION"));

/// How connections are made. The same for all accounts of a pool.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// PEM certificates trusted besides those of the operating system, such as a local CA.
    pub root_certificates: Vec<Vec<u8>>,
    /// Bytes after which an answer is refused; 16 MiB by default.
    pub max_answer_bytes: usize,
    /// How long a connection may take to be made; 5 s by default.
    pub connect_timeout: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            root_certificates: Vec::new(),
            max_answer_bytes: 16 * 1024 * 1024,
            connect_timeout: Duration::from_secs(5),
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

#[derive(Clone)]
pub(crate) struct Transport {
    client: reqwest::Client,
    max_answer_bytes: usize,
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
            .connect_timeout(settings.connect_timeout)
            .tls_certs_merge(roots)
            .build()
            .map_err(|error| {
                Error::local(
                    ErrorKind::Unavailable,
                    format!("the HTTP client cannot be set up: {}", error.without_url()),
                )
            })?;
        Ok(Self { client, max_answer_bytes: settings.max_answer_bytes })
    }

    /// The same connections, for answers of at most so many bytes.
    pub(crate) fn bounded(&self, max_answer_bytes: usize) -> Self {
        Self { client: self.client.clone(), max_answer_bytes }
    }

    /// Sends `request` and reads the answer. There is no time limit here; drop the future to give up.
    pub(crate) async fn send(
        &self,
        request: reqwest::Request,
    ) -> Result<RawAnswer, TransportError> {
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
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > limit => {
                    return Err(TransportError::TooLarge { host, limit });
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body.freeze()),
                Err(_) => return Err(TransportError::Lost { host }),
            }
        }
    }
}
