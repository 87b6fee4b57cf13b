//! Programs that run clients which were not written here against an emulator of their own.
//!
//! The programs lie in `tests/clients`, the clients where `cargo xtask clients` puts them. A
//! program says a line a check and fails as a whole; its lines are this test's message.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use patchcord_emulator::{Emulator, EmulatorConfig};
use tokio::process::Command;

/// Longer than any program takes on a busy machine of two cores.
const AT_MOST: Duration = Duration::from_secs(240);

/// Where a developer's proxy is told, which has no business with loopback.
const PROXIES: [&str; 6] =
    ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// Starts an emulator with https alone and runs `program` (`python/….py` or `node/….mjs`).
///
/// # Errors
/// A check of the program failed; the message is all that it printed. Or the clients are not
/// installed.
pub async fn run_client(program: &str) -> Result<()> {
    let clients = clients()?;
    let https = Some(([127, 0, 0, 1], 0).into());
    let config = EmulatorConfig { http: None, https, seed: 100, ..EmulatorConfig::default() };
    let emulator = Emulator::start(config).await?;
    let ended =
        tokio::time::timeout(AT_MOST, command(program, &clients, &emulator)?.output()).await;
    let output = ended.with_context(|| format!("{program} did not end within {AT_MOST:?}"))??;
    emulator.stop().await;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        bail!("{program} ended with {}:\n{said}\n{complained}", output.status);
    }
    Ok(())
}

/// Where `cargo xtask clients` has put them.
pub(crate) fn clients() -> Result<PathBuf> {
    let folder = clients_folder();
    let installed = |name: &str| folder.join(name).join("installed-from").is_file();
    ensure!(
        ["python", "node", "servers"].iter().all(|name| installed(name)),
        "install the clients first: cargo xtask clients"
    );
    Ok(std::path::absolute(folder)?)
}

/// Where all of it goes, whether it is there or not.
pub(crate) fn clients_folder() -> PathBuf {
    let given = std::env::var_os("PATCHCORD_CLIENTS").map(PathBuf::from);
    given.unwrap_or_else(|| here().join("../target/clients"))
}

/// The folder of this package.
pub(crate) fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn command(program: &str, clients: &Path, emulator: &Emulator) -> Result<Command> {
    let setup = emulator.setup();
    let ca = setup.ca_file.as_ref().context("an emulator with https has a CA")?;
    let interpreter = match program.split_once('/') {
        Some(("python", _)) => clients.join("python/bin/python"),
        Some(("node", _)) => PathBuf::from("node"),
        _ => bail!("{program} is neither in python/ nor in node/"),
    };
    let mut command = Command::new(interpreter);
    command.arg(here().join("clients").join(program)).kill_on_drop(true);
    command.env("EMULATOR_SETUP", serde_json::to_string(setup)?);
    command.env("PATCHCORD_CLIENTS", clients);
    for name in ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
        command.env(name, ca);
    }
    // Nothing is written beside the programs, and a warning is no finding.
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
    command.env("PYTHONWARNINGS", "ignore");
    without_proxies(&mut command);
    Ok(command)
}

/// Keeps a program from asking a proxy for loopback.
pub(crate) fn without_proxies(command: &mut Command) {
    for proxy in PROXIES {
        command.env_remove(proxy);
    }
}
