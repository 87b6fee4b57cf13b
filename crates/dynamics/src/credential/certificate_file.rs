//! Reading the files in which certificates and keys come: PEM, DER, and PKCS#12 (`.pfx`, `.p12`).
//!
//! What a file is, is found out from what is in it; its name says little (`.cer`, `.crt` and `.pem` hold PEM and DER
//! alike). A key that is encrypted outside a PKCS#12 file is refused with advice: those forms are many.

use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error as Pkcs12Error;
use pem::Pem;
use secrecy::{ExposeSecret, SecretString};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::Certificate;

/// What an administrator hands in: one file with certificate and key, or two.
#[derive(Clone, Copy, Default)]
pub struct CertificateFiles<'a> {
    /// A PKCS#12 file, a PEM text, or a certificate as DER.
    pub file: &'a [u8],
    /// The private key where it is in a file of its own: a PEM text or DER.
    pub key: Option<&'a [u8]>,
    /// The password of a PKCS#12 file.
    pub password: Option<&'a SecretString>,
}

impl std::fmt::Debug for CertificateFiles<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CertificateFiles").finish_non_exhaustive()
    }
}

/// Why a certificate cannot be the credential of an account. The texts continue the name of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Neither PEM nor DER nor PKCS#12.
    #[error(
        "is no certificate that can be read; give a PFX file, or a PEM text with CERTIFICATE and PRIVATE KEY"
    )]
    Unreadable,
    /// A CERTIFICATE block holds something else.
    #[error("holds a certificate that cannot be read; export it again")]
    UnreadableCertificate,
    /// A PRIVATE KEY block holds something else.
    #[error("holds a private key that cannot be read; export it again as PKCS#8 or PKCS#1")]
    UnreadableKey,
    /// There is a key, but no certificate.
    #[error("holds no certificate; add the certificate that is uploaded to the app registration")]
    NoCertificate,
    /// There is a certificate, but no key.
    #[error(
        "holds no private key; give the PFX file, or the PEM file with the key that the certificate was made with"
    )]
    NoKey,
    /// The key is encrypted with a passphrase.
    #[error(
        "holds an encrypted private key; take its passphrase off (`openssl pkey -in key.pem -out plain.pem`) or give a \
         PFX file with its password"
    )]
    EncryptedKey,
    /// The PKCS#12 file wants a password.
    #[error("is a PFX file with a password; give the password")]
    PasswordNeeded,
    /// The PKCS#12 file wants another password.
    #[error("does not open with this password; enter the one with which the PFX file was exported")]
    WrongPassword,
    /// The PKCS#12 file is encrypted in a way that is not known here.
    #[error("is a PFX file in a form that is not supported; export it again with AES256-SHA256")]
    UnsupportedPfx,
    /// Several keys, or several certificates, none of which belong together; or one key to another certificate.
    #[error("holds a private key that does not belong to the certificate; give the pair")]
    OtherKey,
    /// An elliptic-curve key, for instance.
    #[error(
        "is not of an RSA key; Entra ID takes RSA certificates only: make one of 2048 bits or more"
    )]
    NotRsa,
    /// A key too short for `PS256`.
    #[error("is of a key that is too weak; make one of 2048 bits or more")]
    WeakKey,
    /// It is over.
    #[error("has expired; make a new certificate and upload it to the app registration")]
    Expired,
}

impl CertificateError {
    /// Which of the fields it is about, as in `certificate.password`.
    pub fn field(self) -> &'static str {
        match self {
            Self::PasswordNeeded | Self::WrongPassword => "certificate.password",
            _ => "certificate",
        }
    }
}

/// What was found in the files.
#[derive(Default)]
struct Found {
    keys: Vec<SecretString>,
    certificates: Vec<Vec<u8>>,
}

impl CertificateFiles<'_> {
    /// Reads certificate and key and makes sure that they belong together. Of several certificates (a chain) it takes
    /// the one that belongs to the key.
    ///
    /// # Errors
    /// What is wrong with the files.
    pub fn read(&self) -> Result<Certificate, CertificateError> {
        let mut found = Found::default();
        found.take(self.file, self.password)?;
        if let Some(key) = self.key {
            found.take(key, self.password)?;
        }
        found.pair()
    }
}

