//! The fields of an integration account as they come in: read leniently, so that every wrong one is told at once and
//! with what a right value looks like.
//!
//! A field that is not known is refused by its name, lest a misspelt restriction goes unnoticed. Which fields a policy
//! has is not said here again: they are those of [`Policy`].

use patchcord::dynamics::{EndpointVersion, Endpoints, FieldError, Policy};
use patchcord::{AccountInput, CertificateInput};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use crate::problem::Problem;

const NAME: &str = "is missing; give the account a name that designers will recognise";
const CLIENT_ID: &str =
    "is missing; copy the Application (client) ID from the app registration in Entra ID";
const URLS: [(&str, &str); 3] = [
    ("authorization_url", "https://login.microsoftonline.com/TENANT/oauth2/v2.0/authorize"),
    ("token_url", "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"),
    ("api_url", "https://ORG.crm.dynamics.com/api/data/v9.2"),
];

/// Body of `POST /v1/accounts` and `PUT /v1/accounts/{id}`.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct AccountBody(Map<String, Value>);

/// Body of `POST /v1/accounts/endpoints`.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct EndpointsBody(Map<String, Value>);

impl AccountBody {
    /// The fields as Patchcord takes them. Where one is missing or wrong, the faults of all of them. `no_address` is any
    /// URL.
    pub(crate) fn into_input(self, no_address: &Url) -> Result<AccountInput, Problem> {
        let mut reader = Reader::of(self.0);
        let (name, client_id) =
            (reader.needed("name", NAME), reader.needed("client_id", CLIENT_ID));
        let (urls, urls_told) = reader.urls();
        // Stands in for an address that is wrong while the other fields are looked at.
        let [authorization_url, token_url, api_url] =
            urls.map(|url| url.unwrap_or(no_address.clone()));
        let input = AccountInput {
            name,
            default: reader.take("default", "true or false").unwrap_or_default(),
            client_id,
            client_secret: reader.take::<SecretString>("client_secret", "a text"),
            certificate: reader.certificate(),
            authorization_url,
            token_url,
            api_url,
            phone_region: reader.take("phone_region", "a text such as US"),
            credential_expires: reader.take("credential_expires", "a day such as 2027-01-31"),
            policy: reader.policy(),
        };
        let mut faults = reader.all_faults("");
        // What was told already need not be told again of what stands in its place.
        let told = |fault: &FieldError| {
            faults.iter().any(|known| known.field == fault.field)
                || (urls_told && URLS.iter().any(|(field, _)| *field == fault.field))
        };
        let further: Vec<FieldError> =
            input.faults().into_iter().filter(|fault| !told(fault)).collect();
        faults.extend(further);
        match faults.is_empty() {
            true => Ok(input),
            false => Err(Problem::from(patchcord::Error::Fields(faults))),
        }
    }
}

impl EndpointsBody {
    /// The URLs that the tenant and the environment stand for.
    pub(crate) fn fill_in(self) -> Result<Endpoints, Problem> {
        let mut reader = Reader::of(self.0);
        let filled = reader.filled_in();
        let faults = reader.all_faults("");
        filled
            .filter(|_| faults.is_empty())
            .ok_or_else(|| Problem::from(patchcord::Error::Fields(faults)))
    }
}

/// Fields on their way out of a JSON object, and what is wrong with them.
struct Reader {
    fields: Map<String, Value>,
    faults: Vec<FieldError>,
}

impl Reader {
    fn of(fields: Map<String, Value>) -> Self {
        Self { fields, faults: Vec::new() }
    }

