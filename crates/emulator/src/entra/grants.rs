//! What users granted: sign-ins under way, codes, refresh tokens, remembered consents.
//!
//! In memory and behind one lock, which is held for map look-ups only. As in Entra ID a refresh
//! token stays good after its use; strict rotation is a switch, for clients of providers that
//! turn a second use into a revocation.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Version;
use super::errors::EntraError;
use super::scope::Requested;

/// How codes begin, so that one that got where it does not belong is found.
pub const CODE_PREFIX: &str = "0.emulator-code.";
/// How refresh tokens begin, for the same reason.
pub const REFRESH_TOKEN_PREFIX: &str = "1.emulator-refresh-token.";
/// How long a code, or a sign-in page left open, stays good.
const CODE_LIFE: Duration = Duration::from_secs(600);

/// How a code verifier is to be turned into the challenge.
#[derive(Clone)]
pub(crate) struct Challenge {
    pub(crate) value: String,
    pub(crate) s256: bool,
}

/// An authorization request that was found good, with the user once one signed in.
#[derive(Clone)]
pub(crate) struct Authorization {
    pub(crate) version: Version,
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) response_mode: String,
    pub(crate) state: Option<String>,
    /// `None` in v1 when `resource` is left to the token request.
    pub(crate) requested: Option<Requested>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) ask_consent: bool,
    pub(crate) user: Option<String>,
}

struct Code {
    authorization: Authorization,
    made: Instant,
    used: bool,
}

/// What a refresh token stands for: a user and an app, not an API.
#[derive(Clone)]
pub(crate) struct RefreshGrant {
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) user: String,
    /// What was asked for last; the default of the next request.
    pub(crate) requested: Requested,
    family: String,
    superseded: bool,
    revoked: bool,
}

#[derive(Default)]
struct Inner {
    pending: HashMap<String, (Authorization, Instant)>,
    codes: HashMap<String, Code>,
    refresh: HashMap<String, RefreshGrant>,
    consents: HashSet<(String, String)>,
    strict: bool,
}

#[derive(Default)]
pub(crate) struct Grants(Mutex<Inner>);

impl Grants {
    /// Keeps an authorization while its user fills in pages; the answer names it in the forms.
    pub(crate) fn hold(&self, authorization: Authorization) -> String {
        let mut inner = self.lock();
        inner.pending.retain(|_, (_, since)| since.elapsed() < CODE_LIFE);
        let context = random();
        inner.pending.insert(context.clone(), (authorization, Instant::now()));
        context
    }

    pub(crate) fn held(&self, context: &str) -> Option<Authorization> {
        let inner = self.lock();
        let (authorization, since) = inner.pending.get(context)?;
        (since.elapsed() < CODE_LIFE).then(|| authorization.clone())
    }

    pub(crate) fn release(&self, context: &str) {
        self.lock().pending.remove(context);
    }

    pub(crate) fn has_consented(&self, user: &str, client_id: &str) -> bool {
        self.lock().consents.contains(&(user.to_owned(), client_id.to_owned()))
    }

    pub(crate) fn remember_consent(&self, user: &str, client_id: &str) {
        self.lock().consents.insert((user.to_owned(), client_id.to_owned()));
    }

    pub(crate) fn issue_code(&self, authorization: Authorization) -> String {
        let mut inner = self.lock();
        inner.codes.retain(|_, code| code.made.elapsed() < CODE_LIFE * 2);
        let code = format!("{CODE_PREFIX}{}", random());
        let value = Code { authorization, made: Instant::now(), used: false };
        inner.codes.insert(code.clone(), value);
        code
    }

    /// What a code stands for, unless it was used, is too old, or was never issued.
    pub(crate) fn look_at_code(&self, code: &str) -> Result<Authorization, EntraError> {
        match self.lock().codes.get(code) {
            None => Err(EntraError::invalid_grant(
                9_002_313,
                "Invalid request. Request is malformed or invalid: the code is unknown.",
            )),
            Some(code) if code.used => Err(already_redeemed()),
            Some(code) if code.made.elapsed() >= CODE_LIFE => Err(EntraError::invalid_grant(
                70008,
                "The provided authorization code has expired. Send a new interactive \
                 authorization request for this user and resource.",
            )),
            Some(code) => Ok(code.authorization.clone()),
        }
    }

    /// Uses a code up; of two requests at once only one succeeds.
    pub(crate) fn redeem(&self, code: &str) -> Result<(), EntraError> {
        match self.lock().codes.get_mut(code) {
            Some(code) if !code.used => {
                code.used = true;
                Ok(())
            }
            _ => Err(already_redeemed()),
        }
    }

    pub(crate) fn issue_refresh(
        &self,
        tenant: &str,
        client_id: &str,
        user: &str,
        requested: &Requested,
        previous: Option<&str>,
    ) -> String {
        let mut inner = self.lock();
        let token = format!("{REFRESH_TOKEN_PREFIX}{}", random());
        let family = previous.and_then(|previous| {
            let previous = inner.refresh.get_mut(previous)?;
            previous.superseded = true;
            Some(previous.family.clone())
        });
        let grant = RefreshGrant {
            tenant: tenant.to_owned(),
            client_id: client_id.to_owned(),
            user: user.to_owned(),
            requested: requested.clone(),
            family: family.unwrap_or_else(|| token.clone()),
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
            let message = "The provided grant has expired due to it being revoked, a fresh auth \
                           token is needed. The user might have changed or reset their password.";
            return Err(EntraError::invalid_grant(50173, message));
        }
        Ok(grant)
    }

    pub(crate) fn revoke_refresh_tokens(&self) {
        self.lock().refresh.values_mut().for_each(|grant| grant.revoked = true);
    }

    pub(crate) fn set_strict_rotation(&self, strict: bool) {
        self.lock().strict = strict;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn already_redeemed() -> EntraError {
    let message = "OAuth2 Authorization code was already redeemed, please retry with a new valid \
                   code or use an existing refresh token.";
    EntraError::invalid_grant(54005, message)
}

fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}
