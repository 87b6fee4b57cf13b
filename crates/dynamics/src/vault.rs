//! Where refresh tokens live, as far as this crate needs to know: a trait that the store implements.
//!
//! The vault encrypts and makes durable; this crate decides when. A token that cannot be stored is never
//! used, so that no crash can leave an account with a token that Entra ID has already replaced.

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::account_cause::AccountCause;

/// Keeps the newest refresh token of each account.
#[async_trait]
pub trait TokenVault: Send + Sync {
    /// The newest token of `account`; none where consent was never given.
    async fn load(&self, account: Uuid) -> Result<Option<StoredToken>, VaultError>;

    /// Replaces the token of `account`. It is durable when this returns `Ok`.
    async fn save(&self, account: Uuid, token: &StoredToken) -> Result<(), VaultError>;

    /// Marks `account` as *consent required*.
    async fn consent_lost(&self, account: Uuid, lost: &ConsentLost) -> Result<(), VaultError>;
}

/// Why an account cannot be used any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentLost {
    /// The cause, for programs.
    pub cause: AccountCause,
    /// A sentence for the administrator: what is the matter, and what to do.
    pub reason: String,
    /// What the next sign-in must show, to be sent along with it ([`crate::PendingConsent::demanding`]).
    pub claims: Option<String>,
}

/// A refresh token with what is known of it.
#[derive(Debug, Clone)]
pub struct StoredToken {
    /// The refresh token.
    pub refresh_token: SecretString,
    /// When Entra ID issued it.
    pub obtained_at: Timestamp,
    /// The scopes granted, separated by spaces, where Entra ID named them.
    pub scope: Option<String>,
}

/// The stored form; kept apart so that nobody serializes a token by accident.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    refresh_token: std::borrow::Cow<'a, str>,
    obtained_at: Timestamp,
    #[serde(default)]
    scope: Option<String>,
}

impl StoredToken {
    /// The bytes to encrypt and store. They contain the token in the clear.
    ///
    /// # Errors
    /// [`VaultError::Malformed`], which cannot happen for a token of this type in practice.
    pub fn to_secret_bytes(&self) -> Result<SecretSlice<u8>, VaultError> {
        let stored = Stored {
            refresh_token: self.refresh_token.expose_secret().into(),
            obtained_at: self.obtained_at,
            scope: self.scope.clone(),
        };
        serde_json::to_vec(&stored).map(SecretSlice::from).map_err(|_| VaultError::Malformed)
    }

    /// Reads what [`Self::to_secret_bytes`] wrote.
    ///
    /// # Errors
    /// [`VaultError::Malformed`] if the bytes are anything else.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        let stored: Stored<'_> =
            serde_json::from_slice(bytes).map_err(|_| VaultError::Malformed)?;
        let mut refresh_token = stored.refresh_token.into_owned();
        let token = Self {
            refresh_token: SecretString::from(refresh_token.as_str()),
            obtained_at: stored.obtained_at,
            scope: stored.scope,
        };
        refresh_token.zeroize();
        Ok(token)
    }

    pub(crate) fn same_secret(&self, other: &Self) -> bool {
        self.refresh_token.expose_secret() == other.refresh_token.expose_secret()
    }
}

/// Why the vault did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The store behind it failed.
    #[error("the token store cannot be read or written")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is stored is no token, or was encrypted with another key.
    #[error("the stored token cannot be read")]
    Malformed,
}

impl VaultError {
    /// Wraps a failure of the store.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_form_is_read_back() {
        let token = StoredToken {
            refresh_token: SecretString::from("a\"b\\c ü"),
            obtained_at: Timestamp::UNIX_EPOCH,
            scope: Some("one two".to_owned()),
        };
        let bytes = token.to_secret_bytes().unwrap();
        let back = StoredToken::from_secret_bytes(bytes.expose_secret()).unwrap();
        assert!(back.same_secret(&token));
        assert_eq!((back.obtained_at, back.scope), (token.obtained_at, token.scope));
    }

    #[test]
    fn other_bytes_are_refused() {
        assert!(matches!(StoredToken::from_secret_bytes(b"{}"), Err(VaultError::Malformed)));
    }
}
