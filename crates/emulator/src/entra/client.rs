//! Proving that a token request comes from the app, and from the one that began the sign-in: the
//! client secret, in the form or in Basic, and the PKCE verifier.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};

use super::errors::EntraError;
use super::grants::Challenge;
use super::registry::{App, SecretCheck};

/// The client's id, and the readings of its secret: RFC 6749 has Basic credentials form-encoded,
/// which not every client does.
pub(crate) fn credentials(
    headers: &HeaderMap,
    form: &HashMap<String, String>,
) -> Result<(String, Vec<String>), EntraError> {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Basic "))
        .and_then(|value| String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok());
    if let Some((id, secret)) = basic.as_deref().and_then(|basic| basic.split_once(':')) {
        return Ok((form_decoded(id), vec![form_decoded(secret), secret.to_owned()]));
    }
    let id = form.get("client_id").ok_or_else(|| EntraError::missing("client_id"))?;
    Ok((id.clone(), form.get("client_secret").cloned().into_iter().collect()))
}

fn form_decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

pub(crate) fn authenticate(app: &App, secrets: &[String]) -> Result<(), EntraError> {
    let checks: Vec<_> = secrets.iter().map(|secret| app.check_secret(secret)).collect();
    if checks.contains(&SecretCheck::Good) {
        return Ok(());
    }
    if checks.contains(&SecretCheck::Expired) {
        let message =
            format!("The provided client secret keys for app '{}' are expired.", app.client_id);
        return Err(EntraError::new("invalid_client", 7_000_222, message));
    }
    if checks.is_empty() {
        let message = "The request body must contain the following parameter: \
                       'client_assertion' or 'client_secret'.";
        return Err(EntraError::new("invalid_client", 7_000_218, message));
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
