//! Patchcord without a face: runtime, Dynamics client, scenarios and store put together.
//!
//! This is what a call platform written in Rust embeds, and what `patchcord-server` gives an HTTP face. It is the
//! only place where the four meet; each of them is ignorant of the others.

mod accounts;
mod blocks;
mod catalog;
mod detached;
mod error;
mod fetch;
mod invoke;
mod patchcord;
mod plans;
mod prepare;
mod recent;
mod runs;
mod scenarios;
mod tokens;

pub use accounts::{
    AccountInput, AccountState, AccountView, CertificateInput, ConsentLink, CredentialKind,
    CredentialView, Identity, TokenView, Warning, WarningCause,
};
pub use blocks::{
    BlockOffer, BlockSettings, BlockVersion, BlockView, LARGEST_BLOCK, Registries, RegistryError,
    SignatureError, TrustedKeysError, push_block,
};
pub use catalog::Pin;
pub use error::{CallError, Error};
pub use invoke::BlockAnswer;
pub use patchcord::{Config, Patchcord};
pub use patchcord_dynamics as dynamics;
pub use patchcord_runtime as runtime;
pub use patchcord_scenario as scenario;
pub use patchcord_store as store;
pub use runs::{CallAnswer, CallRequest, Run};
pub use scenarios::{PublishedScenario, Saved};
pub use tokens::{ApiToken, IssuedToken, Scope, Tokens};
