//! Integration accounts: their settings, their state, and who consented.
//!
//! What a call needs is a snapshot in memory that is replaced as a whole; the store is read at start only.

mod consent;
mod crm;
mod directory;
#[cfg(test)]
mod tests;
mod vault;

use std::sync::Arc;

use jiff::Timestamp;
use patchcord_dynamics::{AccountSettings, ClientCredential, FieldError, Policy, Pool};
use patchcord_store::{Batch, Store};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

pub use consent::ConsentLink;
pub(crate) use crm::{AccountCrm, NoAccount};
pub(crate) use directory::Directory;
use directory::{Entry, giving_way};
use vault::StoreVault;

use crate::Error;

const ACCOUNTS: &str = "accounts";
const STATES: &str = "account_states";
const CLIENT_SECRET: &str = "client_secret";
const REFRESH_TOKEN: &str = "refresh_token";

/// Owner of an account's secrets in the store.
fn owner(id: Uuid) -> String {
    format!("account/{id}")
}

/// What an administrator enters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountInput {
    /// Unique name.
    pub name: String,
    /// Whether it is used where a scenario selects none.
    #[serde(default)]
    pub default: bool,
    /// Application (client) id of the app registration.
    pub client_id: String,
    /// Client secret; none leaves the stored one as it is. It must be given anew with a token URL at another host.
    #[serde(default)]
    pub client_secret: Option<SecretString>,
    /// OAuth 2.0 authorization endpoint, v1 or v2.
    pub authorization_url: Url,
    /// OAuth 2.0 token endpoint, v1 or v2.
    pub token_url: Url,
    /// Root of the Web API, such as `https://org.crm.dynamics.com/api/data/v9.2`.
    pub api_url: Url,
    /// Country or region of national phone numbers (ISO 3166-1 alpha-2).
    #[serde(default)]
    pub phone_region: Option<String>,
    /// Last day of the client secret.
    #[serde(default)]
    pub credential_expires: Option<jiff::civil::Date>,
    /// What may be done with it.
    #[serde(default)]
    pub policy: Policy,
}

/// Whether an account can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AccountState {
    /// A token is there and has not been refused.
    Valid {
        /// Since when.
        since: Timestamp,
        /// Who consented; none until Dynamics 365 has said so.
        identity: Option<Identity>,
    },
    /// Somebody must press Request token.
    ConsentRequired {
        /// Since when.
        since: Timestamp,
        /// Why, and what to do.
        reason: String,
    },
}

/// Who consented, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Id of the user in Dynamics 365 (`systemuserid`).
    pub user_id: Uuid,
    /// Name of the user, where it could be read.
    pub user_name: Option<String>,
    /// Id of the organisation.
    pub organization_id: Uuid,
}

/// An integration account as an administrator sees it. Holds no secret.
#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    /// Its settings.
    #[serde(flatten)]
    pub settings: AccountSettings,
    /// Whether a client secret is stored.
    pub client_secret_set: bool,
    /// Whether it can be used.
    #[serde(flatten)]
    pub state: AccountState,
}

/// Every integration account, with its clients.
pub(crate) struct Accounts {
    store: Store,
    pool: Pool,
    directory: Arc<Directory>,
    consents: consent::Pending,
    /// One change of settings at a time: names are unique and one account at most is the default.
    changing: tokio::sync::Mutex<()>,
}

