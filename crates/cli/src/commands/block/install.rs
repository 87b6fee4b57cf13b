//! `patchcord block install`: puts a block on the server.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::read;
use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

pub(super) async fn install(file: &Path, remote: &Remote, how: Output) -> Result<()> {
    let bytes = read(file)?;
    let view = Client::from_args(remote)?.post_bytes::<Value>(&["blocks"], bytes).await;
    let view = view.with_context(|| format!("{} was not installed", file.display()))?;
    match how.json {
        true => output::json(&view)?,
        false => {
            println!("Installed {} {}", output::text(&view["id"]), output::text(&view["version"]));
        }
    }
    Ok(())
}
