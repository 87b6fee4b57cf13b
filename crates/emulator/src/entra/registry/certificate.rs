//! Certificates by which an app proves itself: reading them, and their thumbprints.
//!
//! Only the public part is ever here. RSA alone, because the assertions that Entra ID takes are signed so.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::DecodingKey;
use serde::{Deserialize, Serialize};
use sha1::Digest as _;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

/// A certificate in an app's registration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Certificate {
    #[serde(default)]
    pub(crate) description: String,
    /// SHA-1 of the DER form in hexadecimal; filled in where it is left out, compared where it is not.
    #[serde(default)]
    pub(crate) thumbprint: String,
    /// SHA-256 of the DER form in hexadecimal, likewise.
    #[serde(default)]
    pub(crate) thumbprint_sha256: String,
    /// The certificate as PEM, or its DER form in base64.
    pub(crate) certificate: String,
}

/// What a certificate says.
pub(crate) struct Parsed {
    der: Vec<u8>,
    /// PKCS #1 form of the key.
    key: Vec<u8>,
    pub(crate) expires: Timestamp,
}

/// Why a certificate was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateError {
    #[error("this is no X.509 certificate in PEM or base64")]
    Unreadable,
    #[error("the file holds a private key; only the certificate belongs here")]
    PrivateKey,
    #[error("the key of the certificate is not RSA")]
    NotRsa,
    #[error("the thumbprint {0} is not that of the certificate")]
    Thumbprint(String),
}

impl Parsed {
    /// Reads PEM, base64 of DER, or DER itself.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, CertificateError> {
        let text = String::from_utf8_lossy(bytes);
        if text.contains("PRIVATE KEY-----") {
            return Err(CertificateError::PrivateKey);
        }
        let der = if bytes.first() == Some(&0x30) { bytes.to_vec() } else { decoded(&text)? };
        let (_, certificate) =
            X509Certificate::from_der(&der).map_err(|_| CertificateError::Unreadable)?;
        let info = certificate.public_key();
        match info.parsed() {
            Ok(PublicKey::RSA(_)) => {}
            _ => return Err(CertificateError::NotRsa),
        }
        let key = info.subject_public_key.data.to_vec();
        let expires = Timestamp::from_second(certificate.validity().not_after.timestamp());
        let expires = expires.unwrap_or(Timestamp::MAX);
        Ok(Self { key, expires, der })
    }

    pub(crate) fn thumbprint(&self) -> String {
        hexadecimal(&sha1::Sha1::digest(&self.der))
    }

    pub(crate) fn thumbprint_sha256(&self) -> String {
        use sha2::Digest;
        hexadecimal(&sha2::Sha256::digest(&self.der))
    }

    /// Whether a token header's `x5t` (SHA-1) names this certificate: base64url, or, as some clients have it, hexadecimal.
    pub(crate) fn is_x5t(&self, x5t: &str) -> bool {
        let digest = sha1::Sha1::digest(&self.der);
        x5t.trim_end_matches('=') == URL_SAFE_NO_PAD.encode(digest)
            || x5t.eq_ignore_ascii_case(&self.thumbprint())
    }

    /// Whether a token header's `x5t#S256` names this certificate.
    pub(crate) fn is_x5t_s256(&self, x5t: &str) -> bool {
        use sha2::Digest;
        x5t.trim_end_matches('=') == URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(&self.der))
    }

    pub(crate) fn decoding_key(&self) -> DecodingKey {
        DecodingKey::from_rsa_der(&self.key)
    }

    /// PEM, as the directory's file keeps it.
    pub(crate) fn pem(&self) -> String {
        let text = STANDARD.encode(&self.der);
        let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
        for line in text.as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem + "-----END CERTIFICATE-----\n"
    }
}

impl Certificate {
    pub(crate) fn new(description: &str, parsed: &Parsed) -> Self {
        Self {
            description: description.to_owned(),
            thumbprint: parsed.thumbprint(),
            thumbprint_sha256: parsed.thumbprint_sha256(),
            certificate: parsed.pem(),
        }
    }

    pub(crate) fn parsed(&self) -> Result<Parsed, CertificateError> {
        Parsed::read(self.certificate.as_bytes())
    }

    /// Fills in the thumbprints, or holds those that are there against the certificate.
    pub(crate) fn complete(&mut self) -> Result<(), CertificateError> {
        let parsed = self.parsed()?;
        let pairs = [
            (&mut self.thumbprint, parsed.thumbprint()),
            (&mut self.thumbprint_sha256, parsed.thumbprint_sha256()),
        ];
        for (written, right) in pairs {
            if !written.is_empty() && !written.eq_ignore_ascii_case(&right) {
                return Err(CertificateError::Thumbprint(written.clone()));
            }
            *written = right;
        }
        Ok(())
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, CertificateError> {
    let body = match text.split_once("-----BEGIN CERTIFICATE-----") {
        Some((_, rest)) => rest.split_once("-----END").map_or(rest, |(body, _)| body),
        None => text,
    };
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).map_err(|_| CertificateError::Unreadable)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