    fn fault(&mut self, field: &str, message: impl Into<String>) {
        self.faults.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    /// A field that may be left out or null. What it holds is not repeated in a fault: it may be a secret.
    fn take<T: DeserializeOwned>(&mut self, field: &str, wanted: &str) -> Option<T> {
        let value = self.fields.remove(field).filter(|value| !value.is_null())?;
        let read = serde_json::from_value(value).ok();
        if read.is_none() {
            self.fault(field, format!("has another form than is asked for; write {wanted}"));
        }
        read
    }

    fn needed(&mut self, field: &str, missing: &str) -> String {
        let is_given = self.fields.get(field).is_some_and(|value| !value.is_null());
        if !is_given {
            self.fault(field, missing);
        }
        self.take(field, "a text").unwrap_or_default()
    }

    /// The three addresses, as they are given or filled in from tenant and environment; and whether what is wrong with
    /// them was told under the names of those two.
    fn urls(&mut self) -> ([Option<Url>; 3], bool) {
        let given =
            |reader: &Self, field: &str| reader.fields.get(field).is_some_and(|v| !v.is_null());
        if !["tenant", "environment_url"].into_iter().any(|field| given(self, field)) {
            return (URLS.map(|(field, example)| self.url(field, example)), false);
        }
        for (field, _) in URLS {
            if given(self, field) {
                self.fault(
                    field,
                    "stands beside a tenant or an environment URL, which fill it in; leave out one or the other",
                );
                self.fields.remove(field);
            }
        }
        match self.filled_in() {
            Some(Endpoints { authorization_url, token_url, api_url }) => {
                ([Some(authorization_url), Some(token_url), Some(api_url)], false)
            }
            None => ([None, None, None], true),
        }
    }

    fn url(&mut self, field: &str, example: &str) -> Option<Url> {
        let text = self.needed(field, &format!("is missing; a right one looks like {example}"));
        if self.faults.iter().any(|fault| fault.field == field) {
            return None;
        }
        let url = Url::parse(text.trim());
        url.map_err(|error| {
            self.fault(field, format!("is no URL ({error}); a right one looks like {example}"));
        })
        .ok()
    }

    fn filled_in(&mut self) -> Option<Endpoints> {
        let tenant: String = self.take("tenant", "a text").unwrap_or_default();
        let environment: String = self.take("environment_url", "a text").unwrap_or_default();
        let version = match self.take::<String>("endpoint_version", "v1 or v2").as_deref() {
            None | Some("v2") => EndpointVersion::V2,
            Some("v1") => EndpointVersion::V1,
            Some(_) => {
                self.fault("endpoint_version", "is neither v1 nor v2; leave it out for v2");
                EndpointVersion::V2
            }
        };
        Endpoints::fill_in(&tenant, &environment, version)
            .map_err(|faults| self.faults.extend(faults))
            .ok()
    }

    fn certificate(&mut self) -> Option<CertificateInput> {
        let mut inner = self.inner("certificate", "an object with file, and key or password")?;
        let file = inner.take::<SecretString>("file", "a PEM text, or the file in Base64");
        if file.is_none() && inner.faults.is_empty() {
            inner.fault("file", "is missing; give a PEM text, or the file in Base64");
        }
        let key = inner.take("key", "a PEM text, or the file in Base64");
        let password = inner.take("password", "a text");
        self.faults.extend(inner.all_faults("certificate."));
        Some(CertificateInput { file: file?, key, password })
    }

    fn policy(&mut self) -> Policy {
        let Some(inner) = self.inner("policy", "an object such as {\"max_concurrent\": 52}") else {
            return Policy::default();
        };
        let known = serde_json::to_value(Policy::default()).unwrap_or_default();
        let (mut good, mut rest) = (Map::new(), Reader::of(Map::new()));
        for (field, value) in inner.fields {
            let alone = Map::from_iter([(field.clone(), value.clone())]);
            if known.get(&field).is_none() {
                rest.fields.insert(field, value);
            } else if serde_json::from_value::<Policy>(alone.into()).is_ok() {
                good.insert(field, value);
            } else {
                let example = known.get(&field).filter(|value| !value.is_null());
                let example =
                    example.map_or("a list of names".to_owned(), |v| format!("such as {v}"));
                rest.fault(&field, format!("has another form than is asked for; write {example}"));
            }
        }
        self.faults.extend(rest.all_faults("policy."));
        serde_json::from_value(good.into()).unwrap_or_default()
    }

    /// The fields of an object within.
    fn inner(&mut self, field: &str, wanted: &str) -> Option<Self> {
        self.take(field, wanted).map(Self::of)
    }

    /// All faults, those of the fields that nobody took included, under the path `prefix`.
    fn all_faults(self, prefix: &str) -> Vec<FieldError> {
        let mut faults = self.faults;
        faults.extend(self.fields.into_iter().map(|(field, _)| {
            let message = "is no field that is known here; check its spelling".to_owned();
            FieldError { field, message }
        }));
        for fault in &mut faults {
            fault.field.insert_str(0, prefix);
        }
        faults
    }
}
