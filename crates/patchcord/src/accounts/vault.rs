//! Where the Dynamics client keeps its refresh tokens: sealed in the store, together with the account's state.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use patchcord_dynamics::{ConsentLost, StoredToken, TokenVault, VaultError};
use patchcord_store::{Batch, Store, StoreError};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::directory::Directory;
use super::state::TokenFacts;
use super::{AccountState, REFRESH_TOKEN, STATES, owner};

/// Token and state change in one durable write, so that a crash leaves an account that either works or says that
/// consent is required.
pub(super) struct StoreVault {
    store: Store,
    directory: Arc<Directory>,
}

impl StoreVault {
    pub(super) fn new(store: Store, directory: Arc<Directory>) -> Self {
        Self { store, directory }
    }

    /// Carries out `batch` and turns the account to the state that follows from its present one. An account that was
    /// removed meanwhile is left alone: it must not leave a token behind.
    async fn turn(
        &self,
        id: Uuid,
        mut batch: Batch,
        token: Option<&StoredToken>,
        next: impl FnOnce(AccountState) -> AccountState + Send,
    ) -> Result<(), VaultError> {
        let _turning = self.directory.turning.lock().await;
        let Some(entry) = self.directory.get(id) else { return Ok(()) };
        let state = next(entry.state());
        batch.put(STATES, &id.to_string(), &state).map_err(vault_error)?;
        self.store.write(batch).await.map_err(vault_error)?;
        entry.set_state(state);
        if let Some(token) = token {
            entry.set_token(Some(TokenFacts::from(token)));
        }
        Ok(())
    }
}

#[async_trait]
impl TokenVault for StoreVault {
    async fn load(&self, account: Uuid) -> Result<Option<StoredToken>, VaultError> {
        let sealed =
            self.store.secret(&owner(account), REFRESH_TOKEN).await.map_err(vault_error)?;
        let read =
            |text: SecretString| StoredToken::from_secret_bytes(text.expose_secret().as_bytes());
        sealed.map(read).transpose()
    }

    async fn save(&self, account: Uuid, token: &StoredToken) -> Result<(), VaultError> {
        let mut batch = Batch::new();
        let bytes = token.to_secret_bytes()?;
        let text = std::str::from_utf8(bytes.expose_secret()).map_err(|_| VaultError::Malformed)?;
        batch.put_secret(&owner(account), REFRESH_TOKEN, &SecretString::from(text));
        let next = |state| match state {
            valid @ AccountState::Valid { .. } => valid,
            AccountState::ConsentRequired { .. } => {
                AccountState::Valid { since: Timestamp::now(), identity: None }
            }
        };
        self.turn(account, batch, Some(token), next).await
    }

    async fn consent_lost(&self, account: Uuid, lost: &ConsentLost) -> Result<(), VaultError> {
        // The token stays: a wrong client secret is mended without a new consent.
        let state = AccountState::from(lost);
        self.turn(account, Batch::new(), None, |_| state).await
    }
}

fn vault_error(error: StoreError) -> VaultError {
    VaultError::unavailable(error)
}
