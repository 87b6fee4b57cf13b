//! Making a connection: TCP, TLS by rustls, and whichever HTTP the far side speaks.

use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper::client::conn::{http1, http2};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::{Connection as _, HttpConnector};
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
use super::connection::{Connection, Http1};
use crate::error::{Error, ErrorKind};

/// Idle connections are asked so often whether they are alive, and dropped when they do not answer in time.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes that the server may send ahead on one HTTP/2 request, and on all together: a page of records and many of them.
const STREAM_WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 16 * 1024 * 1024;

pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes connections, each within its time.
pub(super) struct Connector {
    https: HttpsConnector<HttpConnector>,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(settings: &HttpSettings) -> Result<Self, Error> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls(&settings.root_certificates)?)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        Ok(Self { https, timeout: settings.connect_timeout })
    }

    /// A connection to the host of `uri`; none where that fails, or takes too long.
    pub(super) async fn connect(&self, uri: &Uri) -> Option<Connection> {
        let mut https = self.https.clone();
        let connected = timeout(self.timeout, https.call(uri.clone())).await;
        let stream = connected.ok()?.ok()?;
        if stream.connected().is_negotiated_h2() {
            http2(stream).await
        } else {
            http1(stream, uri).await
        }
    }
}

async fn http1(stream: Stream, uri: &Uri) -> Option<Connection> {
    // Most requests are a head alone or have a small body: to write one piece is less work than to write a list of them.
    let made = http1::Builder::new().writev(false).handshake(stream).await.ok()?;
    Some(Connection::Http1(Box::new(Http1::new(made, host(uri)?))))
}

async fn http2(stream: Stream) -> Option<Connection> {
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .handshake(stream)
        .await
        .ok()?;
    // It ends with the last who holds its sender; how, those who have a request on it are told as well.
    tokio::spawn(connection);
    Some(Connection::Http2(sender))
}

/// The value of `Host`, which leaves out the port that the scheme has anyway.
fn host(uri: &Uri) -> Option<HeaderValue> {
    let host = uri.host()?;
    let usual = if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    let value = match uri.port_u16().filter(|port| *port != usual) {
        Some(port) => HeaderValue::try_from(format!("{host}:{port}")),
        None => HeaderValue::from_str(host),
    };
    value.ok()
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
