//! TLS by certificate files: served, read again, and refused in words.

use std::path::{Path, PathBuf};

use patchcord_server::{ServerConfig, TlsFiles};
use rcgen::{CertificateParams, KeyPair};
use reqwest::{Certificate, StatusCode};
use tempfile::TempDir;

use crate::kit::World;

/// A certificate for this machine and its key, in a folder. Returns the certificate.
fn write(folder: &Path) -> Certificate {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    std::fs::write(folder.join("certificate.pem"), &certificate).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    Certificate::from_pem(certificate.as_bytes()).unwrap()
}

fn files(folder: &Path) -> TlsFiles {
    let file = |name: &str| folder.join(name);
    TlsFiles { certificate: file("certificate.pem"), key: file("key.pem") }
}

/// A client that trusts this certificate and no other.
fn trusting(certificate: Certificate) -> reqwest::Client {
    reqwest::Client::builder().tls_certs_only([certificate]).no_proxy().build().unwrap()
}

#[tokio::test]
async fn it_serves_https_and_takes_another_certificate_without_a_restart() {
    let folder = TempDir::new().unwrap();
    let first = trusting(write(folder.path()));
    let tls = Some(files(folder.path()));
    let world = World::listening(ServerConfig { tls, ..ServerConfig::default() }).await;
    assert_eq!(world.url.scheme(), "https");
    let health = world.url.join("/healthz").unwrap();
    let answer = first.get(health.clone()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers().contains_key("strict-transport-security"));

    let tls = world.tls.clone().unwrap();
    std::fs::write(folder.path().join("key.pem"), "rubbish").unwrap();
    tls.reload().await.unwrap_err();
    let again = first.get(health.clone()).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::OK, "files that are no good change nothing");

    let second = trusting(write(folder.path()));
    second.get(health.clone()).send().await.unwrap_err();
    tls.reload().await.unwrap();
    assert_eq!(second.get(health).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named_with_what_is_wrong() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    write(folder.path());
    let (certificate, key) = (path("certificate.pem"), path("key.pem"));
    let other = path("other");
    std::fs::create_dir(&other).unwrap();
    write(&other);
    std::fs::write(path("empty.pem"), "").unwrap();
    let locked =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    std::fs::write(path("locked.pem"), locked).unwrap();
    let cases: [(PathBuf, PathBuf, &str, &str); 6] = [
        (path("missing.pem"), key.clone(), "missing.pem", "cannot read"),
        (path("empty.pem"), key.clone(), "empty.pem", "there is no certificate in it"),
        (key.clone(), key.clone(), "key.pem", "only: PRIVATE KEY"),
        (certificate.clone(), certificate.clone(), "certificate.pem", "no private key in it"),
        (certificate.clone(), path("locked.pem"), "locked.pem", "protected by a password"),
        (certificate.clone(), other.join("key.pem"), "other/key.pem", "cannot be used"),
    ];
    let world = World::open().await;
    for (certificate, key, file, problem) in cases {
        let tls = Some(TlsFiles { certificate, key });
        let config = ServerConfig { tls, ..ServerConfig::default() };
        let error = patchcord_server::Server::bind(world.patchcord.clone(), config).await;
        let error = error.err().unwrap().to_string();
        assert!(error.contains(file) && error.contains(problem), "{file}: {error}");
    }
}
