//! Lets the `oauth2` crate send its requests through this crate's transport.
//!
//! It also bounds the time of a request, and turns an answer of `429` or `5xx` that names no error of its own, as a
//! gateway's does, into a transport error: such an answer says nothing of the grant.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde::Deserialize;
use tokio::time::timeout;

use crate::transport::{Transport, TransportError, host};

/// Answers of a token endpoint are a few kilobytes; those of users in very many groups are the largest.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

pub(crate) struct OAuthHttp {
    transport: Transport,
    timeout: Duration,
}

impl OAuthHttp {
    pub(crate) fn new(transport: Transport, timeout: Duration) -> Self {
        Self { transport: transport.bounded(MAX_ANSWER_BYTES), timeout }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let host = host(request.uri());
        let sending = self.transport.send(request.map(Bytes::from));
        let answer = timeout(self.timeout, sending).await.map_err(|_| {
            TransportError::TooSlow { host: host.clone(), seconds: self.timeout.as_secs() }
        })??;
        let failed = answer.status.is_server_error() || answer.status.as_u16() == 429;
        if failed && !names_an_error(&answer.body) {
            return Err(TransportError::Failed { host, status: answer.status.as_u16() });
        }
        let mut response = http::Response::new(answer.body.to_vec());
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

/// Whether a body is an error of a token endpoint (RFC 6749, 5.2).
fn names_an_error(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "error")]
        _error: String,
    }
    serde_json::from_slice::<Named>(body).is_ok()
}

impl<'c> AsyncHttpClient<'c> for OAuthHttp {
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
