//! Binding, routing and serving: one router behind an http and an https listener.
//!
//! Served by axum-server on both, because its services may fail: that is how a connection is
//! dropped without an answer, which axum's own `serve` has no word for.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use crate::config::{EmulatorConfig, Setup};
use crate::dataverse::Dataverse;
use crate::dataverse::schema::Schema;
use crate::dataverse::seed::Seed;
use crate::entra::Entra;
use crate::limits::ServiceProtection;
use crate::observe::{CutConnection, observe};
use crate::portal::Portal;
use crate::state::State;
use crate::{Emulator, EmulatorError, control, dataverse, entra, pages, portal, tls};

/// The running listeners; dropping them stops them.
pub(crate) struct Listeners {
    handle: Handle<SocketAddr>,
    tasks: Vec<JoinHandle<std::io::Result<()>>>,
}

impl Listeners {
    pub(crate) async fn stop(mut self) {
        self.handle.shutdown();
        for task in &mut self.tasks {
            if let Ok(Err(error)) = task.await {
                tracing::warn!(%error, "a listener of the emulator ended with an error");
            }
        }
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

pub(crate) async fn start(config: EmulatorConfig) -> Result<Emulator, EmulatorError> {
    let http = config.http.map(bind).transpose()?;
    let https = config.https.map(bind).transpose()?;
    if http.is_none() && https.is_none() {
        return Err(EmulatorError::NoAddress);
    }
    let (temporary, folder) = folder(&config, https.is_some())?;
    let identity = match (&https, &folder) {
        (Some(_), Some(folder)) => Some(tls::identity(folder).await?),
        _ => None,
    };
    let entra = Entra::open(config.directory.as_deref(), config.data.as_deref())?;
    let database = config.data.as_deref().map(|data| data.join("emulator.db"));
    let schema = Schema::load(config.metadata.as_deref())?;
    let seed = Seed { contacts: config.seed, progress: config.progress };
    let people: Vec<_> =
        entra.users().iter().filter_map(|user| entra.principal(&user.id)).collect();
    let dataverse = Dataverse::open(schema, database.as_deref(), seed, &people).await?;
    let ca_file = identity.as_ref().map(|identity| identity.ca_file.clone());
    let setup = setup(&entra, http.as_ref(), https.as_ref(), ca_file.as_deref())?;
    let state = Arc::new(State {
        setup: setup.clone(),
        entra,
        dataverse,
        limits: ServiceProtection::new(&config.limits),
        faults: Default::default(),
        log: Default::default(),
        counters: Default::default(),
        witness: Default::default(),
        portal: Portal::new(),
    });
    let handle = Handle::new();
    let mut tasks = Vec::new();
    if let Some((address, listener)) = http {
        tasks.push(serve(listener, address, None, router(&state), &handle)?);
    }
    if let (Some((address, listener)), Some(identity)) = (https, identity) {
        let rustls = Some(identity.rustls);
        tasks.push(serve(listener, address, rustls, router(&state), &handle)?);
    }
    tracing::info!(
        http = setup.http_url,
        https = setup.https_url,
        "this is an emulator of Entra ID and Dynamics 365: nothing behind it is real"
    );
    let listeners = Listeners { handle, tasks };
    Ok(Emulator { setup, state, listeners, _temporary: temporary })
}

type Bound = (SocketAddr, TcpListener);

fn bind(address: SocketAddr) -> Result<Bound, EmulatorError> {
    if !address.ip().is_loopback() {
        return Err(EmulatorError::NotLoopback(address));
    }
    let failed = |source| EmulatorError::Bind { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((bound, listener))
}

/// The folder for files; a temporary one where https needs files and none was given.
fn folder(
    config: &EmulatorConfig,
    https: bool,
) -> Result<(Option<tempfile::TempDir>, Option<std::path::PathBuf>), EmulatorError> {
    match &config.data {
        Some(data) => {
            std::fs::create_dir_all(data).map_err(tls::at(data))?;
            Ok((None, Some(data.clone())))
        }
        None if https => {
            let made = tempfile::tempdir().map_err(tls::at(&std::env::temp_dir()))?;
            let path = made.path().to_owned();
            Ok((Some(made), Some(path)))
        }
        None => Ok((None, None)),
    }
}

fn setup(
    entra: &Entra,
    http: Option<&Bound>,
    https: Option<&Bound>,
    ca_file: Option<&Path>,
) -> Result<Setup, EmulatorError> {
    let https_url = https.map(|(address, _)| format!("https://{address}"));
    let http_url = match (http, &https_url) {
        (Some((address, _)), _) => format!("http://{address}"),
        (None, Some(url)) => url.clone(),
        (None, None) => return Err(EmulatorError::NoAddress),
    };
    let directory = entra.directory.read();
    let defaults = directory.defaults().ok_or_else(|| EmulatorError::BuiltIn {
        what: "directory",
        reason: "no tenant with a user, an app and a secret".to_owned(),
    });
    let (tenant, user, app, secret) = defaults?;
    let endpoint = |path: &str| format!("{http_url}/{}/oauth2/{path}", tenant.id);
    Ok(Setup {
        authorization_url: endpoint("v2.0/authorize"),
        token_url: endpoint("v2.0/token"),
        authorization_url_v1: endpoint("authorize"),
        token_url_v1: endpoint("token"),
        api_url: format!("{http_url}/api/data/v9.2"),
        tenant: tenant.id.clone(),
        client_id: app.client_id.clone(),
        client_secret: secret.value.clone(),
        user: user.name.clone(),
        password: user.password.clone(),
        redirect_uris: app.redirect_uris.all().map(|(_, uri)| uri.clone()).collect(),
        ca_file: ca_file.map(Path::to_owned),
        http_url,
        https_url,
    })
}

/// The origin that a client asked, such as `http://127.0.0.1:8470`: the issuer of what it gets and
/// the start of every address in its answers.
#[derive(Clone)]
pub(crate) struct Origin(pub(crate) String);

impl Origin {
    /// HTTP/2 names the host in the request's target, HTTP/1.1 in a header.
    fn of<B>(scheme: &str, request: &http::Request<B>) -> Self {
        let header = || request.headers().get(http::header::HOST)?.to_str().ok();
        let host = request.uri().authority().map(|authority| authority.as_str()).or_else(header);
        Self(format!("{scheme}://{}", host.unwrap_or_default()))
    }
}

fn router(state: &Arc<State>) -> Router {
    Router::new()
        .merge(pages::assets())
        .merge(portal::routes())
        .merge(control::routes())
        .merge(dataverse::routes::routes())
        .merge(entra::routes())
        // `observe` has read the body already, up to a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .layer(axum::middleware::from_fn_with_state(state.clone(), observe))
        .with_state(state.clone())
}

#[derive(Debug, thiserror::Error)]
#[error("a fault cut this connection")]
struct Cut;

fn serve(
    listener: TcpListener,
    address: SocketAddr,
    rustls: Option<RustlsConfig>,
    router: Router,
    handle: &Handle<SocketAddr>,
) -> Result<JoinHandle<std::io::Result<()>>, EmulatorError> {
    let scheme = if rustls.is_some() { "https" } else { "http" };
    let service = tower::service_fn(move |mut request: http::Request<_>| {
        let origin = Origin::of(scheme, &request);
        request.extensions_mut().insert(origin);
        let router = router.clone();
        async move {
            let response: Response<Body> = match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            match response.extensions().get::<CutConnection>() {
                Some(_) => Err(Cut),
                None => Ok(response),
            }
        }
    });
    let make = tower::service_fn(move |_: SocketAddr| {
        let service = service.clone();
        async move { Ok::<_, std::convert::Infallible>(service) }
    });
    let failed = |source| EmulatorError::Bind { address, source };
    Ok(match rustls {
        Some(rustls) => {
            let server = axum_server::from_tcp_rustls(listener, rustls).map_err(failed)?;
            tokio::spawn(server.handle(handle.clone()).serve(make))
        }
        None => {
            let server = axum_server::from_tcp(listener).map_err(failed)?;
            tokio::spawn(server.handle(handle.clone()).serve(make))
        }
    })
}
