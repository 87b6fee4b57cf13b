//! Entra ID and Dynamics 365 on a laptop: OAuth 2.0 sign-in with consent, and the Dataverse Web
//! API on SQLite, with faults on demand.
//!
//! What is right is what Microsoft documents; nothing here is shared with a client of it. It is a
//! stand-in for practice and tests, never a part of the runtime, and listens on loopback only.

mod config;
mod control;
mod dataverse;
mod entra;
mod faults;
mod limits;
mod log;
mod members;
mod observe;
mod pages;
mod portal;
mod server;
mod state;
mod tls;
mod visitor;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

pub use config::{Caller, EmulatorConfig, Progress, Setup};
pub use entra::grants::{CODE_PREFIX, REFRESH_TOKEN_PREFIX};
pub use faults::{Fault, FaultKind, FaultRule, FaultTarget, Route};
pub use limits::gate::Limit;
pub use limits::{LimitValues, Limits};
pub use log::{Counters, LogEntry};
pub use members::Misread;
pub use visitor::{Page, VisitError, Visitor};

use dataverse::seed;
use state::State;

/// Why an emulator could not be started.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// Neither an http nor an https address was given.
    #[error("the emulator needs an http or an https address to listen on")]
    NoAddress,
    /// An address that other machines could reach: the emulator's secrets are public.
    #[error("the emulator listens on loopback only, and {0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The address is taken or not allowed.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// A file in the data folder can not be read or written.
    #[error("cannot use {path}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// The CA or the certificate could not be made.
    #[error("cannot make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// The key that signs tokens could not be made.
    #[error("cannot make the key that signs tokens")]
    SigningKey(#[from] jsonwebtoken::errors::Error),
    /// The database can not be opened, prepared or seeded.
    #[error("cannot prepare the emulator's database")]
    Database(#[from] sqlx::Error),
    /// The `$metadata` file is not one, or not one of Dataverse.
    #[error("{}, line {line}: {problem}", .path.display())]
    Metadata {
        /// The file.
        path: PathBuf,
        /// Where in it, counted from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// The directory's file says something that cannot be.
    #[error("{path} is wrong: {reason}")]
    Directory {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, with line and column where it is the spelling.
        reason: String,
    },
    /// A definition compiled into the emulator is wrong.
    #[error("the emulator's built-in {what} is wrong: {reason}")]
    BuiltIn {
        /// Which definition.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// A running emulator. It stops when [`Emulator::stop`] is called or the value is dropped.
pub struct Emulator {
    setup: Setup,
    state: Arc<State>,
    listeners: server::Listeners,
    _temporary: Option<tempfile::TempDir>,
}

impl Emulator {
    /// Starts an emulator; it is bound, seeded and answering when this returns.
    ///
    /// # Errors
    /// Where an address is not loopback or taken, or the data folder can not be used.
    pub async fn start(config: EmulatorConfig) -> Result<Emulator, EmulatorError> {
        server::start(config).await
    }

    /// Addresses and demo credentials.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The `n`th seeded contact, counted from 0. Contact 0 is one whose stored number is plain
    /// E.164 in `mobilephone`; every eighth after it is another such one. It says what the seed
    /// wrote, even for an `n` beyond the seeded number or a row that was changed since.
    pub fn caller(&self, n: usize) -> Caller {
        seed::caller(u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// What has been counted since the start.
    pub fn counters(&self) -> Counters {
        self.state.counters.snapshot()
    }

    /// The last requests, oldest first, secrets masked.
    pub fn log(&self) -> Vec<LogEntry> {
        self.state.log.entries()
    }

    /// Keeps, from here on, every secret that the token endpoints are shown or give out, also where a fault answers.
    pub fn keep_secrets(&self) {
        self.state.witness.begin();
    }

    /// The secrets kept since [`Emulator::keep_secrets`], each with the name of its field, such as `refresh_token`.
    pub fn secrets(&self) -> Vec<(&'static str, String)> {
        self.state.witness.secrets()
    }

    /// Makes every access token issued so far count as expired.
    pub fn expire_access_tokens(&self) {
        self.state.entra.expire_access_tokens();
    }

    /// Revokes every refresh token issued so far (AADSTS50173 when one is used).
    pub fn revoke_refresh_tokens(&self) {
        self.state.entra.grants.revoke_refresh_tokens();
    }

    /// Sets how long access tokens issued from now on live, in seconds.
    pub fn set_access_token_lifetime(&self, seconds: u32) {
        self.state.entra.set_access_token_lifetime(seconds);
    }

    /// Puts the clock that tokens go by ahead by so many seconds, or back: what a client meets whose clock, or whose
    /// server's, is wrong.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.state.entra.set_clock_offset(seconds);
    }

    /// In strict mode a refresh token that was used once is dead, and using it again revokes all
    /// tokens that came from the same sign-in. Entra ID is not strict; other providers are.
    pub fn set_strict_refresh_rotation(&self, strict: bool) {
        self.state.entra.grants.set_strict_rotation(strict);
    }

    /// Adds a fault, after those already waiting for its route.
    pub fn add_fault(&self, fault: Fault) {
        self.add_fault_rule(fault.into());
    }

    /// Adds a fault with its own choice of requests, and returns its number.
    pub fn add_fault_rule(&self, rule: FaultRule) -> u64 {
        self.state.faults.add(rule)
    }

    /// Sets service protection anew; what was counted is forgotten.
    pub fn set_limits(&self, limits: &Limits) {
        self.state.limits.set(limits);
    }

    /// Moves the clock of service protection ahead, so that nobody has to wait for a window to pass.
    pub fn advance_limits(&self, by: std::time::Duration) {
        self.state.limits.advance(by);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }

    /// Stops listening, drops open connections and closes the database.
    pub async fn stop(self) {
        self.listeners.stop().await;
        self.state.dataverse.pool.close().await;
    }
}
