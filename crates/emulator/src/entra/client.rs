//! Proving that a token request comes from the app, and from the one that began the sign-in: the client secret in the
//! form or in Basic, the signed assertion, and the PKCE verifier.
//!
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, header};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::assertion;
use super::errors::EntraError;
use super::grants::Challenge;
use super::registry::{App, Platform, SecretCheck, Tenant};

/// The fields of a token request; an empty one is not there.
pub(crate) type Form = HashMap<String, String>;

/// What a client sent to prove itself.
pub(crate) enum Credential {
    None,
    /// The readings of a secret: RFC 6749 has Basic credentials form-encoded, which not every client does.
    Secret(Vec<String>),
    Assertion(String),
}

/// How a client proved itself, as the claim `appidacr` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    Public,
    Secret,
    Certificate,
}

impl Proof {
    pub(crate) fn appidacr(self) -> &'static str {
        match self {
            Self::Public => "0",
            Self::Secret => "1",
            Self::Certificate => "2",
        }
    }
}

/// The client's id and what it proves itself with.
pub(crate) fn presented(
    headers: &HeaderMap,
    form: &Form,
) -> Result<(String, Credential), EntraError> {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Basic "))
        .and_then(|value| String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok());
    if let Some((id, secret)) = basic.as_deref().and_then(|basic| basic.split_once(':')) {
        let credential = match secret {
            "" => Credential::None,
            secret => Credential::Secret(vec![form_decoded(secret), secret.to_owned()]),
        };
        return Ok((form_decoded(id), credential));
    }
    let credential = match (form.get("client_assertion"), form.get("client_secret")) {
        (Some(assertion), _) => {
            assertion::check_type(form.get("client_assertion_type").map(String::as_str))?;
            Credential::Assertion(assertion.clone())
        }
        (None, Some(secret)) => Credential::Secret(vec![secret.clone()]),
        (None, None) => Credential::None,
    };
    let claimed = match &credential {
        Credential::Assertion(assertion) => assertion::claimed_client(assertion),
        _ => None,
    };
    let id = form.get("client_id").cloned().or(claimed);
    Ok((id.ok_or_else(|| EntraError::missing("client_id"))?, credential))
}

fn form_decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// Checks a client's credential. `platform` is that of the redirect URI by which the grant came about, where there was
/// one; it says whether the app can keep a credential at all.
pub(crate) fn authenticate(
    app: &App,
    credential: &Credential,
    platform: Option<Platform>,
    tenant: Option<&Tenant>,
    now: Timestamp,
) -> Result<Proof, EntraError> {
    let public = match platform {
        Some(Platform::Web) => false,
        Some(Platform::Spa | Platform::PublicClient) => true,
        None => app.public_client_flows && !app.has_credential(),
    };
    match credential {
        Credential::None if public || (platform.is_none() && app.public_client_flows) => {
            Ok(Proof::Public)
        }
        Credential::None => Err(EntraError::new(
            "invalid_client",
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or \
             'client_secret'.",
        )),
        _ if public => Err(EntraError::new(
            "invalid_client",
            700_025,
            "Client is public so neither 'client_assertion' nor 'client_secret' should be \
             presented.",
        )),
        Credential::Secret(readings) => check_secret(app, readings, now).map(|()| Proof::Secret),
        Credential::Assertion(assertion) => {
            assertion::verify(app, assertion, tenant, now).map(|()| Proof::Certificate)
        }
    }
}

fn check_secret(app: &App, readings: &[String], now: Timestamp) -> Result<(), EntraError> {
    let checks: Vec<_> = readings.iter().map(|secret| app.check_secret(secret, now)).collect();
    if checks.contains(&SecretCheck::Good) {
        return Ok(());
    }
    if checks.contains(&SecretCheck::Expired) {
        let message = format!(
            "The provided client secret keys for app '{}' are expired. Visit the portal to create \
             new keys for your app.",
            app.client_id
        );
        return Err(EntraError::new("invalid_client", 7_000_222, message));
    }
    let message = format!(
        "Invalid client secret provided. Ensure the secret being sent in the request is the \
         client secret value, not the client secret ID, for a secret added to app '{}'.",
        app.client_id
    );
    Err(EntraError::new("invalid_client", 7_000_215, message))
}

pub(crate) fn check_verifier(
    challenge: Option<&Challenge>,
    verifier: Option<&str>,
) -> Result<(), EntraError> {
    let good = match (challenge, verifier) {
        (None, _) => true,
        (Some(_), None) => return Err(EntraError::missing("code_verifier")),
        (Some(challenge), Some(verifier)) if challenge.s256 => {
            URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge.value
        }
        (Some(challenge), Some(verifier)) => verifier == challenge.value,
    };
    if good {
        return Ok(());
    }
    let message = "The Code_Verifier does not match the code_challenge supplied in the \
                   authorization request.";
    Err(EntraError::invalid_grant(501_481, message))
}
