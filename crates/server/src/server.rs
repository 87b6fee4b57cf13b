//! A listening server. It speaks TLS where it is given a certificate; otherwise, towards other machines, a proxy in front of
//! it does.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::serve::ListenerExt;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::RustlsAcceptor;
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use patchcord::Patchcord;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::access::{Cookies, Origins, Proxies};
use crate::tls::{TlsError, TlsFiles, TlsReload};
use crate::{routes, system};

/// Where to listen, and under which address people come.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address that browsers use, where it is another one: behind a proxy, say.
    pub public_url: Option<Url>,
    /// Certificate and key, where this server itself speaks TLS.
    pub tls: Option<TlsFiles>,
    /// The proxies whose word counts for where a request comes from (`X-Forwarded-For`).
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for ServerConfig {
    /// On a free port of this machine, for nobody else.
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { listen, public_url: None, tls: None, trusted_proxies: Vec::new() }
    }
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
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Serving ended with an error.
    #[error("the server broke: {0}")]
    Serve(std::io::Error),
}

/// A server that listens and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    public_url: Url,
    tls: Option<TlsReload>,
    trusted_proxies: Vec<IpNet>,
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
    pub(crate) access: Arc<Access>,
}

/// What is to be known of browsers and of who stands between them and here.
pub(crate) struct Access {
    pub(crate) cookies: Cookies,
    pub(crate) origins: Origins,
    pub(crate) proxies: Proxies,
}

impl Server {
    /// Takes the address.
    ///
    /// # Errors
    /// [`ServerError::Listen`], [`ServerError::PublicUrl`] or [`ServerError::Tls`].
    pub async fn bind(patchcord: Patchcord, config: ServerConfig) -> Result<Self, ServerError> {
        if let Some(url) = config.public_url.as_ref().filter(|url| !is_public(url)) {
            return Err(ServerError::PublicUrl(url.clone()));
        }
        let tls = match config.tls {
            Some(files) => Some(TlsReload::open(files).await?),
            None => None,
        };
        let failed = |source| ServerError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let public_url = match config.public_url {
            Some(url) => url,
            None => own_url(if tls.is_some() { "https" } else { "http" }, address)?,
        };
        let trusted_proxies = config.trusted_proxies;
        Ok(Self { listener, address, public_url, tls, trusted_proxies, patchcord })
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
        self.page(routes::CALLBACK)
    }

    /// Where the first user is made with a code. It stands behind the `#`, which no browser sends and no log has.
    pub fn setup_link(&self, code: &SecretString) -> Url {
        let mut url = self.page(routes::SETUP);
        url.set_fragment(Some(&format!("code={}", code.expose_secret())));
        url
    }

    fn page(&self, path: &str) -> Url {
        let mut url = self.public_url.clone();
        let root = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{root}{path}"));
        url
    }

    /// What reads certificate and key again; none where this server does not speak TLS.
    pub fn tls(&self) -> Option<TlsReload> {
        self.tls.clone()
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
        let access = Access {
            cookies: Cookies::of(&self.public_url),
            origins: Origins::of(&self.public_url),
            proxies: Proxies(self.trusted_proxies.clone()),
        };
        let is_secure = self.public_url.scheme() == "https";
        let shared = Shared {
            access: Arc::new(access),
            closing: closing.clone(),
            redirect_uri: Arc::new(self.redirect_uri()),
            metrics: system::metrics_recorder(),
            patchcord: self.patchcord,
        };
        let app = routes::router(shared, is_secure);
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        let stopped = async move {
            stop.await;
            closing.cancel();
        };
        match self.tls {
            Some(tls) => serve_tls(self.listener, &tls, app, stopped).await,
            None => serve_plain(self.listener, app, stopped).await,
        }
        .map_err(ServerError::Serve)
    }
}

type App = IntoMakeServiceWithConnectInfo<Router, SocketAddr>;

async fn serve_plain(
    listener: TcpListener,
    app: App,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let listener = listener.tap_io(|connection| {
        // An answer is one small write: there is nothing to collect. A socket that cannot be told so still works.
        connection.set_nodelay(true).ok();
    });
    axum::serve(listener, app).with_graceful_shutdown(stopped).await
}

/// By axum-server: it shakes hands with each beside the others, and no longer than it may take.
async fn serve_tls(
    listener: TcpListener,
    tls: &TlsReload,
    app: App,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let handle = Handle::new();
    let acceptor = RustlsAcceptor::new(tls.config()).acceptor(NoDelayAcceptor::new());
    let server = axum_server::from_tcp(listener.into_std()?)?.acceptor(acceptor);
    let serving = server.handle(handle.clone()).serve(app);
    let stopping = async {
        stopped.await;
        // Those under way are answered however long they take, as without TLS: each has its deadline.
        handle.graceful_shutdown(None);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        served = serving => served,
        () = stopping => Ok(()),
    }
}

fn is_public(url: &Url) -> bool {
    let bare = url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    matches!(url.scheme(), "http" | "https") && url.has_host() && bare && nobody
}

fn own_url(scheme: &str, address: SocketAddr) -> Result<Url, ServerError> {
    // 0.0.0.0 can be listened on but not visited.
    let host = match address.ip() {
        ip if ip.is_unspecified() => "localhost".to_owned(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    let text = format!("{scheme}://{host}:{}", address.port());
    let broken = |error: url::ParseError| ServerError::Serve(std::io::Error::other(error));
    Url::parse(&text).map_err(broken)
}
