//! Tokens of the demo user, had as any app gets them: authorization code, then token endpoint.
//!
//! Set-up, never measured. No PKCE and no `state`, because nobody else is about who could step in between.

use anyhow::{Context, Result, ensure};
use patchcord_emulator::{Setup, Visitor};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

/// What the token endpoint granted.
pub struct SignedIn {
    /// Opens the Web API, for about an hour.
    pub access_token: SecretString,
    /// Gets further access tokens.
    pub refresh_token: SecretString,
}

/// Signs the demo user in and consents.
///
/// # Errors
/// A page cannot be had, or a token is not granted.
pub async fn sign_in(setup: &Setup) -> Result<SignedIn> {
    // Nobody listens for the code there: the visitor ends on a page that is not to be had, and its address holds it.
    let redirect_uri = format!("{}/admin/msdynamicscallback.html", setup.http_url);
    let scope = format!("{}/user_impersonation offline_access", setup.http_url);
    let mut address = Url::parse(&setup.authorization_url)?;
    address.query_pairs_mut().extend_pairs([
        ("client_id", setup.client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", &redirect_uri),
        ("scope", &scope),
    ]);
    let page = Visitor::new(&setup.user, &setup.password)?.visit(&address).await?;
    let code = page.url.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code);
    let code = code.with_context(|| format!("the sign-in ended without a code: {}", page.text))?;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", &setup.client_id),
        ("client_secret", &setup.client_secret),
        ("redirect_uri", &redirect_uri),
        ("code", &code),
    ];
    let answer = reqwest::Client::new().post(&setup.token_url).form(&form).send().await?;
    let status = answer.status();
    ensure!(status.is_success(), "the token endpoint answered {status}");
    let granted: Value = answer.json().await?;
    Ok(SignedIn {
        access_token: token(&granted, "access_token")?,
        refresh_token: token(&granted, "refresh_token")?,
    })
}

fn token(granted: &Value, name: &str) -> Result<SecretString> {
    let token = granted[name].as_str();
    token.map(SecretString::from).with_context(|| format!("the token endpoint granted no {name}"))
}
