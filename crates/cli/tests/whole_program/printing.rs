//! What is printed: to whom reads no further, and by a server that stands behind a proxy.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use crate::kit::patchcord;

#[test]
fn whoever_reads_no_further_ends_the_program_quietly() {
    let folder = TempDir::new().unwrap();
    let mut listing = patchcord(&["token", "list", "--data"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(listing.stdout.take());
    let ended = listing.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success(), "{told}");
    assert!(!told.contains("panicked") && !told.contains("Broken pipe"), "{told}");
}

#[test]
fn every_address_has_the_path_under_which_a_proxy_shows_the_server() {
    let folder = TempDir::new().unwrap();
    let mut server = patchcord(&["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .args(["--public-url", "https://example.org/call"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["console"], "https://example.org/call/admin/");
    let link = ready["setup_link"].as_str().unwrap();
    assert!(link.starts_with("https://example.org/call/admin/setup#code="), "{link}");
}
