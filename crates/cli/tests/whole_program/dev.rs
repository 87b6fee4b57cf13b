//! `patchcord dev` beside a running server: a change is built, installed and run; a mistake is shown; Ctrl-C ends it.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::kit::{self, Server, signal};
use crate::languages::{cache, languages, patchcord};

/// A running `patchcord dev`, and the events that it prints.
struct Dev {
    child: Child,
    events: Lines<BufReader<ChildStdout>>,
}

impl Dev {
    fn start(project: &Path, server: &Server, data: &Path) -> Self {
        let mut command = kit::patchcord(&["dev", "--json", "--property", "number=withheld"]);
        command.args(["--property", "greeting=hello", "--server", server.api.url.as_str()]);
        command.arg("--tools").arg(languages().join("javascript")).arg("--data").arg(data);
        let mut child = command
            .arg(project)
            .env("PATCHCORD_CACHE", cache())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let events = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, events }
    }

    /// The next event of that name; what comes before it is passed over, but for a failure.
    fn wait_for(&mut self, name: &str) -> Value {
        for line in self.events.by_ref() {
            let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if event["event"] == name {
                return event;
            }
            assert_ne!(event["event"], "failed", "{event:#}");
        }
        panic!("it ended without {name}");
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_built_installed_and_run_again() {
    let folder = TempDir::new().unwrap();
    let (project, data) = (folder.path().join("greeting"), folder.path().join("data"));
    let made = ["block", "new", "greeting", "--language", "javascript", "--dir"];
    assert!(patchcord(&[&made[..], &[project.to_str().unwrap()]].concat()).status.success());
    let emulator = patchcord_tests::emulator(10).await.unwrap();
    let server = Server::start(&data);
    let account = server.api.add_account(&emulator).await.unwrap();
    server.api.consent(&account, &emulator).await.unwrap();
    let mut dev = Dev::start(&project, &server, &data);
    dev.wait_for("watching");
    let installed = dev.wait_for("installed");
    assert_eq!(installed["id"], "example.greeting");
    assert_eq!(installed["granted"], serde_json::json!(["query", "table:contacts"]));
    let ran = dev.wait_for("ran");
    assert_eq!(ran["exit"], "no_data", "{ran:#}");
    assert_eq!(ran["log"][0]["message"], "nobody has this number");

    let source = project.join("block.js");
    let text = std::fs::read_to_string(&source).unwrap();
    std::fs::write(&source, "export function {").unwrap();
    let failed = dev.wait_for("failed");
    assert!(failed["message"].as_str().unwrap().contains("componentize-qjs failed"), "{failed:#}");

    std::fs::write(&source, text.replace("nobody has this number", "never heard of it")).unwrap();
    let ran = dev.wait_for("ran");
    assert_eq!(ran["log"][0]["message"], "never heard of it", "{ran:#}");

    signal("INT", &dev.child.id().to_string());
    assert_eq!(dev.child.wait().unwrap().code(), Some(0));
}