impl Found {
    fn take(
        &mut self,
        file: &[u8],
        password: Option<&SecretString>,
    ) -> Result<(), CertificateError> {
        if is_pem(file) {
            let blocks = pem::parse_many(file).map_err(|_| CertificateError::Unreadable)?;
            return blocks.into_iter().try_for_each(|block| self.take_block(block));
        }
        if X509Certificate::from_der(file).is_ok() {
            self.certificates.push(file.to_vec());
            return Ok(());
        }
        if let Some(key) = key_of_der(file) {
            self.keys.push(key);
            return Ok(());
        }
        self.take_pkcs12(file, password)
    }

    fn take_block(&mut self, block: Pem) -> Result<(), CertificateError> {
        match block.tag() {
            "CERTIFICATE" | "X509 CERTIFICATE" => self.certificates.push(block.into_contents()),
            "ENCRYPTED PRIVATE KEY" => return Err(CertificateError::EncryptedKey),
            "RSA PRIVATE KEY" if block.headers().get("Proc-Type").is_some() => {
                return Err(CertificateError::EncryptedKey);
            }
            "EC PRIVATE KEY" => return Err(CertificateError::NotRsa),
            "PRIVATE KEY" | "RSA PRIVATE KEY" => self.keys.push(encoded(&block)),
            "OPENSSH PRIVATE KEY" => return Err(CertificateError::UnreadableKey),
            // Parameters, public keys, requests: not needed.
            _ => {}
        }
        Ok(())
    }

    fn take_pkcs12(
        &mut self,
        file: &[u8],
        password: Option<&SecretString>,
    ) -> Result<(), CertificateError> {
        let given = password.map_or("", |password| password.expose_secret());
        let archive = Pkcs12Archive::from_pkcs12(file, given).map_err(|error| match error {
            Pkcs12Error::MacError(_) | Pkcs12Error::Pkcs5Error(_) | Pkcs12Error::UnpadError => {
                match password {
                    Some(_) => CertificateError::WrongPassword,
                    None => CertificateError::PasswordNeeded,
                }
            }
            Pkcs12Error::UnsupportedEncryptionScheme
            | Pkcs12Error::UnsupportedMacAlgorithm
            | Pkcs12Error::UnsupportedContentType
            | Pkcs12Error::UnsupportedCertificateType => CertificateError::UnsupportedPfx,
            _ => CertificateError::Unreadable,
        })?;
        let key = |der: &[u8]| encoded(&Pem::new("PRIVATE KEY", der));
        self.keys.extend(archive.keys.iter().map(|entry| key(entry.key.as_der())));
        self.certificates.extend(archive.certs.iter().map(|entry| entry.cert.as_der().to_vec()));
        Ok(())
    }

    /// The key and the certificate that belong together.
    fn pair(self) -> Result<Certificate, CertificateError> {
        if self.certificates.is_empty() {
            let is_empty = self.keys.is_empty();
            return Err(if is_empty {
                CertificateError::Unreadable
            } else {
                CertificateError::NoCertificate
            });
        }
        let mut fault = CertificateError::NoKey;
        for key in &self.keys {
            for certificate in &self.certificates {
                match Certificate::new(key.clone(), certificate.clone()) {
                    Ok(pair) => return Ok(pair),
                    // What is wrong with the first pair is told; the others are the rest of a chain.
                    Err(error) if fault == CertificateError::NoKey => fault = error,
                    Err(_) => {}
                }
            }
        }
        Err(fault)
    }
}

fn is_pem(file: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    file.windows(BEGIN.len()).any(|window| window == BEGIN)
}

fn encoded(block: &Pem) -> SecretString {
    let plain = Pem::new(block.tag(), block.contents());
    SecretString::from(pem::encode(&plain))
}

/// A private key as DER, PKCS#8 or PKCS#1.
fn key_of_der(file: &[u8]) -> Option<SecretString> {
    ["PRIVATE KEY", "RSA PRIVATE KEY"].into_iter().find_map(|tag| {
        let text = encoded(&Pem::new(tag, file));
        let key = EncodingKey::from_rsa_pem(text.expose_secret().as_bytes()).ok()?;
        // Reading is lenient, and takes a PKCS#12 file for a key; signing is not.
        crypto::sign(b"", &key, Algorithm::PS256).is_ok().then_some(text)
    })
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
