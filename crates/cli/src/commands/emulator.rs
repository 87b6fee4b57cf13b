//! `patchcord emulator`: Entra ID and Dynamics 365 on this machine.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use patchcord_emulator::{Caller, Emulator, EmulatorConfig, Limits, Setup};
use serde::Serialize;

use crate::args::Output;
use crate::{output, signals};

#[derive(Args)]
pub(crate) struct EmulatorArgs {
    /// Address and port for http; loopback only, port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8470")]
    http: SocketAddr,
    /// Address and port for https; loopback only, port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8471")]
    https: SocketAddr,
    /// Folder for its database, its local CA and its certificate [default: a temporary one, with a database in memory].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// File with the $metadata of an organisation, to take the tables from [default: the standard tables].
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// File with the tenants, users and app registrations; it is only read [default: directory.toml in the data folder, or a built-in one].
    #[arg(long, value_name = "FILE")]
    directory: Option<PathBuf>,
    /// Number of contacts made at the first start.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    seed: u32,
    /// Service protection limits: off, documented, or other numbers as requests=20,execution-ms=5000,concurrent=4,
    /// window-seconds=10,request-ms=100,count-batch-operations=true, of which those left out are the documented ones.
    #[arg(long, value_name = "LIMITS", default_value = "off")]
    limits: Limits,
}

/// The line that says where everything is, and how to get in.
#[derive(Serialize)]
struct Ready<'a> {
    #[serde(flatten)]
    setup: &'a Setup,
    /// Somebody who is among the contacts.
    sample_caller: Option<Caller>,
}

pub(crate) async fn run(args: EmulatorArgs, how: Output) -> Result<()> {
    let stop = signals::stop()?;
    let config = EmulatorConfig {
        http: Some(args.http),
        https: Some(args.https),
        data: args.data,
        directory: args.directory,
        seed: args.seed,
        limits: args.limits,
        metadata: args.metadata,
        progress: Some(report),
    };
    let emulator = Emulator::start(config).await?;
    let sample_caller = (args.seed > 0).then(|| emulator.caller(0));
    let ready = Ready { setup: emulator.setup(), sample_caller };
    match how.json {
        true => output::json_line(&ready)?,
        false => greet(&ready),
    }
    stop.await;
    emulator.stop().await;
    Ok(())
}

/// Says on stderr how far the contacts are made, where that takes long enough to be waited for.
fn report(done: u32, all: u32) {
    eprintln!("making contacts and what belongs to them: {done} of {all} rows");
}

fn greet(ready: &Ready<'_>) {
    let setup = ready.setup;
    say!(
        "This is an EMULATOR of Entra ID and Dynamics 365: for trying out and for tests, never for real data."
    );
    let mut table = output::table(&["Setting", "Value"]);
    let mut row = |name: &str, value: String| {
        table.add_row([name.to_owned(), value]);
    };
    row("start page", format!("{}/", setup.http_url));
    row("https", setup.https_url.clone().unwrap_or_default());
    row(
        "CA certificate",
        setup.ca_file.as_ref().map(|file| file.display().to_string()).unwrap_or_default(),
    );
    row("tenant", setup.tenant.clone());
    row("client ID", setup.client_id.clone());
    row("client secret", setup.client_secret.clone());
    row("user", setup.user.clone());
    row("password", setup.password.clone());
    row("authorization URL", setup.authorization_url.clone());
    row("token URL", setup.token_url.clone());
    row("API URL", setup.api_url.clone());
    if let Some(caller) = &ready.sample_caller {
        row("a caller", format!("{}, {}", caller.full_name, caller.phone));
    }
    say!("{table}");
    say!(
        "Clients that insist on https trust it by the CA certificate above: curl --cacert FILE, REQUESTS_CA_BUNDLE=FILE, \
         NODE_EXTRA_CA_CERTS=FILE."
    );
    say!("Ctrl-C stops it.");
}
