//! `patchcord serve`: answers calls until it is told to stop.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use clap::builder::RangedI64ValueParser;
use ipnet::IpNet;
use patchcord::runtime::LimitBounds;
use patchcord::{AccessSettings, BlockSettings, Patchcord, RunSettings};
use patchcord_server::{Server, ServerConfig, TlsFiles, TlsReload, record_metrics};
use serde::Serialize;
use url::Url;

use crate::args::{Data, Output, RegistryArgs};
use crate::{local, output, signals};

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "PATCHCORD_LISTEN", default_value = "127.0.0.1:8460")]
    listen: SocketAddr,
    /// Address under which browsers come, where it is another one (behind a proxy).
    #[arg(long, env = "PATCHCORD_PUBLIC_URL", value_name = "URL")]
    public_url: Option<Url>,
    /// Folder with blocks of your own (*.wasm), watched; what they ask for is granted. May be given several times.
    #[arg(long, env = "PATCHCORD_BLOCKS", value_name = "DIR", value_delimiter = ':')]
    blocks: Vec<PathBuf>,
    /// File of minisign public keys: a block that is signed must be signed by one of them.
    #[arg(long, env = "PATCHCORD_TRUSTED_KEYS", value_name = "FILE")]
    trusted_keys: Option<PathBuf>,
    /// Take only signed blocks, wherever they come from.
    #[arg(long, env = "PATCHCORD_REQUIRE_SIGNED", requires = "trusted_keys")]
    require_signed: bool,
    /// JSON file with what blocks may use: `{"defaults": {"cpu_ms": 200}, "maxima": {"memory_mib": 128}}`.
    #[arg(long, env = "PATCHCORD_BLOCK_LIMITS", value_name = "FILE")]
    block_limits: Option<PathBuf>,
    /// Host that Fetch URL may ask, with its port where that is not the usual one. May be given several times; none by
    /// default.
    #[arg(
        long = "fetch-host",
        env = "PATCHCORD_FETCH_HOSTS",
        value_name = "HOST",
        value_delimiter = ','
    )]
    fetch_hosts: Vec<String>,
    /// Proxy in front of this server, or a network of them such as `10.0.0.0/8`: what it says in `X-Forwarded-For` is where
    /// a request comes from. May be given several times; none by default.
    #[arg(
        long = "trusted-proxy",
        env = "PATCHCORD_TRUSTED_PROXIES",
        value_name = "ADDRESS",
        value_delimiter = ',',
        value_parser = network
    )]
    trusted_proxies: Vec<IpNet>,
    #[command(flatten)]
    tls: TlsArgs,
    #[command(flatten)]
    access: AccessArgs,
    #[command(flatten)]
    registries: RegistryArgs,
    #[command(flatten)]
    runs: RunArgs,
    #[command(flatten)]
    data: Data,
}

/// For how long what is kept of runs is kept.
#[derive(Args)]
struct RunArgs {
    /// Days after which the trace of a run is removed.
    #[arg(long, env = "PATCHCORD_TRACE_DAYS", value_name = "DAYS", default_value_t = RunSettings::default().trace_days)]
    trace_days: u16,
    /// Days after which what a run was answered is removed, by which it can be replayed; no later than its trace. 0: runs
    /// are not recorded.
    #[arg(long, env = "PATCHCORD_RECORDING_DAYS", value_name = "DAYS", default_value_t = RunSettings::default().recording_days)]
    recording_days: u16,
    /// Hours after which an idempotency key may be used for another run.
    #[arg(long, env = "PATCHCORD_KEY_HOURS", value_name = "HOURS", default_value_t = RunSettings::default().key_hours)]
    key_hours: u16,
}

/// Certificate and key, where no proxy speaks TLS in front of this server. SIGHUP has them read again.
#[derive(Args)]
struct TlsArgs {
    /// PEM file of a certificate, followed by those between it and its authority: the server then speaks https.
    #[arg(long, env = "PATCHCORD_TLS_CERTIFICATE", value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// PEM file of its private key.
    #[arg(long, env = "PATCHCORD_TLS_KEY", value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
}

impl TlsArgs {
    fn files(self) -> Option<TlsFiles> {
        let (certificate, key) = self.tls_certificate.zip(self.tls_key)?;
        Some(TlsFiles { certificate, key })
    }
}

/// For how long people stay signed in, and what they did is kept.
#[derive(Args)]
struct AccessArgs {
    /// Minutes without a request after which somebody is signed out.
    #[arg(long, env = "PATCHCORD_SESSION_IDLE_MINUTES", value_name = "MINUTES", default_value_t = 60, value_parser = at_least_one())]
    session_idle_minutes: u16,
    /// Hours after which somebody is signed out in any case.
    #[arg(long, env = "PATCHCORD_SESSION_HOURS", value_name = "HOURS", default_value_t = 12, value_parser = at_least_one())]
    session_hours: u16,
    /// Days for which the audit log is kept.
    #[arg(long, env = "PATCHCORD_AUDIT_DAYS", value_name = "DAYS", default_value_t = AccessSettings::default().audit_days)]
    audit_days: u16,
}

