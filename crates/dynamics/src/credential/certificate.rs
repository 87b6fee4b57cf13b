//! A certificate with its private key, proven to belong together.
//!
//! Entra ID takes RSA only for `PS256` ("Microsoft identity platform application authentication certificate
//! credentials"). The key is kept as PEM text, the form that is sealed in the store; it is shown nowhere. Whether the
//! certificate has expired is not judged here: an account whose certificate has just expired must still be read.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha1::{Digest, Sha1};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::CertificateError;

/// Object identifier of RSA keys (RFC 3279, `rsaEncryption`).
const RSA: &str = "1.2.840.113549.1.1.1";

/// A certificate and its private key.
pub struct Certificate {
    key: SecretString,
    signing: EncodingKey,
    der: Vec<u8>,
    subject: String,
    not_after: Timestamp,
    thumbprints: Thumbprints,
}

/// What tells a certificate from others, in hexadecimal capitals as Entra ID's page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thumbprints {
    /// SHA-1 of the certificate: the column *Thumbprint* of the app registration.
    pub sha1: String,
    /// SHA-256 of the certificate.
    pub sha256: String,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("not_after", &self.not_after)
            .field("thumbprints", &self.thumbprints)
            .finish_non_exhaustive()
    }
}

impl Certificate {
    /// From the key as PEM (PKCS#8 or PKCS#1) and the certificate as DER.
    pub(super) fn new(key: SecretString, der: Vec<u8>) -> Result<Self, CertificateError> {
        let (_, read) =
            X509Certificate::from_der(&der).map_err(|_| CertificateError::UnreadableCertificate)?;
        let public = read.public_key();
        if public.algorithm.algorithm.to_id_string() != RSA {
            return Err(CertificateError::NotRsa);
        }
        let signing = EncodingKey::from_rsa_pem(key.expose_secret().as_bytes())
            .map_err(|_| unusable(&key))?;
        belong_together(&signing, &public.subject_public_key.data)?;
        let seconds = read.validity().not_after.timestamp();
        let not_after = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        let subject = read.subject().to_string();
        let thumbprints = Thumbprints {
            sha1: capitals(&Sha1::digest(&der)),
            sha256: capitals(&<sha2::Sha256 as sha2::Digest>::digest(&der)),
        };
        Ok(Self { key, signing, der, subject, not_after, thumbprints })
    }

    /// Until when it is valid.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Whose it is, such as `CN=patchcord`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What tells it from others.
    pub fn thumbprints(&self) -> &Thumbprints {
        &self.thumbprints
    }

    /// Key and certificate in one PEM text, to be sealed; [`Self::from_secret_text`] reads it.
    pub fn to_secret_text(&self) -> SecretString {
        let certificate = pem::encode(&pem::Pem::new("CERTIFICATE", self.der.clone()));
        SecretString::from(format!("{}\n{certificate}", self.key.expose_secret().trim_end()))
    }

    /// Reads what [`Self::to_secret_text`] wrote.
    ///
    /// # Errors
    /// The text is anything else.
    pub fn from_secret_text(text: &SecretString) -> Result<Self, CertificateError> {
        super::CertificateFiles { file: text.expose_secret().as_bytes(), ..Default::default() }
            .read()
    }

    pub(super) fn signing_key(&self) -> &EncodingKey {
        &self.signing
    }

    /// The header `x5t#S256` (RFC 7515, 4.1.8).
    pub(super) fn x5t_s256(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(<sha2::Sha256 as sha2::Digest>::digest(&self.der))
    }
}

/// Signs with the key and verifies with the certificate: what Entra ID will do.
fn belong_together(key: &EncodingKey, public: &[u8]) -> Result<(), CertificateError> {
    const MESSAGE: &[u8] = b"does this key belong to this certificate?";
    let signature =
        crypto::sign(MESSAGE, key, Algorithm::PS256).map_err(|_| CertificateError::WeakKey)?;
    let public = DecodingKey::from_rsa_der(public);
    match crypto::verify(&signature, MESSAGE, &public, Algorithm::PS256) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(CertificateError::OtherKey),
    }
}

fn unusable(key: &SecretString) -> CertificateError {
    match EncodingKey::from_ec_pem(key.expose_secret().as_bytes()) {
        Ok(_) => CertificateError::NotRsa,
        Err(_) => CertificateError::UnreadableKey,
    }
}

fn capitals(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
