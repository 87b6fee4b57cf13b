//! A part of the demo that runs as a process of its own and says in one line of JSON when it is ready.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// How long a part may take until it is ready: blocks are compiled on the way.
const PATIENCE: Duration = Duration::from_secs(120);

/// A part that is running; it ends with this value.
pub(super) struct Child {
    process: tokio::process::Child,
}

impl Child {
    /// Starts this same program with other arguments, and waits until it is ready.
    pub(super) async fn start<T: DeserializeOwned>(
        name: &str,
        arguments: &[&str],
    ) -> Result<(Self, T)> {
        let program = std::env::current_exe().context("cannot tell where this program lies")?;
        let mut command = Command::new(program);
        // Ctrl-C is for the demo, which then ends its parts; otherwise it would see them end before it.
        #[cfg(unix)]
        command.process_group(0);
        let mut process = command
            .args(arguments)
            .env("PATCHCORD_LOG", std::env::var("PATCHCORD_LOG").unwrap_or_else(|_| "warn".into()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let stdout = process.stdout.take().with_context(|| format!("{name} has no output"))?;
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let line =
            line.with_context(|| format!("{name} was not ready within {} s", PATIENCE.as_secs()))?;
        let Some(line) = line? else {
            let status = process.wait().await?;
            bail!("{name} did not start ({status})");
        };
        let ready = serde_json::from_str(&line).with_context(|| format!("{name} said: {line}"))?;
        Ok((Self { process }, ready))
    }

    /// Whether it is still running.
    pub(super) fn is_up(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Ready when it has ended.
    pub(super) async fn ended(&mut self) -> String {
        match self.process.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }
}
