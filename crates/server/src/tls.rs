//! TLS by two PEM files: the certificate with those that lead to its authority, and its key.
//!
//! They are looked at before they are used, so that what is wrong is told by the file's name and in words. They can be read
//! again while the server runs: connections that there are go on as they began, and where the new files are no good the
//! ones before stay.

use std::path::{Path, PathBuf};

use axum_server::tls_rustls::RustlsConfig;

/// The files.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// PEM file of the certificate, followed by those between it and its authority.
    pub certificate: PathBuf,
    /// PEM file of its private key.
    pub key: PathBuf,
}

/// Files for TLS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}: {problem}", .file.display())]
    Content {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The two do not go together, or one of them is of a kind that is not known.
    #[error(
        "the certificate in {} and the key in {} cannot be used: {source}",
        .files.certificate.display(),
        .files.key.display()
    )]
    Together {
        /// The files.
        files: TlsFiles,
        /// Why not.
        source: std::io::Error,
    },
}

/// Reads the files of a server again.
#[derive(Debug, Clone)]
pub struct TlsReload {
    files: TlsFiles,
    config: RustlsConfig,
}

impl TlsReload {
    pub(crate) async fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let (certificate, key) = read(&files)?;
        let config = RustlsConfig::from_pem(certificate, key).await;
        match config {
            Ok(config) => Ok(Self { files, config }),
            Err(source) => Err(TlsError::Together { files, source }),
        }
    }

    pub(crate) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Connections that come from now on get what the files hold now.
    ///
    /// # Errors
    /// What is wrong with them; what was used before is used on.
    pub async fn reload(&self) -> Result<(), TlsError> {
        let (certificate, key) = read(&self.files)?;
        let reloaded = self.config.reload_from_pem(certificate, key).await;
        reloaded.map_err(|source| TlsError::Together { files: self.files.clone(), source })
    }
}

/// Certificate and key as PEM, each of the kind that it should be.
fn read(files: &TlsFiles) -> Result<(Vec<u8>, Vec<u8>), TlsError> {
    let (certificate, tags) = blocks(&files.certificate)?;
    if !tags.iter().any(|tag| tag == "CERTIFICATE") {
        return Err(content(&files.certificate, "there is no certificate in it", &tags));
    }
    let (key, tags) = blocks(&files.key)?;
    if tags.iter().any(|tag| tag == "ENCRYPTED PRIVATE KEY") {
        let problem = "the key in it is protected by a password: take that off with `openssl pkey -in … -out …`";
        return Err(TlsError::Content { file: files.key.clone(), problem: problem.into() });
    }
    if !tags.iter().any(|tag| tag.ends_with("PRIVATE KEY")) {
        return Err(content(&files.key, "there is no private key in it", &tags));
    }
    Ok((certificate, key))
}

/// The bytes of a PEM file, and what its blocks are called.
fn blocks(file: &Path) -> Result<(Vec<u8>, Vec<String>), TlsError> {
    let bytes = std::fs::read(file);
    let bytes = bytes.map_err(|source| TlsError::Read { file: file.to_owned(), source })?;
    let blocks = pem::parse_many(&bytes).map_err(|error| {
        let problem = format!("it is no PEM file: {error}");
        TlsError::Content { file: file.to_owned(), problem }
    })?;
    Ok((bytes, blocks.iter().map(|block| block.tag().to_owned()).collect()))
}

fn content(file: &Path, problem: &str, tags: &[String]) -> TlsError {
    let problem = match tags {
        [] => format!("{problem}, nor anything else in PEM"),
        tags => format!("{problem}, only: {}", tags.join(", ")),
    };
    TlsError::Content { file: file.to_owned(), problem }
}
