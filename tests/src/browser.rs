//! Programs that use the console in a real browser, against a server and an emulator of their own.
//!
//! The programs lie in `tests/browser`, the driver of the browser where `cargo xtask clients` puts it. A program says a line
//! a check and fails as a whole; its lines are this test's message. Pictures of what it saw go to `target/screenshots`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::World;
use crate::foreign::{clients_folder, here, without_proxies};

/// Longer than any program takes on a busy machine of two cores.
const AT_MOST: Duration = Duration::from_secs(540);
const CONTACTS: u32 = 200;

/// Runs `program` (a file of `tests/browser`) against a server that nobody has set up.
///
/// # Errors
/// A check of the program failed; the message is all that it printed. Or browser, driver or console are missing.
pub async fn run_in_browser(program: &str) -> Result<()> {
    let clients = clients_folder();
    ensure!(
        clients.join("browser").join("installed-from").is_file(),
        "install the driver of the browser first: cargo xtask clients"
    );
    let world = World::bare(CONTACTS).await?;
    let page = world.api.visit(&world.api.url.join("admin/")?).await?.text().await?;
    ensure!(!page.contains("cargo xtask console"), "build the console first: cargo xtask console");
    let mut command = Command::new("node");
    command.arg(here().join("browser").join(program)).kill_on_drop(true);
    command.env("PATCHCORD_CLIENTS", std::path::absolute(&clients)?);
    command.env("CONSOLE_SETUP", setup(&world).await?.to_string());
    without_proxies(&mut command);
    let ended = tokio::time::timeout(AT_MOST, command.output()).await;
    let output = ended.with_context(|| format!("{program} did not end within {AT_MOST:?}"))??;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        bail!("{program} ended with {}:\n{said}\n{complained}", output.status);
    }
    Ok(())
}

/// What a program is told of the world in which it is.
async fn setup(world: &World) -> Result<Value> {
    let code = world.patchcord.users().setup_code().await?.context("there is no user yet")?;
    let mut link = world.api.url.join("admin/setup")?;
    link.set_fragment(Some(&format!("code={}", code.expose_secret())));
    Ok(json!({
        "url": world.api.url,
        "setup_link": link,
        "token": world.api.token.expose_secret(),
        "emulator": world.emulator.setup(),
        "scenario": serde_json::from_str::<Value>(crate::IDENTIFY_CALLER)?,
        "screenshots": screenshots()?,
    }))
}

fn screenshots() -> Result<PathBuf> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
    Ok(std::path::absolute(target)?)
}
