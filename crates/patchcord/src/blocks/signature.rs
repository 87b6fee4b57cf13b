//! Who vouches for a block: detached minisign (Ed25519) signatures, checked against the operator's file of trusted keys.

use std::path::{Path, PathBuf};

use minisign_verify::{PublicKey, Signature};

/// The keys whose signatures count, and whether one is needed.
#[derive(Debug, Default)]
pub(crate) struct TrustedKeys {
    keys: Vec<TrustedKey>,
    require: bool,
}

#[derive(Debug)]
struct TrustedKey {
    /// What the file says of it, or the key itself.
    name: String,
    key: PublicKey,
}

/// Why a signature does not let a block pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It has none, and this host requires one.
    #[error(
        "the block is not signed, and this host takes only blocks that a trusted key has signed: sign it with \
         `minisign -Sm BLOCK.wasm` and send the .minisig file with it"
    )]
    Missing,
    /// It is none.
    #[error(
        "the signature cannot be read: {0}; a minisign signature is the content of a .minisig file"
    )]
    Unreadable(String),
    /// No trusted key made it for these bytes.
    #[error("the signature is by no trusted key, or for other bytes than these: {0}")]
    Untrusted(String),
}

/// The file of trusted keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the file of trusted keys {}: {problem}", path.display())]
pub struct TrustedKeysError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it, with the line.
    pub problem: String,
}

impl TrustedKeys {
    /// Reads a file of minisign public keys: each key on a line of its own, as `minisign -G` writes it (its comment line
    /// above names the key), or with its name after it. Empty lines and lines that begin with `#` are left out.
    pub(crate) fn read(file: Option<&Path>, require: bool) -> Result<Self, TrustedKeysError> {
        let Some(path) = file else {
            return Ok(Self { keys: Vec::new(), require });
        };
        let wrong = |problem: String| TrustedKeysError { path: path.to_owned(), problem };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let keys = parse(&text).map_err(wrong)?;
        if keys.is_empty() {
            return Err(wrong("there is no key in it".into()));
        }
        Ok(Self { keys, require })
    }

    /// Name of the key that signed these bytes; none where there is no signature and none is needed.
    pub(crate) fn signer(
        &self,
        bytes: &[u8],
        signature: Option<&str>,
    ) -> Result<Option<String>, SignatureError> {
        let Some(text) = signature else {
            return if self.require { Err(SignatureError::Missing) } else { Ok(None) };
        };
        let signature = Signature::decode(text)
            .map_err(|error| SignatureError::Unreadable(error.to_string()))?;
        let mut last = "this host trusts no key".to_owned();
        for trusted in &self.keys {
            // The signatures of minisign before version 0.6 hash nothing first, which would let long files cost much.
            match trusted.key.verify(bytes, &signature, false) {
                Ok(()) => return Ok(Some(trusted.name.clone())),
                Err(error) => last = error.to_string(),
            }
        }
        Err(SignatureError::Untrusted(last))
    }
}

fn parse(text: &str) -> Result<Vec<TrustedKey>, String> {
    let mut keys = Vec::new();
    let mut comment = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(said) = line.strip_prefix("untrusted comment:") {
            comment = Some(said.trim().to_owned());
        } else if !line.is_empty() && !line.starts_with('#') {
            let (encoded, name) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let key = PublicKey::from_base64(encoded)
                .map_err(|error| format!("line {}: no minisign public key ({error})", index + 1))?;
            let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
            let name = name.or_else(|| comment.take()).unwrap_or_else(|| encoded.to_owned());
            keys.push(TrustedKey { name, key });
        }
    }
    Ok(keys)
}
