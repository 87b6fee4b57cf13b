//! Request token: the administrator is sent to sign in, and comes back with a code.
//!
//! What is under way is kept in memory only: a restart in between costs the administrator another click, and never
//! leaves a half-made consent behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dashmap::DashMap;
use jiff::Timestamp;
use patchcord_dynamics::{
    About, AccountCause, Client, ConsentFor, ConsentLost, FieldError, PendingConsent, ShowRequest,
    WhoAmI, begin_consent, finish_consent,
};
use patchcord_runtime::{Crm, CrmError, CrmErrorKind};
use patchcord_store::Batch;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use uuid::Uuid;

use super::directory::Entry;
use super::{AccountCrm, AccountState, AccountView, Accounts, Identity, NoAccount, STATES};
use crate::Error;
use crate::audit::Actor;
use crate::secret::{digest, same};

/// How long a sign-in may take.
const LIFE: Duration = Duration::from_secs(600);
/// How long Entra ID and Dynamics 365 together may take to answer once the administrator is back.
const PATIENCE: Duration = Duration::from_secs(30);

/// Consents under way, by their `state`.
#[derive(Default)]
pub(super) struct Pending {
    by_state: DashMap<String, Waiting>,
}

struct Waiting {
    account: Uuid,
    consent: PendingConsent,
    since: Instant,
    /// Hash of what the browser was given in which it was begun. Who was not begun with may not end it: nobody is led to
    /// sign in for an account of somebody else's choosing.
    browser: Option<String>,
    begun_by: Option<Actor>,
}

impl Waiting {
    fn is_of(&self, browser: Option<&SecretString>) -> bool {
        let given = browser.map(|browser| digest(browser.expose_secret()));
        match (&self.browser, given) {
            (None, _) => true,
            (Some(begun), Some(given)) => same(begun, &given),
            (Some(_), None) => false,
        }
    }
}

/// A consent that came to its end, well or not.
#[derive(Debug)]
pub struct EndedConsent {
    /// The integration account.
    pub account: Uuid,
    /// Who pressed Request token, where that was told.
    pub begun_by: Option<Actor>,
    /// The account that is valid now, or why it is not.
    pub outcome: Result<AccountView, Error>,
}

/// Who asks for a consent, and where.
#[derive(Debug, Clone, Default)]
pub struct ConsentAsker {
    /// Who it is, for the audit log.
    pub actor: Option<Actor>,
    /// What the browser keeps in which it is begun: only that one can end it.
    pub browser: Option<SecretString>,
}

/// Where to send the administrator.
#[derive(Debug, Clone)]
pub struct ConsentLink {
    /// Entra ID's page, with everything it needs to know.
    pub authorize_url: Url,
}

impl Accounts {
    pub(crate) fn begin_consent(
        &self,
        id: Uuid,
        redirect_uri: &Url,
        consent_for: ConsentFor,
        asker: ConsentAsker,
    ) -> Result<ConsentLink, Error> {
        let entry = self.entry(id)?;
        // Without a credential the code that comes back could not be redeemed: better said before than after.
        self.client(&entry)?;
        let consent = begin_consent(&entry.settings, redirect_uri, consent_for);
        let consent = match entry.state().claims() {
            Some(claims) => consent.demanding(claims),
            None => consent,
        };
        let link = ConsentLink { authorize_url: consent.authorize_url.clone() };
        let pending = &self.consents.by_state;
        pending.retain(|_, waiting| waiting.since.elapsed() < LIFE);
        let state = consent.state.clone();
        let ConsentAsker { actor: begun_by, browser } = asker;
        let browser = browser.map(|browser| digest(browser.expose_secret()));
        let since = Instant::now();
        pending.insert(state, Waiting { account: id, consent, since, browser, begun_by });
        Ok(link)
    }

    /// Takes what the sign-in page sent back. A `state` works once.
    pub(crate) async fn finish_consent(
        &self,
        state: &str,
        answer: Result<String, String>,
        browser: Option<&SecretString>,
    ) -> Result<EndedConsent, Error> {
        let by_state = &self.consents.by_state;
        let waiting = by_state.remove_if(state, |_, waiting| waiting.is_of(browser));
        let waiting = waiting.map(|(_, waiting)| waiting);
        let waiting = waiting.filter(|w| w.since.elapsed() < LIFE).ok_or(Error::UnknownConsent)?;
        let Waiting { account, consent, begun_by, .. } = waiting;
        let outcome = match answer {
            Ok(code) => self.redeem(account, consent, code.into()).await,
            Err(refused) => Err(Error::ConsentRefused(refused)),
        };
        Ok(EndedConsent { account, begun_by, outcome })
    }

    async fn redeem(
        &self,
        account: Uuid,
        consent: PendingConsent,
        code: SecretString,
    ) -> Result<AccountView, Error> {
        let entry = self.entry(account)?;
        let client = self.client(&entry)?;
        let deadline = Instant::now() + PATIENCE;
        match finish_consent(&client, consent, code, deadline).await {
            Ok(consented) => {
                let identity = identity(&consented.who_am_i, consented.user_name, consented.about);
                self.now_valid(account, Timestamp::now(), identity).await
            }
            Err(error) => {
                self.note_failure(account, &error).await;
                Err(error.into())
            }
        }
    }

