//! What happens to accounts without anybody asking: those that can be used are made ready, those whose credential was
//! mended are tried, and what will soon stand in the way is told.

use std::sync::{Arc, Weak};
use std::time::Duration;

use metrics::gauge;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::directory::Entry;
use super::warnings::WarningCause;
use super::{AccountState, Accounts};

/// Integration accounts, by `state` (`valid`, `consent_required`).
const ACCOUNTS: &str = "patchcord_accounts";
/// Warnings of integration accounts, by `cause`.
const WARNINGS: &str = "patchcord_account_warnings";
/// How often the accounts are looked at.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// How often a warning is told in the log.
const LOG_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Watches over the accounts until they are dropped, which `ended` tells.
pub(super) fn begin(accounts: &Arc<Accounts>, mut ended: oneshot::Receiver<()>) {
    let accounts = Arc::downgrade(accounts);
    tokio::spawn(async move {
        let mut logged: Option<Instant> = None;
        while look(&accounts, &mut logged) {
            if timeout(EVERY, &mut ended).await.is_ok() {
                return;
            }
        }
    });
}

/// False when the accounts are gone.
fn look(accounts: &Weak<Accounts>, logged: &mut Option<Instant>) -> bool {
    let Some(accounts) = accounts.upgrade() else { return false };
    accounts.count();
    if logged.is_none_or(|last| last.elapsed() >= LOG_EVERY) {
        *logged = Some(Instant::now());
        accounts.log_warnings();
    }
    true
}

impl Accounts {
    /// Fetches the tokens of the accounts that can be used, and opens their connections, before anybody calls.
    pub(super) fn activate_all(&self) {
        for entry in self.directory.all() {
            self.activate(&entry);
        }
    }

    fn activate(&self, entry: &Entry) {
        let is_valid = matches!(entry.state(), AccountState::Valid { .. });
        if entry.credential.is_none() || !is_valid {
            return;
        }
        match self.client(entry) {
            Ok(client) => client.activate(),
            Err(error) => tracing::warn!(account = %entry.settings.id, %error, "no client"),
        }
    }

    /// What follows from other settings: another client, and another try where the credential was what was wrong.
    pub(super) fn settings_changed(self: &Arc<Self>, entry: &Entry, is_new_credential: bool) {
        self.activate(entry);
        self.count();
        let AccountState::ConsentRequired { cause, .. } = entry.state() else { return };
        if is_new_credential && cause.is_about_credential() && entry.has_token() {
            self.try_again(entry.settings.id);
        }
    }

    /// Tries the consent that there is, in the background: whoever mended the credential need not sign in again.
    fn try_again(self: &Arc<Self>, id: Uuid) {
        let accounts = Arc::clone(self);
        tokio::spawn(async move {
            match accounts.test(id).await {
                Ok(_) => tracing::info!(account = %id, "the account is valid again"),
                Err(error) => tracing::warn!(account = %id, %error, "the account is not valid yet"),
            }
        });
    }

    /// Sets the metrics.
    pub(super) fn count(&self) {
        let views = self.list();
        let valid = views.iter().filter(|view| matches!(view.state, AccountState::Valid { .. }));
        let valid = valid.count();
        gauge!(ACCOUNTS, "state" => "valid").set(valid as f64);
        gauge!(ACCOUNTS, "state" => "consent_required").set((views.len() - valid) as f64);
        for cause in WarningCause::ALL {
            let warnings = views.iter().flat_map(|view| &view.warnings);
            let number = warnings.filter(|warning| warning.cause == cause).count();
            gauge!(WARNINGS, "cause" => cause.name()).set(number as f64);
        }
    }

    fn log_warnings(&self) {
        for view in self.list() {
            for warning in &view.warnings {
                let (account, cause) = (&view.settings.name, warning.cause.name());
                tracing::warn!(account, cause, "{}", warning.message);
            }
        }
    }
}
