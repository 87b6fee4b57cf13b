//! Integration accounts: their settings, their state, and who consented.
//!
//! What a call needs is a snapshot in memory that is replaced as a whole; the store is read at start only.

mod consent;
mod crm;
mod definitions;
mod directory;
mod input;
mod no_account;
mod state;
#[cfg(test)]
mod tests;
mod vault;
mod warnings;
mod watch;

use std::sync::Arc;

use patchcord_dynamics::{AccountCause, AccountSettings, Client, ClientCredential, Pool};
use patchcord_store::{Batch, Store};
use uuid::Uuid;

pub use consent::{ConsentAsker, ConsentLink, EndedConsent};
pub(crate) use crm::AccountCrm;
pub(crate) use directory::Directory;
use directory::{Entry, giving_way};
use input::faults;
pub use input::{AccountInput, CertificateInput};
pub(crate) use no_account::NoAccount;
pub use state::{AccountState, AccountView, CredentialKind, CredentialView, Identity, TokenView};
use vault::StoreVault;
pub use warnings::{Warning, WarningCause};

use crate::Error;

const ACCOUNTS: &str = "accounts";
const STATES: &str = "account_states";
const CLIENT_SECRET: &str = "client_secret";
const CERTIFICATE: &str = "certificate";
const REFRESH_TOKEN: &str = "refresh_token";

/// Owner of an account's secrets in the store.
fn owner(id: Uuid) -> String {
    format!("account/{id}")
}

/// Every integration account, with its clients.
pub(crate) struct Accounts {
    store: Store,
    pool: Pool,
    directory: Arc<Directory>,
    consents: consent::Pending,
    /// One change of settings at a time: names are unique and one account at most is the default.
    changing: tokio::sync::Mutex<()>,
    /// Ends what watches over the accounts when it is dropped with them.
    _alive: tokio::sync::oneshot::Sender<()>,
}