impl Accounts {
    pub(crate) async fn open(store: Store) -> Result<Arc<Self>, Error> {
        let directory = Arc::new(Directory::load(&store).await?);
        let vault = StoreVault::new(store.clone(), Arc::clone(&directory));
        Ok(Arc::new(Self {
            store,
            pool: Pool::new(Arc::new(vault)),
            directory,
            consents: consent::Pending::default(),
            changing: tokio::sync::Mutex::new(()),
        }))
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    pub(crate) fn list(&self) -> Vec<AccountView> {
        self.directory.all().iter().map(|entry| entry.view()).collect()
    }

    pub(crate) fn get(&self, id: Uuid) -> Result<AccountView, Error> {
        Ok(self.entry(id)?.view())
    }

    fn entry(&self, id: Uuid) -> Result<Arc<Entry>, Error> {
        self.directory.get(id).ok_or_else(|| not_found(id))
    }

    pub(crate) async fn create(&self, input: AccountInput) -> Result<AccountView, Error> {
        let _changing = self.changing.lock().await;
        self.save(Uuid::new_v4(), input, None).await
    }

    pub(crate) async fn update(&self, id: Uuid, input: AccountInput) -> Result<AccountView, Error> {
        let _changing = self.changing.lock().await;
        let old = self.entry(id)?;
        self.save(id, input, Some(&old)).await
    }

    async fn save(
        &self,
        id: Uuid,
        input: AccountInput,
        old: Option<&Entry>,
    ) -> Result<AccountView, Error> {
        let secret = input.client_secret.as_ref().map(trimmed);
        let settings = settings(id, input);
        let faults = faults(&settings, secret.as_ref(), old);
        if !faults.is_empty() {
            return Err(Error::Fields(faults));
        }
        let mut batch = self.batch(&settings)?;
        if let Some(secret) = &secret {
            batch.put_secret(&owner(id), CLIENT_SECRET, secret);
        }
        let _turning = self.directory.turning.lock().await;
        let state = new_state(&settings, old);
        if let Some(state) = &state {
            batch.put(STATES, &id.to_string(), state)?.delete_secret(&owner(id), REFRESH_TOKEN);
        }
        self.store.write(batch).await?;
        let credential = secret.map(ClientCredential::Secret);
        let entry = match (old, state) {
            (Some(old), state) => {
                let entry = old.with(settings, credential.or_else(|| old.credential.clone()));
                state.into_iter().for_each(|state| entry.set_state(state));
                entry
            }
            (None, state) => Entry::new(settings, credential, state.unwrap_or_else(no_token_yet)),
        };
        let view = entry.view();
        self.directory.put(entry);
        Ok(view)
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
        batch.delete_secret(&owner(id), CLIENT_SECRET).delete_secret(&owner(id), REFRESH_TOKEN);
        let turning = self.directory.turning.lock().await;
        self.store.write(batch).await?;
        self.directory.remove(id);
        drop(turning);
        self.pool.remove(id);
        Ok(())
    }
}

/// What is wrong with an account's new settings.
fn faults(
    settings: &AccountSettings,
    secret: Option<&SecretString>,
    old: Option<&Entry>,
) -> Vec<FieldError> {
    let mut faults = settings.check().err().unwrap_or_default();
    let wrong_secret = match (secret, old) {
        (Some(secret), _) if secret.expose_secret().is_empty() => {
            "is empty; leave it out to keep the one that is stored"
        }
        // Whoever may change an account may not thereby have its secret sent to a host of theirs.
        (None, Some(old))
            if old.credential.is_some()
                && old.settings.token_url.origin() != settings.token_url.origin() =>
        {
            "must be entered again, because the token URL leads to another host"
        }
        _ => return faults,
    };
    faults.push(FieldError { field: "client_secret".into(), message: wrong_secret.into() });
    faults
}

/// The state to which new settings turn an account; none where it stays as it is. A consent holds for one app at one
/// Entra ID and one organisation: it says nothing about another.
fn new_state(settings: &AccountSettings, old: Option<&Entry>) -> Option<AccountState> {
    let Some(old) = old.map(|old| &old.settings) else { return Some(no_token_yet()) };
    let same = old.client_id == settings.client_id
        && old.token_url == settings.token_url
        && old.api_url.origin() == settings.api_url.origin();
    (!same).then(|| AccountState::ConsentRequired {
        since: Timestamp::now(),
        reason: "client ID, token URL or API URL has changed: press Request token and sign in"
            .into(),
    })
}

fn no_token_yet() -> AccountState {
    let reason = "no token has been requested yet: press Request token and sign in".into();
    AccountState::ConsentRequired { since: Timestamp::now(), reason }
}

fn settings(id: Uuid, input: AccountInput) -> AccountSettings {
    AccountSettings {
        id,
        name: input.name.trim().to_owned(),
        default: input.default,
        client_id: input.client_id.trim().to_owned(),
        authorization_url: input.authorization_url,
        token_url: input.token_url,
        api_url: input.api_url,
        phone_region: input.phone_region.map(|region| region.trim().to_ascii_uppercase()),
        credential_expires: input.credential_expires,
        policy: input.policy,
    }
}

fn not_found(id: Uuid) -> Error {
    Error::NotFound { what: "integration account", name: id.to_string() }
}

/// A secret as it was meant: copied from a page, it often brings a line's end along.
fn trimmed(secret: &SecretString) -> SecretString {
    SecretString::from(secret.expose_secret().trim())
}
