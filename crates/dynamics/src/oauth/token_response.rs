//! The token endpoint's answer as Entra ID gives it: v1 writes numbers as strings, v2 as numbers.
//!
//! The ID token is read for the user's name only. Its signature is not checked: it came straight from the
//! token endpoint over TLS (OpenID Connect Core, 3.1.3.7), and nothing is decided by it.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use oauth2::basic::BasicTokenType;
use oauth2::helpers::{
    deserialize_space_delimited_vec, deserialize_untagged_enum_case_insensitive,
};
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};

use super::errors::TokenError;

/// Taken where the answer does not say how long its token lives (RFC 6749 only recommends that it does).
const DEFAULT_LIFETIME: Duration = Duration::from_secs(600);

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct EntraTokenResponse {
    #[serde(skip_serializing)]
    access_token: AccessToken,
    #[serde(deserialize_with = "deserialize_untagged_enum_case_insensitive")]
    token_type: BasicTokenType,
    #[serde(default, deserialize_with = "deserialize_seconds")]
    expires_in: Option<u64>,
    #[serde(default, skip_serializing)]
    refresh_token: Option<RefreshToken>,
    #[serde(default, rename = "scope", deserialize_with = "deserialize_space_delimited_vec")]
    scopes: Option<Vec<Scope>>,
    #[serde(default, skip_serializing)]
    id_token: Option<AccessToken>,
}

impl TokenResponse for EntraTokenResponse {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scopes.as_ref()
    }
}

/// What was granted, in this crate's terms.
pub(crate) struct Grant {
    pub(crate) access_token: SecretString,
    pub(crate) lifetime: Duration,
    pub(crate) refresh_token: Option<SecretString>,
    pub(crate) scope: Option<String>,
    pub(crate) user_name: Option<String>,
}

impl EntraTokenResponse {
    pub(crate) fn into_grant(self) -> Result<Grant, TokenError> {
        let is_bearer = self.token_type == BasicTokenType::Bearer;
        if !is_bearer || self.access_token.secret().is_empty() {
            return Err(TokenError::Unreadable);
        }
        let scope = self
            .scopes
            .map(|scopes| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "));
        Ok(Grant {
            lifetime: self.expires_in.map_or(DEFAULT_LIFETIME, Duration::from_secs),
            user_name: self.id_token.as_ref().and_then(|token| user_name(token.secret())),
            refresh_token: self
                .refresh_token
                .filter(|token| !token.secret().is_empty())
                .map(|token| SecretString::from(token.into_secret())),
            access_token: SecretString::from(self.access_token.into_secret()),
            scope,
        })
    }
}

#[derive(Deserialize)]
struct IdClaims {
    preferred_username: Option<String>,
    upn: Option<String>,
    unique_name: Option<String>,
    name: Option<String>,
}

/// v2 tokens name the user in `preferred_username`, v1 tokens in `upn` or `unique_name`.
fn user_name(id_token: &str) -> Option<String> {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1)?).ok()?;
    let claims: IdClaims = serde_json::from_slice(&payload).ok()?;
    claims.preferred_username.or(claims.upn).or(claims.unique_name).or(claims.name)
}

fn deserialize_seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    match Option::<Seconds>::deserialize(from)? {
        None => Ok(None),
        Some(Seconds::Number(seconds)) => Ok(Some(seconds)),
        Some(Seconds::Text(text)) => {
            text.trim().parse().map(Some).map_err(serde::de::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(json: &str) -> Result<Grant, TokenError> {
        serde_json::from_str::<EntraTokenResponse>(json).unwrap().into_grant()
    }

    #[test]
    fn lifetimes_are_read_as_number_and_as_string() {
        for lifetime in ["3599", "\"3599\""] {
            let json = format!(
                r#"{{"token_type":"Bearer","access_token":"a","expires_in":{lifetime},
                    "expires_on":"1","resource":"https://o/","scope":"user_impersonation"}}"#
            );
            let grant = grant(&json).ok().unwrap();
            assert_eq!(grant.lifetime, Duration::from_secs(3599));
            assert_eq!(grant.scope.as_deref(), Some("user_impersonation"));
            assert!(grant.refresh_token.is_none());
        }
    }

    #[test]
    fn the_user_is_named_from_the_id_token() {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"upn":"ada@example.org","name":"Ada"}"#);
        let json =
            format!(r#"{{"token_type":"bearer","access_token":"a","id_token":"e30.{claims}.x"}}"#);
        assert_eq!(grant(&json).ok().unwrap().user_name.as_deref(), Some("ada@example.org"));
        let json = r#"{"token_type":"bearer","access_token":"a","id_token":"nonsense"}"#;
        assert!(grant(json).ok().unwrap().user_name.is_none());
    }

    #[test]
    fn tokens_that_cannot_be_used_are_refused() {
        assert!(grant(r#"{"token_type":"mac","access_token":"a"}"#).is_err());
        assert!(grant(r#"{"token_type":"Bearer","access_token":""}"#).is_err());
    }

    #[test]
    fn neither_debug_nor_json_shows_a_token() {
        let json = r#"{"token_type":"Bearer","access_token":"canary1","refresh_token":"canary2",
            "id_token":"canary3"}"#;
        let response: EntraTokenResponse = serde_json::from_str(json).unwrap();
        let shown = format!("{response:?} {}", serde_json::to_string(&response).unwrap());
        assert!(!shown.contains("canary"), "{shown}");
    }
}
