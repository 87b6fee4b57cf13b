//! What the client proves itself with to Entra ID: a client secret, or a certificate with its private key.
//!
//! A credential is compared only to see whether an administrator changed it, in the same process that holds both
//! values.

pub(crate) mod assertion;
mod certificate;
mod certificate_file;

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

pub use certificate::{Certificate, Thumbprints};
pub use certificate_file::{CertificateError, CertificateFiles};

/// The credential of an account's app registration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ClientCredential {
    /// The *value* (not the ID) of a client secret.
    Secret(SecretString),
    /// A certificate that is uploaded to the app registration, and its private key.
    Certificate(Arc<Certificate>),
}

impl ClientCredential {
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Secret(this), Self::Secret(that)) => {
                this.expose_secret() == that.expose_secret()
            }
            (Self::Certificate(this), Self::Certificate(that)) => {
                this.thumbprints() == that.thumbprints()
            }
            (Self::Secret(_), Self::Certificate(_)) | (Self::Certificate(_), Self::Secret(_)) => {
                false
            }
        }
    }
}
