//! The connections of one account's client: hyper's pool of them, over rustls.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::Uri;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use super::HttpSettings;
use crate::error::{Error, ErrorKind};

/// Idle connections are asked so often whether they are alive, and dropped when they do not answer in time.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection without work is kept.
const IDLE: Duration = Duration::from_secs(90);
/// Bytes that the server may send ahead on one HTTP/2 request, and on all together: a page of records and many of them.
const STREAM_WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 16 * 1024 * 1024;

pub(super) type Connections = Client<Connector, Full<Bytes>>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Makes connections, each within its time. Cloned for every request, so that it is no more than a pointer.
#[derive(Clone)]
pub(super) struct Connector(Arc<Made>);

struct Made {
    https: HttpsConnector<HttpConnector>,
    timeout: Duration,
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let (mut https, time) = (self.0.https.clone(), self.0.timeout);
        Box::pin(async move { timeout(time, https.call(to)).await? })
    }
}

pub(super) fn connections(settings: &HttpSettings) -> Result<Connections, Error> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEP_ALIVE));
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls(&settings.root_certificates)?)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(tcp);
    let made = Made { https, timeout: settings.connect_timeout };
    Ok(Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .http2_keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .http2_keep_alive_while_idle(true)
        .build(Connector(Arc::new(made))))
}

fn tls(root_certificates: &[Vec<u8>]) -> Result<ClientConfig, Error> {
    let mut roots = Vec::new();
    for pem in root_certificates {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let found = found.ok().filter(|found| !found.is_empty());
        roots.extend(found.ok_or_else(|| {
            Error::local(ErrorKind::InvalidRequest, "a root certificate is no PEM certificate")
        })?);
    }
    let failed = |error: rustls::Error| {
        let text = format!("the HTTP client cannot be set up: {error}");
        Error::local(ErrorKind::Unavailable, text)
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider));
    let config = ClientConfig::builder_with_provider(provider);
    Ok(config
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier.map_err(failed)?))
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_certificate_that_is_none_is_refused() {
        let broken = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
        for text in ["", "no PEM", broken] {
            let error = tls(&[text.as_bytes().to_vec()]).err().unwrap();
            assert_eq!(error.kind, ErrorKind::InvalidRequest, "{text}");
            assert_eq!(error.message, "a root certificate is no PEM certificate");
        }
        assert!(tls(&[]).is_ok());
    }
}