impl Accounts {
    pub(crate) async fn open(store: Store) -> Result<Arc<Self>, Error> {
        let directory = Arc::new(Directory::load(&store).await?);
        let vault = StoreVault::new(store.clone(), Arc::clone(&directory));
        let (alive, ended) = tokio::sync::oneshot::channel();
        let accounts = Arc::new(Self {
            store,
            pool: Pool::new(Arc::new(vault)),
            directory,
            consents: consent::Pending::default(),
            changing: tokio::sync::Mutex::new(()),
            _alive: alive,
        });
        accounts.activate_all();
        watch::begin(&accounts, ended);
        Ok(accounts)
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    pub(crate) fn list(&self) -> Vec<AccountView> {
        self.directory.all().iter().map(|entry| self.view(entry)).collect()
    }

    /// Every account by id and name, with the client that it has, in the order of their names.
    pub(crate) fn clients(&self) -> Vec<(Uuid, String, Option<Arc<Client>>)> {
        let all = self.directory.all();
        let settings = all.iter().map(|entry| &entry.settings);
        settings.map(|it| (it.id, it.name.clone(), self.pool.peek(it.id))).collect()
    }

    /// The columns whose values no trace shows, of all accounts.
    pub(crate) fn sensitive_columns(&self) -> Vec<String> {
        let all = self.directory.all();
        let columns = all.iter().flat_map(|entry| &entry.settings.policy.sensitive_columns);
        columns.cloned().collect()
    }

    pub(crate) fn get(&self, id: Uuid) -> Result<AccountView, Error> {
        Ok(self.view(self.entry(id)?.as_ref()))
    }

    fn view(&self, entry: &Entry) -> AccountView {
        let id = entry.settings.id;
        entry.view(self.pool.peek(id).and_then(|client| client.access_token_expires()))
    }

    fn entry(&self, id: Uuid) -> Result<Arc<Entry>, Error> {
        self.directory.get(id).ok_or_else(|| not_found(id))
    }

    pub(crate) async fn create(
        self: &Arc<Self>,
        input: AccountInput,
    ) -> Result<AccountView, Error> {
        let _changing = self.changing.lock().await;
        self.save(Uuid::new_v4(), input, None).await
    }

    pub(crate) async fn update(
        self: &Arc<Self>,
        id: Uuid,
        input: AccountInput,
    ) -> Result<AccountView, Error> {
        let _changing = self.changing.lock().await;
        let old = self.entry(id)?;
        self.save(id, input, Some(&old)).await
    }

    async fn save(
        self: &Arc<Self>,
        id: Uuid,
        input: AccountInput,
        old: Option<&Entry>,
    ) -> Result<AccountView, Error> {
        let credential = input.credential();
        let settings = input.into_settings(id);
        let faults = faults(&settings, &credential, old);
        let Some(credential) = credential.ok().filter(|_| faults.is_empty()) else {
            return Err(Error::Fields(faults));
        };
        let mut batch = self.batch(&settings)?;
        if let Some(credential) = &credential {
            put_credential(&mut batch, id, credential);
        }
        let is_new_credential = credential.is_some();
        let state = new_state(&settings, old);
        // A token request under way would put the old app's token back after it was deleted.
        let _held = match &state {
            Some(_) => self.pool.hold_token(id).await,
            None => None,
        };
        let _turning = self.directory.turning.lock().await;
        if let Some(state) = &state {
            batch.put(STATES, &id.to_string(), state)?.delete_secret(&owner(id), REFRESH_TOKEN);
        }
        self.store.write(batch).await?;
        let entry = match old {
            Some(old) => old.with(settings, credential.or_else(|| old.credential.clone())),
            None => {
                let first = AccountState::required(AccountCause::NotConsentedYet);
                Entry::new(settings, credential, first, None)
            }
        };
        if let Some(state) = state {
            entry.set_state(state);
            entry.set_token(None);
        }
        self.directory.put(entry);
        let entry = self.entry(id)?;
        self.settings_changed(&entry, is_new_credential);
        Ok(self.view(&entry))
    }

    /// Writes the settings; where they are those of the default account, the one that was it gives way.
    fn batch(&self, settings: &AccountSettings) -> Result<Batch, Error> {
        let all = self.directory.all();
        let others = || all.iter().map(|entry| &entry.settings).filter(|o| o.id != settings.id);
        if others().any(|other| other.name == settings.name) {
            let name = settings.name.clone();
            return Err(Error::Taken { what: "an integration account", name });
        }
        let mut batch = Batch::new();
        batch.put(ACCOUNTS, &settings.id.to_string(), settings)?;
        for demoted in others().filter_map(|other| giving_way(other, settings)) {
            batch.put(ACCOUNTS, &demoted.id.to_string(), &demoted)?;
        }
        Ok(batch)
    }

    pub(crate) async fn delete(&self, id: Uuid) -> Result<(), Error> {
        let _changing = self.changing.lock().await;
        self.entry(id)?;
        let mut batch = Batch::new();
        batch.delete(ACCOUNTS, &id.to_string()).delete(STATES, &id.to_string());
        let owner = owner(id);
        for secret in [CLIENT_SECRET, CERTIFICATE, REFRESH_TOKEN] {
            batch.delete_secret(&owner, secret);
        }
        let turning = self.directory.turning.lock().await;
        self.store.write(batch).await?;
        self.directory.remove(id);
        drop(turning);
        self.pool.remove(id);
        Ok(())
    }
}

/// The state to which new settings turn an account; none where it stays as it is. A consent holds for one app at one
/// Entra ID and one organisation: it says nothing about another.
fn new_state(settings: &AccountSettings, old: Option<&Entry>) -> Option<AccountState> {
    let Some(old) = old.map(|old| &old.settings) else {
        return Some(AccountState::required(AccountCause::NotConsentedYet));
    };
    let same = old.client_id == settings.client_id
        && old.token_url == settings.token_url
        && old.api_url.origin() == settings.api_url.origin();
    (!same).then(|| AccountState::required(AccountCause::SettingsChanged))
}

/// Puts the credential in the place of whatever credential there was.
fn put_credential(batch: &mut Batch, id: Uuid, credential: &ClientCredential) {
    let owner = owner(id);
    match credential {
        ClientCredential::Secret(secret) => {
            batch.put_secret(&owner, CLIENT_SECRET, secret).delete_secret(&owner, CERTIFICATE);
        }
        ClientCredential::Certificate(certificate) => {
            let text = certificate.to_secret_text();
            batch.put_secret(&owner, CERTIFICATE, &text).delete_secret(&owner, CLIENT_SECRET);
        }
        // The enum is open; what is not known here cannot have been entered here.
        _ => {}
    }
}

fn not_found(id: Uuid) -> Error {
    Error::NotFound { what: "integration account", name: id.to_string() }
}