impl From<AccessArgs> for AccessSettings {
    fn from(args: AccessArgs) -> Self {
        Self {
            session_idle: Duration::from_secs(60 * u64::from(args.session_idle_minutes)),
            session_longest: Duration::from_secs(3_600 * u64::from(args.session_hours)),
            audit_days: args.audit_days,
        }
    }
}

fn at_least_one() -> RangedI64ValueParser<u16> {
    RangedI64ValueParser::new().range(1..)
}

/// A network, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let one = text.parse::<IpAddr>().map(IpNet::from);
    let wrong = |_| "write an address such as 10.0.0.7 or a network such as 10.0.0.0/8".to_owned();
    one.or_else(|_| text.parse::<IpNet>()).map_err(wrong)
}

/// The line that says where everything is.
#[derive(Serialize)]
struct Ready<'a> {
    url: &'a Url,
    console: String,
    redirect_uri: Url,
    data: PathBuf,
    token_file: PathBuf,
    blocks: usize,
    /// Where the first user is made; none where there are users.
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_link: Option<Url>,
}

pub(crate) async fn run(args: ServeArgs, how: Output) -> Result<()> {
    let stop = signals::stop()?;
    let folder = args.data.folder()?;
    let blocks = BlockSettings {
        folders: args.blocks,
        trusted_keys: args.trusted_keys,
        require_signed: args.require_signed,
        limits: args.block_limits.as_deref().map(read_limits).transpose()?.unwrap_or_default(),
        registries: args.registries.into(),
        compiled: None,
    };
    let RunArgs { trace_days, recording_days, key_hours } = args.runs;
    let runs = RunSettings { trace_days, recording_days, key_hours };
    let access = args.access.into();
    // Before the steps of runs that are resumed.
    record_metrics();
    let patchcord = args.data.open(blocks, runs, args.fetch_hosts, access).await?;
    local::ensure_token(&folder, &patchcord).await?;
    let config = ServerConfig {
        listen: args.listen,
        public_url: args.public_url,
        tls: args.tls.files(),
        trusted_proxies: args.trusted_proxies,
    };
    let server = Server::bind(patchcord.clone(), config).await?;
    let hung_up = (patchcord.clone(), server.tls());
    let reloading = tokio::spawn(signals::at_each_hangup(move || {
        let (patchcord, tls) = hung_up.clone();
        async move { reload(&patchcord, tls.as_ref()).await }
    })?);
    let setup_code = patchcord.users().setup_code().await?;
    let redirect_uri = server.redirect_uri();
    let ready = Ready {
        url: server.public_url(),
        console: redirect_uri.join(".")?.to_string(),
        redirect_uri,
        token_file: local::token_file(&folder),
        data: folder,
        blocks: patchcord.blocks().len(),
        setup_link: setup_code.map(|code| server.setup_link(&code)),
    };
    match how.json {
        true => output::json_line(&ready)?,
        false => greet(&ready),
    }
    server.run(stop).await?;
    reloading.abort();
    patchcord.close().await;
    Ok(())
}

fn read_limits(file: &Path) -> Result<LimitBounds> {
    let what = || format!("the file with the limits of blocks, {}", file.display());
    let text = std::fs::read_to_string(file).with_context(what)?;
    serde_json::from_str(&text).with_context(what)
}

fn greet(ready: &Ready<'_>) {
    say!("Patchcord answers calls at {}", ready.url);
    say!("  console       {}", ready.console);
    say!("  API token     in {}, for this machine's programs", ready.token_file.display());
    say!("  redirect URI  {}  (register it in Entra ID)", ready.redirect_uri);
    say!("  data folder   {}", ready.data.display());
    say!("  blocks        {}", ready.blocks);
    say!("Ctrl-C stops it.");
    if let Some(link) = &ready.setup_link {
        // On its own way out: what is printed may be kept in a file, and this is a key.
        eprintln!(
            "\nNobody can sign in yet. Make the first administrator here, once and within an hour:\n  {link}"
        );
    }
}

async fn reload(patchcord: &Patchcord, tls: Option<&TlsReload>) {
    if let Some(tls) = tls {
        match tls.reload().await {
            Ok(()) => tracing::info!("certificate and key were read again"),
            Err(error) => tracing::error!(%error, "certificate and key stay as they were"),
        }
    }
    match patchcord.reload_blocks().await {
        Ok(()) => tracing::info!("the blocks were read again"),
        Err(error) => tracing::error!(%error, "the blocks could not be read again"),
    }
}
