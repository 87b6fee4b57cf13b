//! The accounts in memory: read on every call, replaced on every change.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;
use patchcord_dynamics::{
    AccountCause, AccountSettings, Certificate, ClientCredential, StoredToken,
};
use patchcord_store::Store;
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::state::{CredentialView, TokenFacts};
use super::warnings::warnings;
use super::{
    ACCOUNTS, AccountState, AccountView, CERTIFICATE, CLIENT_SECRET, REFRESH_TOKEN, STATES, owner,
};
use crate::Error;

/// One account as calls see it.
pub(crate) struct Entry {
    pub(super) settings: AccountSettings,
    pub(super) credential: Option<ClientCredential>,
    /// Changes on its own when a token is refused or comes back; shared by successive entries of one account.
    live: Arc<RwLock<Live>>,
}

struct Live {
    state: AccountState,
    token: Option<TokenFacts>,
}

impl Entry {
    pub(super) fn new(
        settings: AccountSettings,
        credential: Option<ClientCredential>,
        state: AccountState,
        token: Option<TokenFacts>,
    ) -> Self {
        Self { settings, credential, live: Arc::new(RwLock::new(Live { state, token })) }
    }

    /// The same account with other settings.
    pub(super) fn with(
        &self,
        settings: AccountSettings,
        credential: Option<ClientCredential>,
    ) -> Self {
        Self { settings, credential, live: Arc::clone(&self.live) }
    }

    pub(super) fn state(&self) -> AccountState {
        self.read().state.clone()
    }

    pub(super) fn has_token(&self) -> bool {
        self.read().token.is_some()
    }

    pub(super) fn set_state(&self, state: AccountState) {
        self.write().state = state;
    }

    pub(super) fn set_token(&self, token: Option<TokenFacts>) {
        self.write().token = token;
    }

    /// What an administrator sees; of the access token only its client knows.
    pub(super) fn view(&self, access_token_until: Option<Timestamp>) -> AccountView {
        let credential = CredentialView::of(&self.settings, self.credential.as_ref());
        let live = self.read();
        AccountView {
            settings: self.settings.clone(),
            state: live.state.clone(),
            token: live.token.as_ref().map(|token| token.view(access_token_until)),
            warnings: warnings(&credential, live.token.as_ref(), Timestamp::now()),
            credential,
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Live> {
        self.live.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Live> {
        self.live.write().unwrap_or_else(PoisonError::into_inner)
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
            let state = state.map(|document| document.value);
            let state = state.unwrap_or_else(|| AccountState::required(AccountCause::Unknown));
            let credential = credential(store, id).await?;
            let token = token(store, id).await?;
            entries.insert(id, Arc::new(Entry::new(settings, credential, state, token)));
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

/// The stored credential of an account; none where there is none, or where it cannot be read.
async fn credential(store: &Store, id: Uuid) -> Result<Option<ClientCredential>, Error> {
    if let Some(text) = store.secret(&owner(id), CERTIFICATE).await? {
        return Ok(match Certificate::from_secret_text(&text) {
            Ok(certificate) => Some(ClientCredential::Certificate(Arc::new(certificate))),
            Err(error) => {
                tracing::error!(account = %id, "the stored certificate {error}");
                None
            }
        });
    }
    Ok(store.secret(&owner(id), CLIENT_SECRET).await?.map(ClientCredential::Secret))
}

async fn token(store: &Store, id: Uuid) -> Result<Option<TokenFacts>, Error> {
    let sealed = store.secret(&owner(id), REFRESH_TOKEN).await?;
    let token = sealed
        .and_then(|text| StoredToken::from_secret_bytes(text.expose_secret().as_bytes()).ok());
    Ok(token.as_ref().map(TokenFacts::from))
}

/// What becomes of an account's settings when those of another are saved: there is one default account at most.
pub(super) fn giving_way(
    settings: &AccountSettings,
    saved: &AccountSettings,
) -> Option<AccountSettings> {
    let gives_way = settings.default && saved.default && settings.id != saved.id;
    gives_way.then(|| AccountSettings { default: false, ..settings.clone() })
}
