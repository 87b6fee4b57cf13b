//! What the client proves itself with to Entra ID.
//!
//! A client secret today; the enum is open for a certificate. It is compared only to see whether an
//! administrator changed it, in the same process that holds both values.

use secrecy::{ExposeSecret, SecretString};

/// The credential of an account's app registration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ClientCredential {
    /// The *value* (not the ID) of a client secret.
    Secret(SecretString),
}

impl ClientCredential {
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        let (Self::Secret(this), Self::Secret(that)) = (self, other);
        this.expose_secret() == that.expose_secret()
    }
}
