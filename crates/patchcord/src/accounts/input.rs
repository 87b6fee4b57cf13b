//! What an administrator enters, read and checked: every fault at once, with what to do about it.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use patchcord_dynamics::{
    AccountSettings, Certificate, CertificateError, CertificateFiles, ClientCredential, FieldError,
    Policy,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use super::directory::Entry;

/// What an administrator enters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountInput {
    /// Unique name.
    pub name: String,
    /// Whether it is used where a scenario selects none.
    #[serde(default)]
    pub default: bool,
    /// Application (client) id of the app registration.
    pub client_id: String,
    /// Client secret; none leaves the stored credential as it is. It must be given anew with a token URL at another
    /// host.
    #[serde(default)]
    pub client_secret: Option<SecretString>,
    /// Certificate in place of a client secret; none leaves the stored credential as it is.
    #[serde(default)]
    pub certificate: Option<CertificateInput>,
    /// OAuth 2.0 authorization endpoint, v1 or v2.
    pub authorization_url: Url,
    /// OAuth 2.0 token endpoint, v1 or v2.
    pub token_url: Url,
    /// Root of the Web API, such as `https://org.crm.dynamics.com/api/data/v9.2`.
    pub api_url: Url,
    /// Country or region of national phone numbers (ISO 3166-1 alpha-2).
    #[serde(default)]
    pub phone_region: Option<String>,
    /// Last day of the client secret.
    #[serde(default)]
    pub credential_expires: Option<jiff::civil::Date>,
    /// What may be done with it.
    #[serde(default)]
    pub policy: Policy,
}

/// A certificate with its private key. Files that are no text are given in Base64.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateInput {
    /// A PFX file (PKCS#12), a PEM text, or a certificate as DER.
    pub file: SecretString,
    /// The private key, where it is not in `file`: a PEM text or DER.
    #[serde(default)]
    pub key: Option<SecretString>,
    /// The password of the PFX file.
    #[serde(default)]
    pub password: Option<SecretString>,
}

impl CertificateInput {
    fn read(&self) -> Result<Certificate, CertificateError> {
        let file = bytes(&self.file)?;
        let key = self.key.as_ref().map(bytes).transpose()?;
        let password = self.password.as_ref();
        let files = CertificateFiles { file: &file, key: key.as_deref(), password };
        let certificate = files.read()?;
        match certificate.not_after() < Timestamp::now() {
            true => Err(CertificateError::Expired),
            false => Ok(certificate),
        }
    }
}

/// The file behind a text: a PEM text is itself, all else is in Base64.
fn bytes(text: &SecretString) -> Result<Vec<u8>, CertificateError> {
    let text = text.expose_secret();
    if text.contains("-----BEGIN ") {
        return Ok(text.as_bytes().to_vec());
    }
    let bare: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64_STANDARD.decode(bare).map_err(|_| CertificateError::Unreadable)
}

impl AccountInput {
    /// The credential that was entered; none where the stored one is to stay.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn credential(&self) -> Result<Option<ClientCredential>, FieldError> {
        let fault = |field: &str, message: &str| FieldError {
            field: field.into(),
            message: message.into(),
        };
        match (&self.client_secret, &self.certificate) {
            (Some(_), Some(_)) => Err(fault(
                "certificate",
                "stands beside a client secret; give one of them: Entra ID takes either",
            )),
            (Some(secret), None) => {
                let secret = trimmed(secret);
                match wrong_secret(secret.expose_secret()) {
                    Some(message) => Err(fault("client_secret", message)),
                    None => Ok(Some(ClientCredential::Secret(secret))),
                }
            }
            (None, Some(certificate)) => match certificate.read() {
                Ok(certificate) => Ok(Some(ClientCredential::Certificate(Arc::new(certificate)))),
                Err(error) => Err(fault(error.field(), &error.to_string())),
            },
            (None, None) => Ok(None),
        }
    }

    /// What is wrong with what was entered, as far as that can be known without the account that it is for.
    pub fn faults(&self) -> Vec<FieldError> {
        let settings = self.clone().into_settings(Uuid::nil());
        faults(&settings, &self.credential(), None)
    }

    pub(super) fn into_settings(self, id: Uuid) -> AccountSettings {
        let region = self.phone_region.map(|region| region.trim().to_ascii_uppercase());
        AccountSettings {
            id,
            name: self.name.trim().to_owned(),
            default: self.default,
            client_id: self.client_id.trim().to_owned(),
            authorization_url: self.authorization_url,
            token_url: self.token_url,
            api_url: self.api_url,
            phone_region: region.filter(|region| !region.is_empty()),
            credential_expires: self.credential_expires,
            policy: self.policy,
        }
    }
}

fn wrong_secret(secret: &str) -> Option<&'static str> {
    if secret.is_empty() {
        return Some("is empty; leave it out to keep the one that is stored");
    }
    // Entra ID's page shows both, and the value only once.
    Uuid::try_parse(secret).is_ok().then_some(
        "looks like the secret's ID; copy the secret's Value, which Entra ID shows only right after it was made",
    )
}

/// A secret as it was meant: copied from a page, it often brings a line's end along.
fn trimmed(secret: &SecretString) -> SecretString {
    SecretString::from(secret.expose_secret().trim())
}

/// What is wrong with an account's new settings.
pub(super) fn faults(
    settings: &AccountSettings,
    credential: &Result<Option<ClientCredential>, FieldError>,
    old: Option<&Entry>,
) -> Vec<FieldError> {
    let mut faults = settings.check().err().unwrap_or_default();
    match (credential, old) {
        (Err(fault), _) => faults.push(fault.clone()),
        // Whoever may change an account may not thereby have its secret sent to a host of theirs.
        (Ok(None), Some(old)) if old.settings.token_url.origin() != settings.token_url.origin() => {
            let field = match &old.credential {
                Some(ClientCredential::Certificate(_)) => "certificate",
                Some(_) => "client_secret",
                None => return faults,
            };
            let message =
                "must be entered again, because the token URL leads to another host".into();
            faults.push(FieldError { field: field.into(), message });
        }
        (Ok(_), _) => {}
    }
    faults
}
