//! People who sign in: who they are, what they may do, and the sessions in which they are signed in.
//!
//! `directory` who there is, kept as one document so that its rules (no name twice, always an administrator) hold among all
//! processes on the folder; `password` what is a password, and how one is known again; `lockout` who must wait after wrong
//! ones; `sessions` who is signed in; `setup` how the first one comes in.

mod directory;
mod lockout;
mod name;
mod password;
mod sessions;
mod setup;
mod sign_in;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;
use patchcord_store::Store;
use serde::{Deserialize, Serialize};

pub use sessions::Session;
pub use sign_in::SignInError;

use lockout::Lockout;
use password::Hashing;
use setup::Setup;

/// For how long people stay signed in, and what they did is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessSettings {
    /// After how long without a request a session ends.
    pub session_idle: Duration,
    /// After how long a session ends however busy it is.
    pub session_longest: Duration,
    /// Days for which the audit log is kept.
    pub audit_days: u16,
}

impl Default for AccessSettings {
    fn default() -> Self {
        let hour = Duration::from_secs(3_600);
        Self { session_idle: hour, session_longest: 12 * hour, audit_days: 365 }
    }
}

/// What somebody who signs in may do; each role includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Look at accounts, scenarios, blocks and runs.
    Viewer,
    /// Draft, publish and route scenarios, try them and blocks.
    Designer,
    /// Change accounts, blocks, users and tokens, and read the audit log.
    Administrator,
}

/// Somebody who can sign in: everything but the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name with which the user signs in, as it was given. Case does not matter.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// Since when there is this user.
    pub created_at: Timestamp,
    /// When the password was set.
    pub password_set_at: Timestamp,
}

/// The users of a store.
pub struct Users {
    store: Store,
    settings: AccessSettings,
    hashing: Hashing,
    lockout: Lockout,
    setup: Setup,
}

impl Users {
    /// The users kept in `store`.
    pub fn new(store: Store, settings: AccessSettings) -> Self {
        let (hashing, lockout, setup) = (Hashing::new(), Lockout::default(), Setup::default());
        Self { store, settings, hashing, lockout, setup }
    }
}
