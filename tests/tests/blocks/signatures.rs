//! Whose blocks are taken: signatures made by the program minisign, checked against a file of trusted keys.

use std::path::{Path, PathBuf};
use std::process::Command;

use patchcord::BlockSettings;
use reqwest::StatusCode;
use tempfile::TempDir;

use super::kit::{Host, ID, block};

/// A folder with keys of minisign.
struct Keys(TempDir);

impl Keys {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Makes a key pair without a password. Returns the file of the public key.
    fn generate(&self, name: &str) -> PathBuf {
        let public = self.path(&format!("{name}.pub"));
        let secret = self.path(&format!("{name}.key"));
        minisign(&["-G", "-W", "-f", "-p"], &[&public], &["-s"], &[&secret]);
        public
    }

    fn sign(&self, name: &str, bytes: &[u8]) -> String {
        let (file, secret) = (self.path("signed.wasm"), self.path(&format!("{name}.key")));
        std::fs::write(&file, bytes).unwrap();
        minisign(&["-S", "-s"], &[&secret], &["-m"], &[&file]);
        std::fs::read_to_string(self.path("signed.wasm.minisig")).unwrap()
    }
}

fn minisign(first: &[&str], one: &[&Path], second: &[&str], other: &[&Path]) {
    let mut command = Command::new("minisign");
    command.args(first).args(one).args(second).args(other).stdin(std::process::Stdio::null());
    let output = command.output().expect("`minisign` is missing: cargo xtask clients installs it");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_signatures_are_required_only_blocks_of_trusted_keys_are_taken() {
    let keys = Keys::new();
    let (trusted, other) = (keys.generate("trusted"), keys.generate("other"));
    let list = keys.path("trusted-keys");
    let key = std::fs::read_to_string(trusted).unwrap();
    let key = key.lines().nth(1).unwrap();
    std::fs::write(&list, format!("# who may\n\n{key} Acme Ltd\n")).unwrap();
    let settings = BlockSettings {
        trusted_keys: Some(list.clone()),
        require_signed: true,
        ..BlockSettings::default()
    };
    let host = Host::open(settings).await;
    let bytes = block("1.0.0", "x");
    let by_trusted = keys.sign("trusted", &bytes);
    let by_other = keys.sign("other", &bytes);
    let for_others = keys.sign("trusted", &block("2.0.0", "x"));
    for (signature, told) in [
        (None, "the block is not signed"),
        (Some(by_other.as_str()), "by no trusted key"),
        (Some(for_others.as_str()), "for other bytes than these"),
        (Some("none"), "cannot be read"),
    ] {
        let (status, problem) = host.offer("grant=pop-screen", bytes.clone(), signature).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(told), "{detail}");
    }
    let (status, view) = host.offer("grant=pop-screen", bytes.clone(), Some(&by_trusted)).await;
    assert_eq!(status, StatusCode::CREATED, "{view}");
    assert_eq!(view["versions"][0]["signed_by"], "Acme Ltd");
    host.publish(ID).await;
    let host = host.reopen().await;
    assert_eq!(host.word().await, "x");

    // A key that is trusted no longer takes its blocks with it.
    std::fs::copy(other, &list).unwrap();
    let host = host.reopen().await;
    assert!(host.api.call_from("one", "1").await.is_err());
    assert_eq!(host.patchcord.blocks().iter().filter(|b| b.manifest.id == ID).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_beside_a_file_counts() {
    let keys = Keys::new();
    let trusted = keys.generate("trusted");
    let folder = TempDir::new().unwrap();
    let bytes = block("1.0.0", "x");
    std::fs::write(folder.path().join("a.wasm"), &bytes).unwrap();
    std::fs::write(folder.path().join("a.wasm.minisig"), keys.sign("trusted", &bytes)).unwrap();
    std::fs::write(folder.path().join("b.wasm"), block("2.0.0", "x")).unwrap();
    let settings = BlockSettings {
        folders: vec![folder.path().to_owned()],
        trusted_keys: Some(trusted),
        require_signed: true,
        ..BlockSettings::default()
    };
    let host = Host::open(settings).await;
    let versions = host.get(&format!("/v1/blocks/{ID}")).await["versions"].clone();
    assert_eq!(versions.as_array().unwrap().len(), 1, "{versions}");
    assert_eq!(versions[0]["version"], "1.0.0");
    let signer = versions[0]["signed_by"].as_str().unwrap();
    assert!(signer.starts_with("minisign public key"), "the comment of its file: {signer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_keys_that_is_wrong_keeps_the_server_from_starting() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("keys");
    for (text, told) in
        [("", "there is no key in it"), ("# x\nnot a key\n", "line 2: no minisign public key")]
    {
        std::fs::write(&path, text).unwrap();
        let config = patchcord::Config {
            data: folder.path().join("data"),
            key: patchcord::store::KeySource::File,
            blocks: BlockSettings { trusted_keys: Some(path.clone()), ..Default::default() },
            runs: patchcord::RunSettings::default(),
            fetch_hosts: Vec::new(),
            access: patchcord::AccessSettings::default(),
        };
        let error = patchcord::Patchcord::open(config).await.err().unwrap().to_string();
        assert!(error.contains(told) && error.contains("keys"), "{error}");
    }
}
