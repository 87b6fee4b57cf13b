//! Secrets that are made here: random and long, so that a fast hash of one is enough to know it again by. Passwords, which
//! people think of, are not among them (`users/password.rs`).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::TryRngCore;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A new secret of 256 bits, in letters that may stand in an address.
pub(crate) fn random() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// A new secret, for whoever is to be known again by it.
pub fn new_secret() -> SecretString {
    random().into()
}

pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without random numbers of the operating system no secret can be made: there is nothing to go on with.
    rand::rngs::OsRng
        .unwrap_err()
        .try_fill_bytes(&mut bytes)
        .unwrap_or_else(|never| match never {});
    bytes
}

/// SHA-256, by which a secret is known again.
pub(crate) fn digest(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
