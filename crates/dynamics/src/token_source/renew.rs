//! How an account comes by its next tokens: ask Entra ID, make the new refresh token durable, publish the access token.
//!
//! All of it happens while the account's rotation lock is held, so that a consent and a refresh cannot overwrite each
//! other's refresh token. A refusal is told to the vault and remembered for a while, lest every call asks again.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use tokio::time::{Instant, sleep};

use super::bearer::Bearer;
use super::{Granted, Refusal, TokenSource};
use crate::account_cause::AccountCause;
use crate::error::{Error, ErrorKind};
use crate::oauth::consent::PendingConsent;
use crate::oauth::errors::{Refused, TokenError};
use crate::oauth::token_response::Grant;
use crate::vault::{ConsentLost, StoredToken, VaultError};

/// A refusal by Entra ID is repeated to callers for so long before Entra ID is asked again.
const REFUSAL_KEPT: Duration = Duration::from_secs(60);
/// Token requests made before a failure that may pass is reported.
const ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

impl TokenSource {
    pub(super) async fn exchange(
        &self,
        pending: &PendingConsent,
        code: &SecretString,
    ) -> Result<Granted, Error> {
        let grant = self
            .oauth
            .exchange_code(code, &pending.verifier, &pending.redirect_uri)
            .await
            .map_err(|error| error.to_error())?;
        let Some(refresh_token) = grant.refresh_token.clone() else {
            let sentence = AccountCause::NoRefreshToken.sentence();
            return Err(Error::local(ErrorKind::ConsentRequired, sentence));
        };
        let granted = Granted { user_name: grant.user_name.clone(), scope: grant.scope.clone() };
        let _rotation = self.rotation.lock().await;
        let stored = stored(refresh_token, &grant);
        self.vault.save(self.account, &stored).await.map_err(vault_failed)?;
        self.publish(grant);
        self.usage.begin();
        Ok(granted)
    }

    pub(super) async fn refresh(&self) -> Result<Arc<Bearer>, Error> {
        let _rotation = self.rotation.lock().await;
        if let Some(bearer) = self.published_meanwhile() {
            return Ok(bearer);
        }
        let mut used = self.newest().await?;
        loop {
            if let Some(error) = self.remembered_refusal(&used) {
                return Err(error);
            }
            let refused = match self.ask(&used).await {
                Ok(grant) => return self.keep(&used, grant).await,
                Err(TokenError::Refused(refused)) => refused,
                Err(error) => return Err(error.to_error()),
            };
            // Another process may have been given a newer token while this one was asking.
            let newest = self.newest().await?;
            if newest.same_secret(&used) {
                return Err(self.lose_consent(used, &refused).await);
            }
            used = newest;
        }
    }

    /// A token that a consent brought while this refresh waited for its turn.
    fn published_meanwhile(&self) -> Option<Arc<Bearer>> {
        let mut state = self.state();
        let bearer = state.current.clone().filter(|bearer| bearer.renew_at > Instant::now())?;
        state.flight = None;
        Some(bearer)
    }

    async fn ask(&self, used: &StoredToken) -> Result<Grant, TokenError> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let claims = self.state().claims.clone();
            match self.oauth.refresh(&used.refresh_token, claims.as_deref()).await {
                Err(error) if error.is_worth_repeating() && attempt < ATTEMPTS => {
                    tracing::debug!(account = %self.account, attempt, "token request is repeated");
                }
                result => return result,
            }
            sleep(pause).await;
            pause *= 2;
            attempt += 1;
        }
    }

    /// The newest refresh token, saved first where that failed before.
    async fn newest(&self) -> Result<StoredToken, Error> {
        let unsaved = self.state().unsaved.clone();
        if let Some(token) = unsaved {
            self.save(&token).await?;
            return Ok(token);
        }
        self.vault.load(self.account).await.map_err(vault_failed)?.ok_or_else(|| {
            Error::local(ErrorKind::ConsentRequired, AccountCause::NotConsentedYet.sentence())
        })
    }

    async fn keep(&self, used: &StoredToken, grant: Grant) -> Result<Arc<Bearer>, Error> {
        if let Some(refresh_token) = grant.refresh_token.clone() {
            let mut rotated = stored(refresh_token, &grant);
            rotated.scope = rotated.scope.or_else(|| used.scope.clone());
            self.state().unsaved = Some(rotated.clone());
            self.save(&rotated).await?;
        }
        Ok(self.publish(grant))
    }

    async fn save(&self, token: &StoredToken) -> Result<(), Error> {
        self.vault.save(self.account, token).await.map_err(vault_failed)?;
        self.state().unsaved = None;
        Ok(())
    }

    fn publish(&self, grant: Grant) -> Arc<Bearer> {
        let bearer = Arc::new(Bearer::new(grant.access_token, grant.lifetime));
        let mut state = self.state();
        state.current = Some(Arc::clone(&bearer));
        // In one step with the token, so that nobody who finds it refused joins the refresh that brought it.
        state.flight = None;
        state.renewal_not_before = None;
        state.refusal = None;
        state.unsaved = None;
        state.claims = None;
        bearer
    }

    fn remembered_refusal(&self, token: &StoredToken) -> Option<Error> {
        let state = self.state();
        let refusal = state.refusal.as_ref()?;
        let still_holds = refusal.until > Instant::now() && refusal.token.same_secret(token);
        still_holds.then(|| refusal.error.clone())
    }

    async fn lose_consent(&self, token: StoredToken, refused: &Refused) -> Error {
        let (error, mut lost) = (refused.to_error(), refused.lost());
        lost.claims = lost.claims.or_else(|| self.state().claims.clone());
        self.note_loss(&lost, error.code.as_deref()).await;
        let until = Instant::now() + REFUSAL_KEPT;
        self.state().refusal = Some(Refusal { token, error: error.clone(), until });
        error
    }
}

impl TokenSource {
    /// Tells the vault that somebody must sign in.
    pub(super) async fn note_loss(&self, lost: &ConsentLost, code: Option<&str>) {
        let cause = lost.cause.name();
        tracing::warn!(account = %self.account, cause, code, "consent is required again");
        if let Err(failure) = self.vault.consent_lost(self.account, lost).await {
            tracing::error!(account = %self.account, %failure, "the loss of consent could not be noted");
        }
    }
}

fn stored(refresh_token: SecretString, grant: &Grant) -> StoredToken {
    StoredToken { refresh_token, obtained_at: Timestamp::now(), scope: grant.scope.clone() }
}

fn vault_failed(error: VaultError) -> Error {
    // The store's own words may name files or rows; they belong into the log of whoever runs the node.
    tracing::error!(error = &error as &dyn std::error::Error, "token vault failed");
    Error::local(ErrorKind::Unavailable, error.to_string())
}
