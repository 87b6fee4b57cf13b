//! Dataverse Web API client, Entra ID tokens, pooled clients per integration account.
//!
//! Everything here serves one promise: a call returns by its deadline with what Dynamics 365 said, nothing
//! lost and nothing doubled. It knows neither blocks nor scenarios nor where tokens are kept: the caller
//! hands in settings, a credential and a [`TokenVault`].

mod about;
mod account;
mod account_cause;
mod account_check;
mod batch;
mod client;
mod credential;
mod dataverse_error;
mod endpoints;
mod error;
mod exchange;
mod gate;
mod keeper;
mod limits;
mod oauth;
mod phone;
mod pool;
mod query_options;
mod rehearsal;
mod resource_path;
mod sent;
mod telemetry;
mod token_source;
mod transport;
mod vault;

pub use about::About;
pub use account::{AccountSettings, EndpointVersion, Operation, Policy};
pub use account_cause::{AADSTS_CAUSES, AADSTS_TRANSIENT, AccountCause};
pub use account_check::FieldError;
pub use client::{
    AlternateKey, Answer, Choice, Client, Column, DefinitionOptions, Page, Query, ReadOptions,
    RecordKey, Table, TableDetails, TableKey, Upserted, WhoAmI, WriteOptions, Written,
};
pub use credential::{
    Certificate, CertificateError, CertificateFiles, ClientCredential, Thumbprints,
};
pub use endpoints::Endpoints;
pub use error::{Error, ErrorKind};
pub use keeper::Keeping;
pub use limits::{
    CONCURRENT_REQUESTS, EXECUTION_SECONDS, HeadRoom, LIMIT_WINDOW, REQUESTS, Reading, Throttled,
};
pub use oauth::consent::{
    ConsentFor, Consented, PendingConsent, begin_consent, finish_consent, refused_consent,
};
pub use phone::{PhoneMatch, PhoneNumber, PhoneSearch, notations};
pub use pool::Pool;
pub use query_options::encode_query_options;
pub use rehearsal::{ShowRequest, ShownRequest};
pub use sent::{Attempt, Spent};
pub use transport::HttpSettings;
pub use vault::{ConsentLost, StoredToken, TokenVault, VaultError};
