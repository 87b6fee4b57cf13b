//! Blocks in a registry that was not written here: the reference implementation of the OCI distribution specification.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use patchcord::{BlockSettings, Registries, push_block};
use reqwest::StatusCode;
use tempfile::TempDir;

use super::kit::{Host, ID, block};

/// `docker-registry`, its images in a folder of its own.
struct Registry {
    process: Child,
    address: String,
    _folder: TempDir,
}

impl Registry {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = folder.path().join("config.yml");
        let images = folder.path().join("images");
        let text = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http: {{addr: '127.0.0.1:{port}'}}\n",
            images.display()
        );
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
        let address = format!("127.0.0.1:{port}");
        let missing = "`docker-registry` is missing: cargo xtask clients installs it";
        let registry = Self {
            process: command.spawn().expect(missing),
            address: address.clone(),
            _folder: folder,
        };
        let url = format!("http://{address}/v2/");
        for _ in 0..500 {
            if reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
                return registry;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the registry does not answer at {url}")
    }

    fn at(&self, name: &str) -> String {
        format!("oci://{}/{name}", self.address)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_pushed_and_installed_by_tag_and_by_digest() {
    let registry = Registry::start().await;
    let registries = Registries::default();
    let host = Host::open(BlockSettings::default()).await;
    let from = async |address: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant", "pop-screen")
            .append_pair("from", address)
            .finish();
        host.offer(&query, Vec::new(), None).await
    };

    let first = registry.at("acme/greet:1.0.0");
    let old = push_block(&registries, &first, block("1.0.0", "old"), None).await.unwrap();
    let (status, view) = from(&first).await;
    assert_eq!(status, StatusCode::CREATED, "{view}");
    assert_eq!(view["versions"][0]["source"], first.as_str());
    host.publish(ID).await;
    assert_eq!(host.word().await, "old");

    let second = registry.at("acme/greet:2.0.0");
    let new = push_block(&registries, &second, block("2.0.0", "new"), None).await.unwrap();
    assert_ne!(old, new);
    let (status, view) = from(&new).await;
    assert_eq!(status, StatusCode::CREATED, "by digest: {view}");
    host.publish(ID).await;
    assert_eq!(host.word().await, "new");

    // A tag can be moved; a version cannot.
    push_block(&registries, &first, block("1.0.0", "forged"), None).await.unwrap();
    let (status, problem) = from(&first).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_registry_does_not_have_is_told() {
    let registry = Registry::start().await;
    let host = Host::open(BlockSettings::default()).await;
    for (address, status, told) in [
        (registry.at("acme/none:1.0.0"), StatusCode::BAD_GATEWAY, "did not do what was asked"),
        ("oci://127.0.0.1:1/greet:1".to_owned(), StatusCode::BAD_GATEWAY, "did not do what was"),
        ("oci://greet".to_owned(), StatusCode::UNPROCESSABLE_ENTITY, "names no registry"),
        ("https://x/y:1".to_owned(), StatusCode::UNPROCESSABLE_ENTITY, "begin with oci://"),
    ] {
        let (found, problem) = host.offer(&format!("from={address}"), Vec::new(), None).await;
        assert_eq!(found, status, "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(told), "{detail}");
    }
    let (status, problem) = host.offer("from=oci://a.b/c:1", block("1.0.0", "x"), None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
}