    /// Asks Dynamics 365 who the account's user is, whatever state the account is in.
    pub(crate) async fn test(&self, id: Uuid) -> Result<AccountView, Error> {
        let entry = self.entry(id)?;
        let client = self.client(&entry)?;
        let deadline = Instant::now() + PATIENCE;
        let who_am_i = client.who_am_i(deadline).await?.value;
        let about = client.about(&who_am_i, deadline).await;
        let (since, known) = match entry.state() {
            AccountState::Valid { since, identity } => (Some(since), identity),
            AccountState::ConsentRequired { .. } => (None, None),
        };
        let same = known.filter(|known| known.user_id == who_am_i.user_id);
        let user_name = same.and_then(|known| known.user_name).or(about.sign_in_name.clone());
        let identity = identity(&who_am_i, user_name, about);
        self.now_valid(id, since.unwrap_or_else(Timestamp::now), identity).await
    }

    async fn now_valid(
        &self,
        id: Uuid,
        since: Timestamp,
        identity: Identity,
    ) -> Result<AccountView, Error> {
        let _turning = self.directory.turning.lock().await;
        let entry = self.entry(id)?;
        let state = AccountState::Valid { since, identity: Some(identity) };
        let mut batch = Batch::new();
        batch.put(STATES, &id.to_string(), &state)?;
        self.store.write(batch).await?;
        entry.set_state(state);
        Ok(self.view(&entry))
    }

    /// Where an account that cannot be used could not be made usable: why not is its state now. One that can be used
    /// goes on with the consent that it has.
    async fn note_failure(&self, id: Uuid, error: &patchcord_dynamics::Error) {
        let Some(cause) = AccountCause::of(error) else { return };
        let reason = error.message.clone();
        let lost = ConsentLost { cause, reason, claims: None };
        let _turning = self.directory.turning.lock().await;
        let Some(entry) = self.directory.get(id) else { return };
        if matches!(entry.state(), AccountState::Valid { .. }) {
            return;
        }
        let state = AccountState::from(&lost);
        let mut batch = Batch::new();
        let put = batch.put(STATES, &id.to_string(), &state).map(drop);
        match put {
            Ok(()) => match self.store.write(batch).await {
                Ok(_) => entry.set_state(state),
                Err(error) => tracing::error!(%error, "a refused consent could not be noted"),
            },
            Err(error) => tracing::error!(%error, "a refused consent could not be noted"),
        }
    }

    pub(super) fn client(&self, entry: &Entry) -> Result<Arc<Client>, Error> {
        let credential = entry.credential.as_ref().ok_or_else(|| {
            let message =
                "is missing; enter the client secret of the app registration, or a certificate"
                    .into();
            Error::Fields(vec![FieldError { field: "client_secret".into(), message }])
        })?;
        self.pool.client(&entry.settings, credential).map_err(Error::Dynamics)
    }

    /// The account behind a handle, as a block may use it.
    pub(crate) fn crm(&self, handle: Option<&str>) -> Arc<dyn Crm> {
        match self.usable(handle) {
            Ok(client) => Arc::new(AccountCrm::new(client)),
            Err(error) => Arc::new(NoAccount(error)),
        }
    }

    /// As [`Self::crm`], but what writes is shown and not sent.
    pub(crate) fn rehearsing(&self, handle: Option<&str>, show: ShowRequest) -> Arc<dyn Crm> {
        match self.usable(handle) {
            Ok(client) => Arc::new(AccountCrm::new(Arc::new(client.rehearsing(show)))),
            Err(error) => Arc::new(NoAccount(error)),
        }
    }

    fn usable(&self, handle: Option<&str>) -> Result<Arc<Client>, CrmError> {
        let invalid = |message: &str| CrmError::local(CrmErrorKind::InvalidRequest, message);
        let handle = handle.ok_or_else(|| invalid("no integration account is selected"))?;
        let id = Uuid::try_parse(handle).ok();
        let entry = id.and_then(|id| self.directory.get(id));
        let entry = entry.ok_or_else(|| invalid("the selected integration account is gone"))?;
        if let Some(why) = without_consent(&entry) {
            return Err(CrmError::local(CrmErrorKind::ConsentRequired, why));
        }
        self.client(&entry).map_err(|error| invalid(&error.to_string()))
    }

    /// Why the account behind a handle cannot be used now, in a sentence that says what to do.
    pub(crate) fn unusable(&self, handle: &str) -> Option<String> {
        let entry = self.directory.get(handle.parse().ok()?)?;
        without_consent(&entry).or_else(|| {
            let error = self.client(&entry).err()?;
            Some(format!("integration account `{}`: {error}", entry.settings.name))
        })
    }
}

/// What to do where nobody's consent is in force.
fn without_consent(entry: &Entry) -> Option<String> {
    match entry.state() {
        AccountState::Valid { .. } => None,
        AccountState::ConsentRequired { reason, .. } => {
            Some(format!("integration account `{}`: {reason}", entry.settings.name))
        }
    }
}

fn identity(who_am_i: &WhoAmI, user_name: Option<String>, about: About) -> Identity {
    Identity {
        user_id: who_am_i.user_id,
        user_name,
        full_name: about.full_name,
        organization_id: who_am_i.organization_id,
        organization_name: about.organization_name,
    }
}
