//! The `patchcord` program as a process that a test can kill.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use patchcord_tests::Api;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

/// `patchcord` with these arguments, in an environment that holds nothing of the machine's.
pub(crate) fn patchcord(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_patchcord"));
    for name in [
        "PATCHCORD_DATA",
        "PATCHCORD_SERVER",
        "PATCHCORD_TOKEN",
        "PATCHCORD_LISTEN",
        "PATCHCORD_KEY",
    ] {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// A running `patchcord serve`.
pub(crate) struct Server {
    child: Child,
    /// What it said when it was ready.
    pub(crate) ready: Value,
    /// Its API, with the token that it left in its data folder.
    pub(crate) api: Api,
}

impl Server {
    /// Starts a server on a data folder and waits until it answers.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &patchcord_tests::blocks().unwrap())
    }

    /// As [`Server::start`], with the blocks of another folder.
    pub(crate) fn start_with(data: &Path, blocks: &Path) -> Self {
        Self::spawn(data, blocks, "warn", Stdio::inherit())
    }

    /// As [`Server::start`], its log at `level` going to `log`.
    pub(crate) fn start_logging(data: &Path, level: &str, log: Stdio) -> Self {
        Self::spawn(data, &patchcord_tests::blocks().unwrap(), level, log)
    }

    fn spawn(data: &Path, blocks: &Path, level: &str, log: Stdio) -> Self {
        let arguments = ["serve", "--json", "--listen", "127.0.0.1:0", "--data"];
        let mut child = patchcord(&arguments)
            .arg(data)
            .arg("--blocks")
            .arg(blocks)
            .env("PATCHCORD_LOG", level)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect("the server says that it is ready");
        let token = std::fs::read_to_string(ready["token_file"].as_str().unwrap()).unwrap();
        let url = Url::parse(ready["url"].as_str().unwrap()).unwrap();
        Self { child, ready, api: Api::new(url, SecretString::from(token.trim())) }
    }

    /// Ends it as a power cut would: SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal, such as `HUP`.
    pub(crate) fn signal(&self, name: &str) {
        signal(name, &self.child.id().to_string());
    }

    /// Waits until it has ended.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// Sends a process a signal. The shell has a `kill` of its own, a fresh machine may have no other.
pub(crate) fn signal(name: &str, process: &str) {
    let sent = Command::new("sh").args(["-c", "kill -$0 $1", name, process]).status();
    assert!(sent.unwrap().success());
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
