//! What an integration account is made of, its secret apart: endpoints, client id and policy.
//!
//! These types are stored as JSON by others, so a field is only ever added with a default. Whether the
//! values make sense is asked of [`AccountSettings::check`], never assumed.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use crate::limits::CONCURRENT_REQUESTS;

/// Settings of an integration account. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSettings {
    /// Identity of the account; it never changes.
    pub id: Uuid,
    /// What administrators and designers call it.
    pub name: String,
    /// Whether scenarios that name no account use this one.
    #[serde(default)]
    pub default: bool,
    /// Application (client) ID of the app registered in Entra ID.
    pub client_id: String,
    /// OAuth 2.0 authorization endpoint, v1 or v2.
    pub authorization_url: Url,
    /// OAuth 2.0 token endpoint, of the same version.
    pub token_url: Url,
    /// Base of the Web API, such as `https://org.crm.dynamics.com/api/data/v9.2`.
    pub api_url: Url,
    /// Country or region (ISO 3166-1 alpha-2, such as `US`) whose notation phone numbers without a country code are
    /// in; none where callers' numbers are international only.
    #[serde(default)]
    pub phone_region: Option<String>,
    /// Last day of the client secret, as Entra ID's page shows it and an administrator noted it. A certificate says so
    /// itself.
    #[serde(default)]
    pub credential_expires: Option<jiff::civil::Date>,
    /// What may be done with the account.
    #[serde(default)]
    pub policy: Policy,
}

impl AccountSettings {
    /// Which of Entra ID's two endpoint families the token URL belongs to.
    ///
    /// Anything that is not recognisably v1 is treated as v2, today's family; [`Self::check`] refuses it
    /// before it gets this far.
    pub fn endpoint_version(&self) -> EndpointVersion {
        EndpointVersion::of(&self.token_url, "token").unwrap_or(EndpointVersion::V2)
    }

    /// Scheme, host and port of the Web API, without a trailing slash.
    pub(crate) fn api_origin(&self) -> String {
        self.api_url.origin().ascii_serialization()
    }
}

/// The two families of OAuth 2.0 endpoints of Entra ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointVersion {
    /// `/{tenant}/oauth2/…`: asks for a `resource`.
    V1,
    /// `/{tenant}/oauth2/v2.0/…`: asks for a `scope`.
    V2,
}

impl EndpointVersion {
    /// The family of a URL that ends in `last` (`authorize` or `token`); none if it is of neither.
    pub(crate) fn of(url: &Url, last: &str) -> Option<Self> {
        let segments: Vec<&str> = url.path_segments()?.collect();
        match segments.as_slice() {
            [.., tenant, "oauth2", "v2.0", end] if *end == last && !tenant.is_empty() => {
                Some(Self::V2)
            }
            [.., tenant, "oauth2", end] if *end == last && !tenant.is_empty() => Some(Self::V1),
            _ => None,
        }
    }
}

/// Something that is done to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Read records by a query.
    Query,
    /// Read one record by its key.
    Retrieve,
    /// Make a record.
    Create,
    /// Change a record.
    Update,
    /// Remove a record.
    Delete,
    /// Connect two records, or disconnect them.
    Associate,
    /// Carry out an action.
    Execute,
}

impl Operation {
    /// The name as it is stored, logged and counted.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Retrieve => "retrieve",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Associate => "associate",
            Self::Execute => "execute",
        }
    }
}

/// What may be done with an account, and how hard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Operations allowed; none means all.
    pub operations: Option<Vec<Operation>>,
    /// Entity set names of the tables allowed, such as `contacts`; none means all.
    pub tables: Option<Vec<String>>,
    /// Requests under way at once, over all runs that use the account.
    pub max_concurrent: u32,
    /// Milliseconds after which a single request is given up, even where a run's deadline is later.
    pub request_timeout_ms: u64,
    /// Milliseconds after which a single token request to Entra ID is given up.
    pub token_timeout_ms: u64,
    /// Milliseconds after which a connection that is not made is given up.
    pub connect_timeout_ms: u64,
    /// Whether the cookie that binds a client to one server of Dynamics 365 is kept and sent. Microsoft advises
    /// against it where many requests run at once ("Remove the affinity cookie", service protection API limits).
    pub affinity_cookie: bool,
    /// Columns whose values no trace of a run shows, such as `birthdate` or `contacts.birthdate`.
    pub sensitive_columns: Vec<String>,
}

impl Policy {
    /// Whether `operation` on the entity set `table` is allowed.
    pub fn allows(&self, operation: Operation, table: &str) -> bool {
        let operation_allowed = self.operations.as_ref().is_none_or(|all| all.contains(&operation));
        let table_allowed = self.tables.as_ref().is_none_or(|all| all.iter().any(|t| t == table));
        operation_allowed && table_allowed
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// How long one token request may take.
    pub fn token_timeout(&self) -> Duration {
        Duration::from_millis(self.token_timeout_ms)
    }

    /// How long a connection may take to be made.
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            operations: None,
            tables: None,
            max_concurrent: CONCURRENT_REQUESTS,
            request_timeout_ms: 30_000,
            token_timeout_ms: 15_000,
            connect_timeout_ms: 5_000,
            affinity_cookie: false,
            sensitive_columns: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_without_lists_allows_everything() {
        assert!(Policy::default().allows(Operation::Delete, "contacts"));
    }

    #[test]
    fn policy_needs_operation_and_table() {
        let policy = Policy {
            operations: Some(vec![Operation::Query]),
            tables: Some(vec!["contacts".to_owned()]),
            ..Policy::default()
        };
        assert!(policy.allows(Operation::Query, "contacts"));
        assert!(!policy.allows(Operation::Create, "contacts"));
        assert!(!policy.allows(Operation::Query, "accounts"));
    }

    #[test]
    fn endpoint_families_are_told_apart_by_path() {
        let of = |url: &str| EndpointVersion::of(&Url::parse(url).unwrap(), "token");
        assert_eq!(of("https://h/t/oauth2/token"), Some(EndpointVersion::V1));
        assert_eq!(of("https://h/t/oauth2/v2.0/token"), Some(EndpointVersion::V2));
        assert_eq!(of("https://h/oauth2/token"), None);
        assert_eq!(of("https://h/t/oauth2/authorize"), None);
    }

    #[test]
    fn old_documents_without_policy_are_read() {
        let json = r#"{"id":"00000000-0000-0000-0000-000000000001","name":"a","client_id":"c",
            "authorization_url":"https://h/t/oauth2/authorize","token_url":"https://h/t/oauth2/token",
            "api_url":"https://o/api/data/v9.2"}"#;
        let settings: AccountSettings = serde_json::from_str(json).unwrap();
        assert_eq!(settings.policy, Policy::default());
        assert!(!settings.default);
    }
}
