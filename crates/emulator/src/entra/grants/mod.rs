//! What users granted: sign-ins under way, codes, refresh tokens, remembered consents, device codes, sessions.
//!
//! In memory and behind one lock, which is held for map look-ups only. Every time is the emulated clock's, handed in by
//! the caller.

mod codes;
mod consents;
mod device;
mod refresh;
mod sessions;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use super::Version;
use super::registry::{Api, Platform};
use super::scope::Requested;

pub use codes::CODE_PREFIX;
pub(crate) use device::{DEVICE_CODE_LIFE_SECONDS, DeviceRequest, DeviceState};
pub use refresh::REFRESH_TOKEN_PREFIX;
pub(crate) use refresh::{Age, RefreshGrant, Refreshable, revoked};
pub(crate) use sessions::Account;

/// How a code verifier is to be turned into the challenge.
#[derive(Clone)]
pub(crate) struct Challenge {
    pub(crate) value: String,
    pub(crate) s256: bool,
}

/// How an answer gets to the app.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// What `response_type` asks for.
#[derive(Clone, Copy, Default)]
pub(crate) struct ResponseType {
    pub(crate) code: bool,
    pub(crate) id_token: bool,
}

/// What a sign-in leads to.
#[derive(Clone)]
pub(crate) enum Destination {
    /// Back to the app with what it asked for.
    App { redirect_uri: String, platform: Platform, mode: ResponseMode, kind: ResponseType },
    /// An administrator's consent for the organisation, and back to the app with word of it.
    AdminConsent { redirect_uri: String },
    /// A device waits for this user code.
    Device { user_code: String },
}

/// What `prompt` asks for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Prompt {
    #[default]
    AsNeeded,
    None,
    Login,
    SelectAccount,
    Consent,
    AdminConsent,
}

/// An authorization request that was found good, with the user once one signed in.
#[derive(Clone)]
pub(crate) struct Authorization {
    pub(crate) version: Version,
    /// The tenant as the request named it, which may be `common`.
    pub(crate) asked_tenant: String,
    pub(crate) client_id: String,
    pub(crate) destination: Destination,
    pub(crate) state: Option<String>,
    /// `None` in v1 when `resource` is left to the token request.
    pub(crate) requested: Option<Requested>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) prompt: Prompt,
    pub(crate) login_hint: Option<String>,
    /// The app wants `client_info` beside its code.
    pub(crate) client_info: bool,
    /// Where the request came to: the issuer of an id token that goes back at once.
    pub(crate) origin: String,
    pub(crate) account: Option<Account>,
}

impl Authorization {
    /// The kind of app that the answer goes to, where it goes to one.
    pub(crate) fn platform(&self) -> Option<Platform> {
        match &self.destination {
            Destination::App { platform, .. } => Some(*platform),
            Destination::AdminConsent { .. } | Destination::Device { .. } => None,
        }
    }
}

/// A permission by API and name, as consents hold them.
pub(crate) type PermissionKey = (Api, String);

#[derive(Default)]
struct Inner {
    pending: HashMap<String, (Authorization, Timestamp)>,
    codes: HashMap<String, codes::Code>,
    refresh: HashMap<String, RefreshGrant>,
    /// By user and client id.
    consents: HashMap<(String, String), HashSet<PermissionKey>>,
    devices: HashMap<String, device::Device>,
    sessions: HashMap<String, Vec<Account>>,
    strict: bool,
}

#[derive(Default)]
pub(crate) struct Grants(Mutex<Inner>);

impl Grants {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn age(since: Timestamp, now: Timestamp) -> i64 {
    now.as_second() - since.as_second()
}

fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}
