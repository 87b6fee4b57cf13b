//! A vault in memory, for tests that use the Dynamics client without a server around it.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use patchcord::dynamics::{ConsentLost, StoredToken, TokenVault, VaultError};
use uuid::Uuid;

/// Keeps the newest refresh token of one account, and the reasons for which its consent was lost.
#[derive(Default)]
pub struct MemoryVault {
    token: Mutex<Option<StoredToken>>,
    lost: Mutex<Vec<String>>,
}

impl MemoryVault {
    /// An empty one.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// One that holds `token`.
    pub fn with(token: StoredToken) -> Arc<Self> {
        Arc::new(Self { token: Mutex::new(Some(token)), ..Self::default() })
    }

    /// The newest token.
    pub fn token(&self) -> Option<StoredToken> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why the consent was lost, each time that it was.
    pub fn lost(&self) -> Vec<String> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl TokenVault for MemoryVault {
    async fn load(&self, _account: Uuid) -> Result<Option<StoredToken>, VaultError> {
        Ok(self.token.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn save(&self, _account: Uuid, token: &StoredToken) -> Result<(), VaultError> {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(())
    }

    async fn consent_lost(&self, _account: Uuid, lost: &ConsentLost) -> Result<(), VaultError> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).push(lost.reason.clone());
        Ok(())
    }
}
