//! Patchcord without a face: runtime, Dynamics client, scenarios and store put together.
//!
//! This is what a call platform written in Rust embeds, and what `patchcord-server` gives an HTTP face. It is the
//! only place where the four meet; each of them is ignorant of the others.

mod accounts;
mod agents;
mod audit;
mod blocks;
mod bundle;
mod catalog;
mod detached;
mod error;
mod fetch;
mod invoke;
mod patchcord;
mod plans;
mod prepare;
pub mod rehearsal;
mod routes;
mod runs;
mod scenarios;
mod secret;
mod spans;
mod statistics;
mod tokens;
mod users;

pub use accounts::{
    AccountInput, AccountState, AccountView, CertificateInput, ConsentAsker, ConsentLink,
    CredentialKind, CredentialView, EndedConsent, Identity, TokenView, Warning, WarningCause,
};
pub use agents::{AgentEvent, AgentEvents};
pub use audit::{Action, Actor, Audit, AuditEntry, AuditQuery, Outcome};
pub use blocks::{
    BlockOffer, BlockSettings, BlockVersion, BlockView, LARGEST_BLOCK, Registries, RegistryError,
    SignatureError, TrustedKeysError, push_block,
};
pub use bundle::{
    Bundle, BundledBlock, BundledScenario, ImportPreview, ImportRequest, Imported, LARGEST_BUNDLE,
    Missing, NamedAccount, ScenarioPreview, Selected,
};
pub use catalog::Pin;
pub use error::{CallError, Error};
pub use invoke::BlockAnswer;
pub use patchcord::{Config, Patchcord};
pub use patchcord_dynamics as dynamics;
pub use patchcord_runtime as runtime;
pub use patchcord_scenario as scenario;
pub use patchcord_store as store;
pub use routes::{Conditions, Route, RouteList, RouteTaken};
pub use runs::{
    CallAnswer, CallRequest, KeyError, Replay, Run, RunEvent, RunEvents, RunQuery, RunSettings,
    RunUnderWay, RunView, TryAnswer, TryRequest,
};
pub use scenarios::{
    CasesHead, DraftHead, ImportedScenario, KeptCases, PinChange, Precondition, PublishedScenario,
    RoutesView, Saved, SavedCases, SavedDraft, ScenarioDiff, ScenarioDraft, ScenarioSummary,
    ScenarioVersion, TriedDocument, Which,
};
pub use secret::new_secret;
pub use statistics::{
    AccountHeadRoom, BlockFigures, Concurrency, Figures, LONGEST_INTERVAL, Latency, Left,
    MOST_MINUTES, Others, Point, ScenarioFigures, Statistics, StatisticsQuery, Summary,
    ThrottledCount,
};
pub use tokens::{ApiToken, Bearer, IssuedToken, Scope, Tokens};
pub use users::{AccessSettings, Role, Session, SignInError, User, Users};
