//! Blocks in OCI registries, as the wasm working group of the CNCF lays them out: an artifact with one layer of the type
//! `application/wasm`, and here perhaps a second one with its minisign signature.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::TryStreamExt;
use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::manifest::{OciDescriptor, OciImageManifest};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use serde::Deserialize;

use super::LARGEST_BLOCK;

/// How an address of a block in a registry begins.
pub(crate) const SCHEME: &str = "oci://";
const WASM: &str = "application/wasm";
const WASM_CONFIG: &str = "application/vnd.wasm.config.v0+json";
const SIGNATURE: &str = "application/vnd.minisign.signature";
/// How long a registry may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// How OCI registries are asked.
#[derive(Debug, Clone, Default)]
pub struct Registries {
    /// User names and passwords: a file as `docker login` and `oras login` write it (`config.json`). None asks without.
    pub auth: Option<PathBuf>,
    /// Registries that speak plain HTTP, such as `registry.internal:5000`. Those on this machine do so without being
    /// named.
    pub plain_http: Vec<String>,
}

/// A registry did not give or take a block.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The address makes no sense.
    #[error(
        "`{reference}` is no address of a block in a registry, such as oci://ghcr.io/acme/greet:1.0.0: {problem}"
    )]
    Address {
        /// What was given.
        reference: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The file with user names and passwords cannot be used. What is in it is not told.
    #[error("the file with the registries' passwords {}: {problem}", path.display())]
    Auth {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// What is there is no block.
    #[error("{reference} holds no block: {problem}")]
    NoBlock {
        /// Where.
        reference: String,
        /// What it holds.
        problem: String,
    },
    /// The registry refused or could not be reached.
    #[error("the registry did not do what was asked for {reference}: {problem}")]
    Refused {
        /// Where.
        reference: String,
        /// What it said.
        problem: String,
    },
}

impl Registries {
    /// The block at `oci://host/name:tag` or `oci://host/name@sha256:…`, and the signature that lies with it.
    pub(super) async fn pull(
        &self,
        address: &str,
    ) -> Result<(Vec<u8>, Option<String>), RegistryError> {
        let reference = parse(address)?;
        let client = self.client(&reference);
        let refused = |error: oci_client::errors::OciDistributionError| refused(address, &error);
        let auth = self.auth(reference.registry())?;
        let manifest = client.pull_image_manifest(&reference, &auth).await.map_err(refused)?.0;
        let no_block =
            |problem: String| RegistryError::NoBlock { reference: address.to_owned(), problem };
        let types: Vec<&str> = manifest.layers.iter().map(|l| l.media_type.as_str()).collect();
        let layer = layer(&manifest, WASM).ok_or_else(|| {
            no_block(format!("no layer of type {WASM}, but {}", types.join(", ")))
        })?;
        let bytes = fetch(&client, &reference, layer).await.map_err(|error| error.told(address))?;
        let signature = match self::layer(&manifest, SIGNATURE) {
            None => None,
            Some(layer) => {
                let bytes =
                    fetch(&client, &reference, layer).await.map_err(|error| error.told(address))?;
                let text = String::from_utf8(bytes);
                Some(text.map_err(|_| no_block("its signature is no text".into()))?)
            }
        };
        Ok((bytes, signature))
    }

    fn client(&self, reference: &Reference) -> Client {
        let registry = reference.registry();
        let mut plain_http = self.plain_http.clone();
        plain_http.extend(is_here(registry).then(|| registry.to_owned()));
        Client::new(ClientConfig {
            protocol: ClientProtocol::HttpsExcept(plain_http),
            platform_resolver: None,
            read_timeout: Some(SILENCE),
            connect_timeout: Some(SILENCE),
            user_agent: concat!("patchcord/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        })
    }

    fn auth(&self, registry: &str) -> Result<RegistryAuth, RegistryError> {
        let Some(path) = &self.auth else {
            return Ok(RegistryAuth::Anonymous);
        };
        let wrong = |problem: String| RegistryError::Auth { path: path.clone(), problem };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        // The reader's own message could quote the file.
        let file: AuthFile = serde_json::from_str(&text)
            .map_err(|error| wrong(format!("line {}: not as docker writes it", error.line())))?;
        let Some(entry) = file.auths.get(registry) else {
            return Ok(RegistryAuth::Anonymous);
        };
        let pair = entry.auth.as_deref().and_then(|encoded| {
            let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
            let (user, password) = decoded.split_once(':')?;
            Some(RegistryAuth::Basic(user.to_owned(), password.to_owned()))
        });
        pair.ok_or_else(|| wrong(format!("the `auth` of {registry} is no base64 of user:password")))
    }
}

/// Puts a block, and its signature where there is one, into a registry. Returns the address by digest.
///
/// # Errors
/// The address makes no sense, or the registry refused.
pub async fn push_block(
    registries: &Registries,
    address: &str,
    bytes: Vec<u8>,
    signature: Option<String>,
) -> Result<String, RegistryError> {
    let reference = parse(address)?;
    let client = registries.client(&reference);
    let auth = registries.auth(reference.registry())?;
    let digest = format!("sha256:{}", patchcord_runtime::digest(&bytes));
    let config = serde_json::json!({
        "architecture": "wasm", "os": "wasip2", "layerDigests": [digest], "component": {}
    });
    let config = Config::new(config.to_string().into_bytes(), WASM_CONFIG.into(), None);
    let mut layers = vec![ImageLayer::new(bytes, WASM.into(), None)];
    layers.extend(signature.map(|text| ImageLayer::new(text.into_bytes(), SIGNATURE.into(), None)));
    let manifest = OciImageManifest::build(&layers, &config, None);
    let pushed = client.push(&reference, &layers, config, &auth, Some(manifest)).await;
    pushed.map_err(|error| refused(address, &error))?;
    let digest = client.fetch_manifest_digest(&reference, &auth).await;
    let digest = digest.map_err(|error| refused(address, &error))?;
    Ok(format!("{SCHEME}{}/{}@{digest}", reference.registry(), reference.repository()))
}

/// A file of `docker login`, as far as it matters here.
#[derive(Deserialize)]
struct AuthFile {
    #[serde(default)]
    auths: std::collections::HashMap<String, AuthEntry>,
}

#[derive(Deserialize)]
struct AuthEntry {
    auth: Option<String>,
}

fn parse(address: &str) -> Result<Reference, RegistryError> {
    let wrong = |problem: String| RegistryError::Address { reference: address.to_owned(), problem };
    let rest = address
        .strip_prefix(SCHEME)
        .ok_or_else(|| wrong(format!("it does not begin with {SCHEME}")))?;
    let reference: Reference = rest.parse().map_err(|error| wrong(format!("{error}")))?;
    // The library would fill in Docker Hub and `latest`, and nobody would know what was installed.
    if !rest.starts_with(reference.registry()) {
        return Err(wrong("it names no registry".into()));
    }
    let name = rest.rsplit('/').next().unwrap_or_default();
    if !name.contains([':', '@']) {
        return Err(wrong("it names no version: add a tag or a digest".into()));
    }
    Ok(reference)
}

/// Whether a registry is on this machine.
fn is_here(registry: &str) -> bool {
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

fn layer<'a>(manifest: &'a OciImageManifest, media_type: &str) -> Option<&'a OciDescriptor> {
    manifest.layers.iter().find(|layer| layer.media_type == media_type)
}

/// Why the content of a layer was not fetched.
enum NotFetched {
    Registry(oci_client::errors::OciDistributionError),
    Stream(std::io::Error),
    TooLarge,
}

impl NotFetched {
    fn told(self, address: &str) -> RegistryError {
        let reference = address.to_owned();
        match self {
            Self::Registry(error) => refused(address, &error),
            Self::Stream(error) => RegistryError::Refused { reference, problem: error.to_string() },
            Self::TooLarge => {
                let problem = format!("it is larger than {} MiB", LARGEST_BLOCK >> 20);
                RegistryError::NoBlock { reference, problem }
            }
        }
    }
}

/// The content of a layer; the stream ends with an error where it is not what its digest says.
async fn fetch(
    client: &Client,
    reference: &Reference,
    layer: &OciDescriptor,
) -> Result<Vec<u8>, NotFetched> {
    let mut stream =
        client.pull_blob_stream(reference, layer).await.map_err(NotFetched::Registry)?.stream;
    let mut bytes = Vec::new();
    // Counted as it comes: what the registry says of a size is only what it says.
    while let Some(part) = stream.try_next().await.map_err(NotFetched::Stream)? {
        if bytes.len() + part.len() > LARGEST_BLOCK {
            return Err(NotFetched::TooLarge);
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

fn refused(address: &str, error: &oci_client::errors::OciDistributionError) -> RegistryError {
    RegistryError::Refused { reference: address.to_owned(), problem: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_registry_and_version() {
        assert!(parse("oci://ghcr.io/acme/greet:1.0.0").is_ok());
        assert!(parse("oci://127.0.0.1:5000/greet:1.0.0-dev").is_ok());
        let digest = "a".repeat(64);
        assert!(parse(&format!("oci://ghcr.io/acme/greet@sha256:{digest}")).is_ok());
        for (address, problem) in [
            ("ghcr.io/acme/greet:1", "does not begin with oci://"),
            ("oci://greet:1", "names no registry"),
            ("oci://ghcr.io/acme/greet", "names no version"),
            ("oci://ghcr.io/Acme/greet:1", "no address of a block"),
        ] {
            let error = parse(address).unwrap_err().to_string();
            assert!(error.contains(problem), "{address}: {error}");
        }
    }

    #[test]
    fn registries_on_this_machine_speak_plain_http() {
        assert!(is_here("localhost:5000") && is_here("127.0.0.1:5000") && is_here("[::1]:5000"));
        assert!(!is_here("ghcr.io") && !is_here("localhost.example.com:5000"));
    }

    #[test]
    fn passwords_are_read_from_a_file_of_docker_and_never_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        let registries = Registries { auth: Some(path.clone()), plain_http: Vec::new() };
        let auth = BASE64_STANDARD.encode("anna:s3cret:x");
        let good = serde_json::json!({"auths": {"ghcr.io": {"auth": auth}}, "credsStore": "x"});
        std::fs::write(&path, good.to_string()).unwrap();
        let basic = RegistryAuth::Basic("anna".into(), "s3cret:x".into());
        assert_eq!(registries.auth("ghcr.io").unwrap(), basic);
        assert_eq!(registries.auth("quay.io").unwrap(), RegistryAuth::Anonymous);
        for bad in [r#"{"auths": {"ghcr.io": {"auth": "s3cret"}}}"#, r#"{"auths": "s3cret"}"#] {
            std::fs::write(&path, bad).unwrap();
            let error = registries.auth("ghcr.io").unwrap_err().to_string();
            assert!(error.contains("config.json") && !error.contains("s3cret"), "{error}");
        }
    }
}
