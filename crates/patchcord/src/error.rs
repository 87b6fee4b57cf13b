//! What can go wrong, by who can act on it.
//!
//! The messages are for a person and hold no secret; statuses of HTTP are no business of these types.

use jiff::Timestamp;
use patchcord_dynamics::FieldError;
use patchcord_runtime::{Capability, LimitError, LoadError, RuntimeError};
use patchcord_scenario::Problem;
use patchcord_store::StoreError;

use crate::blocks::{RegistryError, SignatureError, TrustedKeysError};
use crate::runs::KeyError;

/// Why something that an administrator or a designer asked for was not done. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("there is no {what} `{name}`")]
    NotFound {
        /// Account, scenario, block, run, token.
        what: &'static str,
        /// What was asked for.
        name: String,
    },
    /// The name is taken.
    #[error("there is already {what} `{name}`")]
    Taken {
        /// Account, scenario, ….
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Fields of an integration account are wrong.
    #[error("the integration account cannot be used as it is: {}", listed(.0))]
    Fields(Vec<FieldError>),
    /// What is said of a user or an API token is wrong.
    #[error("the {what} cannot be kept as it is: {}", listed(.faults))]
    Refused {
        /// User or API token.
        what: &'static str,
        /// What is wrong, by field.
        faults: Vec<FieldError>,
    },
    /// Nobody could administer any more.
    #[error("`{0}` is the only administrator: make somebody else one first")]
    LastAdministrator(String),
    /// The code of a set-up is not known, has been used or is too old.
    #[error(
        "this set-up link has been used or is too old: restart the server for another one, or make a user with \
         `patchcord user add`"
    )]
    SetupCode,
    /// A scenario document, or what a block is to be tried with, has faults.
    #[error("{}", listed(.0))]
    Problems(Vec<Problem>),
    /// A block was refused.
    #[error(transparent)]
    Block(#[from] LoadError),
    /// There are other bytes under this id and version.
    #[error(
        "there is already a block `{id}@{version}` with other bytes (SHA-256 {known}): a version is never replaced, so \
         give this one a new version, or one in development such as `1.0.1-dev` that may be replaced"
    )]
    VersionTaken {
        /// The block.
        id: String,
        /// Its version.
        version: String,
        /// Digest of the bytes that are there.
        known: String,
    },
    /// A block asks for what was not granted.
    #[error("the block `{id}@{version}` asks for what it has not been granted: {}", listed(.missing))]
    NotGranted {
        /// The block.
        id: String,
        /// Its version.
        version: String,
        /// What it asks for and nobody has granted.
        missing: Vec<Capability>,
    },
    /// A version of a block is used by published scenarios.
    #[error("the block `{block}` is used by published scenarios: {}", .scenarios.join(", "))]
    BlockInUse {
        /// The block with its version.
        block: String,
        /// Their names.
        scenarios: Vec<String>,
    },
    /// Somebody else has changed what was to be changed, or may have.
    #[error("{what} was saved {} {} (revision {revision}){}", by_whom(.by.as_deref()), on(.at), if *.unseen {
        ": say that yours goes in its place by naming that revision"
    } else {
        ", and is another one than you have seen: look at it, then send yours again for that revision"
    })]
    Stale {
        /// What it is, such as a draft.
        what: String,
        /// The revision that it has now.
        revision: i64,
        /// When that was saved.
        at: Timestamp,
        /// Name of the user or API token by whom it was saved.
        by: Option<String>,
        /// Whether the change did not name a revision at all.
        unseen: bool,
    },
    /// Somebody else has removed what was to be changed.
    #[error(
        "{what} that you have seen is not there any more: it was published, discarded or deleted"
    )]
    Gone {
        /// What it was.
        what: String,
    },
    /// A draft was made from another version than the one that calls get now.
    #[error(
        "version {version} of the scenario `{name}` was published {} {}, and this draft was made {}: compare the \
         two, then publish it over that version by naming it",
        by_whom(.by.as_deref()),
        on(.at),
        .base.map_or("before it".to_owned(), |base| format!("from version {base}"))
    )]
    PublishedMeanwhile {
        /// The scenario.
        name: String,
        /// The version from which the draft was made.
        base: Option<u64>,
        /// The version that calls get.
        version: u64,
        /// When that was published.
        at: Timestamp,
        /// Name of the user or API token by whom it was published.
        by: Option<String>,
    },
    /// Routes lead to a scenario that is to be deleted.
    #[error("routes lead to the scenario `{name}`: {}", .routes.join(", "))]
    ScenarioInUse {
        /// The scenario.
        name: String,
        /// Their names.
        routes: Vec<String>,
    },
    /// An import holds blocks that are not here, and whoever imports it may not install any.
    #[error(
        "blocks in it are not here: {}; installing them is for administrators",
        .blocks.join(", ")
    )]
    MayNotInstall {
        /// The blocks with their versions.
        blocks: Vec<String>,
    },
    /// What was exported somewhere cannot be read.
    #[error("this is no export of scenarios: {0}")]
    Bundle(String),
    /// A limit of a block cannot be set so.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The signature of a block does not let it pass.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The file of trusted keys cannot be used.
    #[error(transparent)]
    TrustedKeys(#[from] TrustedKeysError),
    /// An OCI registry did not give a block.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The answer that came back from the sign-in does not belong to a consent that was asked for here.
    #[error(
        "this sign-in is not one that was started here, or it is older than ten minutes: press Request token again"
    )]
    UnknownConsent,
    /// The run has ended, so it cannot be cancelled.
    #[error("the run `{0}` has ended")]
    RunEnded(uuid::Uuid),
    /// Entra ID or the consenting user refused.
    #[error("{0}")]
    ConsentRefused(String),
    /// Dynamics 365 or Entra ID did not do what was asked.
    #[error(transparent)]
    Dynamics(#[from] patchcord_dynamics::Error),
    /// Scenarios cannot be let fetch from this host.
    #[error("scenarios cannot be let fetch from `{host}`: {problem}")]
    FetchHost {
        /// What was given.
        host: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The sandbox engine could not be set up.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn by_whom(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("by `{name}`"))
}

fn on(at: &Timestamp) -> impl std::fmt::Display {
    at.strftime("on %Y-%m-%d at %H:%M:%S UTC")
}

fn listed<T: ToString>(faults: &[T]) -> String {
    faults.iter().map(T::to_string).collect::<Vec<_>>().join("; ")
}

/// Why a call was not taken. A call that was taken always has an answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no such scenario.
    #[error("there is no scenario `{0}`")]
    UnknownScenario(String),
    /// No route takes the call; what it was chosen by.
    #[error("no route takes this call, and there is no default: {0}")]
    NoRoute(String),
    /// The published scenario does not pass its checks any more.
    #[error("the scenario `{name}` cannot run: {}", .problems.first().map(ToString::to_string).unwrap_or_default())]
    Broken {
        /// Its name.
        name: String,
        /// What is wrong with it now.
        problems: Vec<Problem>,
    },
    /// What the call brought is wrong.
    #[error("{at}: {problem}")]
    Invalid {
        /// JSON pointer into the request.
        at: String,
        /// What is wrong there.
        problem: String,
    },
    /// Something is wrong with its idempotency key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The idempotency key could not be looked up or kept; nothing was run.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The process is going down; how far the run came is in its trace, if it left one.
    #[error("the call was interrupted because the host is shutting down")]
    Interrupted,
}
