//! Patchcord's Dynamics client with nothing around it but a place for its refresh token.
//!
//! The token lies in memory: a look-up neither reads nor writes it, so a durable one would make no difference.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use async_trait::async_trait;
use jiff::Timestamp;
use patchcord_dynamics::{
    AccountSettings, Client, ClientCredential, ConsentLost, Policy, Pool, StoredToken, TokenVault,
    VaultError,
};
use patchcord_emulator::Setup;
use secrecy::SecretString;
use uuid::Uuid;

/// The client of an account for the emulator of `setup`, whose user has consented.
///
/// # Errors
/// An address of the set-up is no URL, or no HTTP client can be made on this machine.
pub fn client_alone(setup: &Setup, refresh_token: SecretString) -> Result<Arc<Client>> {
    let token = StoredToken { refresh_token, obtained_at: Timestamp::now(), scope: None };
    let settings = AccountSettings {
        id: Uuid::new_v4(),
        name: "client alone".into(),
        default: true,
        client_id: setup.client_id.clone(),
        authorization_url: setup.authorization_url.parse()?,
        token_url: setup.token_url.parse()?,
        api_url: setup.api_url.parse()?,
        phone_region: None,
        credential_expires: None,
        policy: Policy::default(),
    };
    let credential = ClientCredential::Secret(SecretString::from(setup.client_secret.as_str()));
    let vault = MemoryVault(Mutex::new(token));
    Ok(Pool::new(Arc::new(vault)).client(&settings, &credential)?)
}

/// Keeps the token of the one account there is.
struct MemoryVault(Mutex<StoredToken>);

#[async_trait]
impl TokenVault for MemoryVault {
    async fn load(&self, _: Uuid) -> Result<Option<StoredToken>, VaultError> {
        Ok(Some(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()))
    }

    async fn save(&self, _: Uuid, token: &StoredToken) -> Result<(), VaultError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token.clone();
        Ok(())
    }

    async fn consent_lost(&self, _: Uuid, lost: &ConsentLost) -> Result<(), VaultError> {
        Err(VaultError::unavailable(lost.reason.as_str()))
    }
}
