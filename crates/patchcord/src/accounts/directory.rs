//! The accounts in memory: read on every call, replaced on every change.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use patchcord_dynamics::{AccountSettings, ClientCredential};
use patchcord_store::Store;
use uuid::Uuid;

use super::{ACCOUNTS, AccountState, AccountView, CLIENT_SECRET, STATES, owner};
use crate::Error;

/// One account as calls see it.
pub(crate) struct Entry {
    pub(super) settings: AccountSettings,
    pub(super) credential: Option<ClientCredential>,
    /// Changes on its own when a token is refused or comes back; shared by successive entries of one account.
    state: Arc<RwLock<AccountState>>,
}

impl Entry {
    pub(super) fn new(
        settings: AccountSettings,
        credential: Option<ClientCredential>,
        state: AccountState,
    ) -> Self {
        Self { settings, credential, state: Arc::new(RwLock::new(state)) }
    }

    /// The same account with other settings.
    pub(super) fn with(
        &self,
        settings: AccountSettings,
        credential: Option<ClientCredential>,
    ) -> Self {
        Self { settings, credential, state: Arc::clone(&self.state) }
    }

    pub(super) fn state(&self) -> AccountState {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_state(&self, state: AccountState) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    pub(super) fn view(&self) -> AccountView {
        AccountView {
            settings: self.settings.clone(),
            client_secret_set: self.credential.is_some(),
            state: self.state(),
        }
    }
}

/// Every account.
pub(crate) struct Directory {
    entries: RwLock<BTreeMap<Uuid, Arc<Entry>>>,
    /// Held while an account's state changes in the store and here, so that both see the changes in one order, and
    /// nothing is written for an account that has gone.
    pub(super) turning: tokio::sync::Mutex<()>,
}

impl Directory {
    pub(super) async fn load(store: &Store) -> Result<Self, Error> {
        let mut entries = BTreeMap::new();
        for document in store.list::<AccountSettings>(ACCOUNTS).await? {
            let settings = document.value;
            let id = settings.id;
            let state = store.get::<AccountState>(STATES, &id.to_string()).await?;
            let state = state.map(|document| document.value).unwrap_or_else(|| {
                let reason = "the state of the account is not known: press Request token".into();
                AccountState::ConsentRequired { since: document.updated_at, reason }
            });
            let secret = store.secret(&owner(id), CLIENT_SECRET).await?;
            let credential = secret.map(ClientCredential::Secret);
            entries.insert(id, Arc::new(Entry::new(settings, credential, state)));
        }
        Ok(Self { entries: RwLock::new(entries), turning: Default::default() })
    }

    pub(super) fn all(&self) -> Vec<Arc<Entry>> {
        let mut all: Vec<_> = self.read(|entries| entries.values().cloned().collect());
        all.sort_by(|a, b| a.settings.name.cmp(&b.settings.name));
        all
    }

    pub(super) fn get(&self, id: Uuid) -> Option<Arc<Entry>> {
        self.read(|entries| entries.get(&id).cloned())
    }

    /// The handle of the account with this name.
    pub(crate) fn handle(&self, name: &str) -> Option<String> {
        self.find(|entry| entry.settings.name == name)
    }

    /// The handle of the default account.
    pub(crate) fn default_handle(&self) -> Option<String> {
        self.find(|entry| entry.settings.default)
    }

    fn find(&self, wanted: impl Fn(&Entry) -> bool) -> Option<String> {
        let id = |entry: &Arc<Entry>| entry.settings.id.to_string();
        self.read(|entries| entries.values().find(|entry| wanted(entry)).map(id))
    }

    /// Takes `entry` in; the default account, where it is one, gives way.
    pub(super) fn put(&self, entry: Entry) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        for other in entries.values_mut() {
            if let Some(settings) = giving_way(&other.settings, &entry.settings) {
                *other = Arc::new(other.with(settings, other.credential.clone()));
            }
        }
        entries.insert(entry.settings.id, Arc::new(entry));
    }

    pub(super) fn remove(&self, id: Uuid) {
        self.entries.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    fn read<T>(&self, look: impl FnOnce(&BTreeMap<Uuid, Arc<Entry>>) -> T) -> T {
        look(&self.entries.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What becomes of an account's settings when those of another are saved: there is one default account at most.
pub(super) fn giving_way(
    settings: &AccountSettings,
    saved: &AccountSettings,
) -> Option<AccountSettings> {
    let gives_way = settings.default && saved.default && settings.id != saved.id;
    gives_way.then(|| AccountSettings { default: false, ..settings.clone() })
}
