//! Refresh tokens. As in Entra ID one stays good after its use; strict rotation is a switch, for clients of providers
//! that turn a second use into a revocation.
//!
//! Source: learn.microsoft.com/entra/identity-platform/refresh-tokens

use jiff::Timestamp;

use super::{Account, Grants, age, random};
use crate::entra::errors::EntraError;
use crate::entra::registry::Platform;
use crate::entra::scope::Requested;

/// How refresh tokens begin, so that one that got where it does not belong is found.
pub const REFRESH_TOKEN_PREFIX: &str = "1.emulator-refresh-token.";
/// A token that is not used for so long is dead.
const INACTIVE_LIFE_SECONDS: i64 = 90 * 24 * 3600;
/// A single-page app's sign-in ends after a day, used or not.
const SPA_LIFE_SECONDS: i64 = 24 * 3600;

/// What a refresh token stands for: a user and an app, not an API.
#[derive(Clone)]
pub(crate) struct RefreshGrant {
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) platform: Option<Platform>,
    pub(crate) account: Account,
    /// What was asked for last; the default of the next request.
    pub(crate) requested: Requested,
    pub(crate) issued: Timestamp,
    /// When the first token of this sign-in was issued.
    began: Timestamp,
    family: String,
    superseded: bool,
    revoked: bool,
}

/// What a new refresh token is for.
pub(crate) struct Refreshable<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) platform: Option<Platform>,
    pub(crate) account: &'a Account,
    pub(crate) requested: &'a Requested,
}

/// Whether a refresh token has come to its end by age.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Age {
    Good,
    Inactive,
    SpaOver,
}

impl RefreshGrant {
    pub(crate) fn age(&self, now: Timestamp) -> Age {
        match self.platform {
            Some(Platform::Spa) if age(self.began, now) >= SPA_LIFE_SECONDS => Age::SpaOver,
            Some(Platform::Spa) => Age::Good,
            _ if age(self.issued, now) >= INACTIVE_LIFE_SECONDS => Age::Inactive,
            _ => Age::Good,
        }
    }
}

impl Grants {
    pub(crate) fn issue_refresh(
        &self,
        what: &Refreshable<'_>,
        previous: Option<&str>,
        now: Timestamp,
    ) -> String {
        let mut inner = self.lock();
        let token = format!("{REFRESH_TOKEN_PREFIX}{}", random());
        let earlier = previous.and_then(|previous| {
            let previous = inner.refresh.get_mut(previous)?;
            previous.superseded = true;
            Some((previous.family.clone(), previous.began))
        });
        let (family, began) = earlier.unwrap_or_else(|| (token.clone(), now));
        let grant = RefreshGrant {
            tenant: what.tenant.to_owned(),
            client_id: what.client_id.to_owned(),
            platform: what.platform,
            account: what.account.clone(),
            requested: what.requested.clone(),
            issued: now,
            began,
            family,
            superseded: false,
            revoked: false,
        };
        inner.refresh.insert(token.clone(), grant);
        token
    }

    pub(crate) fn look_at_refresh(&self, token: &str) -> Result<RefreshGrant, EntraError> {
        let mut inner = self.lock();
        let Some(grant) = inner.refresh.get(token).cloned() else {
            let message = "Invalid request. Request is malformed or invalid: the refresh token is \
                           unknown.";
            return Err(EntraError::invalid_grant(9_002_313, message));
        };
        if inner.strict && grant.superseded {
            let same = inner.refresh.values_mut().filter(|other| other.family == grant.family);
            same.for_each(|other| other.revoked = true);
        }
        if grant.revoked || (inner.strict && grant.superseded) {
            return Err(revoked());
        }
        Ok(grant)
    }

    /// Where a refresh token's client is authenticated before the token is looked at: the kind of app it was issued to.
    pub(crate) fn platform_of_refresh(&self, token: &str) -> Option<Platform> {
        self.lock().refresh.get(token)?.platform
    }

    pub(crate) fn revoke_refresh_tokens(&self) {
        self.lock().refresh.values_mut().for_each(|grant| grant.revoked = true);
    }

    pub(crate) fn set_strict_rotation(&self, strict: bool) {
        self.lock().strict = strict;
    }
}

/// AADSTS50173, for whatever reason a grant counts no longer.
pub(crate) fn revoked() -> EntraError {
    let message = "The provided grant has expired due to it being revoked, a fresh auth token is \
                   needed. The user might have changed or reset their password.";
    EntraError::invalid_grant(50173, message).with_suberror("bad_token")
}
