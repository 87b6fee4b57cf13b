//! A listening server. It speaks plain HTTP: towards other machines a proxy in front of it speaks TLS.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::ListenerExt;
use metrics_exporter_prometheus::PrometheusHandle;
use patchcord::Patchcord;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{routes, system};

/// Where to listen, and under which address people come.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address that browsers use, where it is another one: behind a proxy, say.
    pub public_url: Option<Url>,
}

/// A server could not be started, or broke.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The public address is not one that a browser could use.
    #[error(
        "{0} is no public URL: it must begin with http:// or https://, name a host, and hold no `?`, `#` or user name"
    )]
    PublicUrl(Url),
    /// Serving ended with an error.
    #[error("the server broke: {0}")]
    Serve(std::io::Error),
}

/// A server that listens and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    public_url: Url,
    patchcord: Patchcord,
}

/// What every handler can reach.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) patchcord: Patchcord,
    pub(crate) redirect_uri: Arc<Url>,
    pub(crate) metrics: PrometheusHandle,
    /// Fires when the server takes no more calls: what has no end of its own ends then.
    pub(crate) closing: CancellationToken,
}

impl Server {
    /// Takes the address.
    ///
    /// # Errors
    /// [`ServerError::Listen`] or [`ServerError::PublicUrl`].
    pub async fn bind(patchcord: Patchcord, config: ServerConfig) -> Result<Self, ServerError> {
        if let Some(url) = config.public_url.as_ref().filter(|url| !is_public(url)) {
            return Err(ServerError::PublicUrl(url.clone()));
        }
        let failed = |source| ServerError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let public_url = match config.public_url {
            Some(url) => url,
            None => own_url(address)?,
        };
        Ok(Self { listener, address, public_url, patchcord })
    }

    /// The address that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address that browsers use.
    pub fn public_url(&self) -> &Url {
        &self.public_url
    }

    /// What is to be registered with Entra ID as redirect URI.
    pub fn redirect_uri(&self) -> Url {
        let mut url = self.public_url.clone();
        let root = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{root}{}", routes::CALLBACK));
        url
    }

    /// Answers until `stop` is ready; then takes no more calls, and ends when those under way are answered.
    ///
    /// # Errors
    /// [`ServerError::Serve`].
    pub async fn run(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let closing = CancellationToken::new();
        let shared = Shared {
            closing: closing.clone(),
            redirect_uri: Arc::new(self.redirect_uri()),
            metrics: system::metrics_recorder(),
            patchcord: self.patchcord,
        };
        let app = routes::router(shared);
        let listener = self.listener.tap_io(|connection| {
            // An answer is one small write: there is nothing to collect. A socket that cannot be told so still works.
            connection.set_nodelay(true).ok();
        });
        let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
            stop.await;
            closing.cancel();
        });
        serving.await.map_err(ServerError::Serve)
    }
}

fn is_public(url: &Url) -> bool {
    let bare = url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    matches!(url.scheme(), "http" | "https") && url.has_host() && bare && nobody
}

fn own_url(address: SocketAddr) -> Result<Url, ServerError> {
    // 0.0.0.0 can be listened on but not visited.
    let host = match address.ip() {
        ip if ip.is_unspecified() => "localhost".to_owned(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    let text = format!("http://{host}:{}", address.port());
    let broken = |error: url::ParseError| ServerError::Serve(std::io::Error::other(error));
    Url::parse(&text).map_err(broken)
}
