//! The fields of an integration account as they come in: read leniently, so that every wrong one is told at once and
//! with what a right value looks like.

use patchcord::AccountInput;
use patchcord::dynamics::{AccountSettings, FieldError, Operation, Policy};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use crate::problem::Problem;

/// Stands in for an address that is wrong while the other fields are looked at.
const NO_ADDRESS: &str = "https://missing.invalid/";
const TEXTS: [(&str, &str); 2] = [
    ("name", "is missing; give the account a name that designers will recognise"),
    (
        "client_id",
        "is missing; copy the Application (client) ID from the app registration in Entra ID",
    ),
];

/// Body of `POST /v1/accounts` and `PUT /v1/accounts/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountBody {
    name: Option<String>,
    #[serde(default)]
    default: bool,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
    authorization_url: Option<String>,
    token_url: Option<String>,
    api_url: Option<String>,
    phone_region: Option<String>,
    credential_expires: Option<jiff::civil::Date>,
    #[serde(default)]
    policy: PolicyBody,
}

/// [`Policy`] as it comes in. What is stored may have been written by a later version; what is sent has no field that
/// is not known here, lest a misspelt restriction goes unnoticed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PolicyBody {
    operations: Option<Vec<Operation>>,
    tables: Option<Vec<String>>,
    max_concurrent: u32,
    request_timeout_ms: u64,
    token_timeout_ms: u64,
    connect_timeout_ms: u64,
    affinity_cookie: bool,
}

impl Default for PolicyBody {
    fn default() -> Self {
        let Policy {
            operations,
            tables,
            max_concurrent,
            request_timeout_ms,
            token_timeout_ms,
            connect_timeout_ms,
            affinity_cookie,
        } = Policy::default();
        Self {
            operations,
            tables,
            max_concurrent,
            request_timeout_ms,
            token_timeout_ms,
            connect_timeout_ms,
            affinity_cookie,
        }
    }
}

impl From<PolicyBody> for Policy {
    fn from(body: PolicyBody) -> Self {
        let PolicyBody {
            operations,
            tables,
            max_concurrent,
            request_timeout_ms,
            token_timeout_ms,
            connect_timeout_ms,
            affinity_cookie,
        } = body;
        Self {
            operations,
            tables,
            max_concurrent,
            request_timeout_ms,
            token_timeout_ms,
            connect_timeout_ms,
            affinity_cookie,
        }
    }
}

impl AccountBody {
    /// The fields as Patchcord takes them. Where one is missing or no address, the faults of all of them.
    pub(crate) fn into_input(self) -> Result<AccountInput, Problem> {
        let mut faults = Vec::new();
        let [name, client_id] = [self.name, self.client_id];
        for ((field, message), value) in TEXTS.into_iter().zip([&name, &client_id]) {
            if value.is_none() {
                faults.push(fault(field, message.to_owned()));
            }
        }
        let mut url = |field: &str, value: Option<String>, example: &str| {
            address(field, value, example).unwrap_or_else(|wrong| {
                faults.push(wrong);
                None
            })
        };
        let entra = "https://login.microsoftonline.com/TENANT/oauth2/v2.0";
        let urls = [
            url("authorization_url", self.authorization_url, &format!("{entra}/authorize")),
            url("token_url", self.token_url, &format!("{entra}/token")),
            url("api_url", self.api_url, "https://ORG.crm.dynamics.com/api/data/v9.2"),
        ];
        let policy = Policy::from(self.policy);
        match (name, client_id, urls) {
            (
                Some(name),
                Some(client_id),
                [Some(authorization_url), Some(token_url), Some(api_url)],
            ) => Ok(AccountInput {
                name,
                default: self.default,
                client_id,
                client_secret: self.client_secret,
                authorization_url,
                token_url,
                api_url,
                phone_region: self.phone_region,
                credential_expires: self.credential_expires,
                policy,
            }),
            (name, client_id, urls) => Err(every(faults, name, client_id, urls, policy)),
        }
    }
}

fn fault(field: &str, message: String) -> FieldError {
    FieldError { field: field.to_owned(), message }
}

fn address(field: &str, value: Option<String>, example: &str) -> Result<Option<Url>, FieldError> {
    match value.as_deref().map(|text| Url::parse(text.trim())) {
        Some(Ok(url)) => Ok(Some(url)),
        Some(Err(error)) => {
            Err(fault(field, format!("is no URL ({error}); a right one looks like {example}")))
        }
        None => Err(fault(field, format!("is missing; a right one looks like {example}"))),
    }
}

/// `known` faults and those of the fields that could be read.
fn every(
    mut known: Vec<FieldError>,
    name: Option<String>,
    client_id: Option<String>,
    urls: [Option<Url>; 3],
    policy: Policy,
) -> Problem {
    if let Ok(no_address) = Url::parse(NO_ADDRESS) {
        let [authorization_url, token_url, api_url] =
            urls.map(|url| url.unwrap_or_else(|| no_address.clone()));
        let (name, client_id) = (name.unwrap_or_default(), client_id.unwrap_or_default());
        let id = Uuid::nil();
        let settings = AccountSettings {
            id,
            name,
            default: false,
            client_id,
            authorization_url,
            token_url,
            api_url,
            phone_region: None,
            credential_expires: None,
            policy,
        };
        let further = settings.check().err().unwrap_or_default();
        let is_new = |fault: &FieldError| !known.iter().any(|known| known.field == fault.field);
        let further: Vec<FieldError> = further.into_iter().filter(is_new).collect();
        known.extend(further);
    }
    Problem::from(patchcord::Error::Fields(known))
}
