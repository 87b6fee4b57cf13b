//! The clients of all integration accounts, made once each and replaced when an administrator changes an account.
//!
//! There is no eviction: accounts are few, and a client without work holds next to nothing. What must outlive a
//! replacement (a wait that Dynamics 365 asked for, the lock of the refresh token) is handed on to the next client.

use std::fmt;
use std::sync::Arc;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use crate::account::AccountSettings;
use crate::client::Client;
use crate::credential::ClientCredential;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::gate::{Gate, Parking};
use crate::keeper::Keeping;
use crate::limits::Limits;
use crate::oauth::OAuth;
use crate::telemetry::CallMeters;
use crate::token_source::{Rotation, TokenSource};
use crate::transport::{HttpSettings, Transport};
use crate::vault::TokenVault;

/// One client per integration account.
pub struct Pool {
    vault: Arc<dyn TokenVault>,
    http: HttpSettings,
    keeping: Keeping,
    members: DashMap<Uuid, Member>,
}

struct Member {
    credential: ClientCredential,
    client: Arc<Client>,
    shared: Shared,
}

/// What successive clients of an account have in common.
#[derive(Clone, Default)]
struct Shared {
    rotation: Rotation,
    parking: Parking,
    limits: Limits,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("clients", &self.members.len()).finish_non_exhaustive()
    }
}

impl Pool {
    /// An empty pool whose clients keep their refresh tokens in `vault`.
    pub fn new(vault: Arc<dyn TokenVault>) -> Self {
        Self::with_http(vault, HttpSettings::default())
    }

    /// As [`Self::new`], with other HTTP settings.
    pub fn with_http(vault: Arc<dyn TokenVault>, http: HttpSettings) -> Self {
        Self { vault, http, keeping: Keeping::default(), members: DashMap::new() }
    }

    /// The same pool, whose clients are kept ready in another way. To be said before there is a client.
    #[must_use]
    pub fn keeping(self, keeping: Keeping) -> Self {
        Self { keeping, ..self }
    }

    /// The client of an account: the one there is if settings and credential are the same, else a new one in
    /// its place. Calls under way on a replaced client go on to their end.
    ///
    /// Makes no request; must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`] or [`crate::ErrorKind::Unavailable`] if the HTTP client cannot be set up.
    pub fn client(
        &self,
        settings: &AccountSettings,
        credential: &ClientCredential,
    ) -> Result<Arc<Client>, Error> {
        match self.members.entry(settings.id) {
            Entry::Occupied(mut entry) => {
                if entry.get().fits(settings, credential) {
                    return Ok(Arc::clone(&entry.get().client));
                }
                let member = self.member(settings, credential, entry.get().shared.clone())?;
                let client = Arc::clone(&member.client);
                entry.insert(member);
                Ok(client)
            }
            Entry::Vacant(entry) => {
                let member = self.member(settings, credential, Shared::default())?;
                let client = Arc::clone(&member.client);
                entry.insert(member);
                Ok(client)
            }
        }
    }

    /// The client that an account has, if it has one.
    pub fn peek(&self, account: Uuid) -> Option<Arc<Client>> {
        self.members.get(&account).map(|member| Arc::clone(&member.client))
    }

    /// Keeps the refresh token of an account from being used and replaced until the guard is dropped. A token request
    /// under way is waited for.
    pub async fn hold_token(&self, account: Uuid) -> Option<OwnedMutexGuard<()>> {
        let rotation =
            self.members.get(&account).map(|member| Arc::clone(&member.shared.rotation))?;
        Some(rotation.lock_owned().await)
    }

    /// Forgets the client of an account. Calls under way go on to their end.
    pub fn remove(&self, account: Uuid) {
        self.members.remove(&account);
    }

    fn member(
        &self,
        settings: &AccountSettings,
        credential: &ClientCredential,
        shared: Shared,
    ) -> Result<Member, Error> {
        let connect_timeout = settings.policy.connect_timeout();
        let affinity_cookie = settings.policy.affinity_cookie;
        let http = HttpSettings { connect_timeout, affinity_cookie, ..self.http.clone() };
        let transport = Transport::new(&http)?;
        let oauth =
            OAuth::new(settings, credential, transport.clone(), settings.policy.token_timeout());
        let vault = Arc::clone(&self.vault);
        let tokens = TokenSource::new(
            settings.id,
            oauth,
            vault,
            Arc::clone(&shared.rotation),
            self.keeping.in_use_for,
        );
        let exchange = Exchange {
            account: settings.id,
            transport,
            tokens: Arc::new(tokens),
            gate: Gate::new(settings.policy.max_concurrent, shared.parking.clone()),
            limits: shared.limits.clone(),
            meters: CallMeters::default(),
            request_timeout: settings.policy.request_timeout(),
        };
        let client = Arc::new(Client::new(settings.clone(), exchange));
        self.keeping.clone().begin(&client);
        Ok(Member { credential: credential.clone(), client, shared })
    }
}

impl Member {
    fn fits(&self, settings: &AccountSettings, credential: &ClientCredential) -> bool {
        self.client.settings() == settings && self.credential.same_as(credential)
    }
}
