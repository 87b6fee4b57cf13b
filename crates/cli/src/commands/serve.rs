//! `patchcord serve`: answers calls until it is told to stop.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use patchcord::runtime::LimitBounds;
use patchcord::{BlockSettings, Patchcord, RunSettings};
use patchcord_server::{Server, ServerConfig};
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

/// The line that says where everything is.
#[derive(Serialize)]
struct Ready<'a> {
    url: &'a Url,
    console: String,
    redirect_uri: Url,
    data: PathBuf,
    token_file: PathBuf,
    blocks: usize,
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
    let patchcord = args.data.open(blocks, runs, args.fetch_hosts).await?;
    let hung_up = patchcord.clone();
    let reloading = tokio::spawn(signals::at_each_hangup(move || {
        let patchcord = hung_up.clone();
        async move { reload(&patchcord).await }
    })?);
    local::ensure_token(&folder, &patchcord).await?;
    let config = ServerConfig { listen: args.listen, public_url: args.public_url };
    let server = Server::bind(patchcord.clone(), config).await?;
    let redirect_uri = server.redirect_uri();
    let ready = Ready {
        url: server.public_url(),
        console: redirect_uri.join("/admin")?.to_string(),
        redirect_uri,
        token_file: local::token_file(&folder),
        data: folder,
        blocks: patchcord.blocks().len(),
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
    println!("Patchcord answers calls at {}", ready.url);
    println!(
        "  console       {}  (sign in with the API token in {})",
        ready.console,
        ready.token_file.display()
    );
    println!("  redirect URI  {}  (register it in Entra ID)", ready.redirect_uri);
    println!("  data folder   {}", ready.data.display());
    println!("  blocks        {}", ready.blocks);
    println!("Ctrl-C stops it.");
}

async fn reload(patchcord: &Patchcord) {
    match patchcord.reload_blocks().await {
        Ok(()) => tracing::info!("the blocks were read again"),
        Err(error) => tracing::error!(%error, "the blocks could not be read again"),
    }
}
