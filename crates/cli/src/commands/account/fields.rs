//! The fields of an integration account as arguments, and the body that they make.
//!
//! Whether the values make sense is the server's to say; it tells every wrong one at once.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

/// Fields that a change carries over.
const SETTINGS: [&str; 9] = [
    "name",
    "default",
    "client_id",
    "authorization_url",
    "token_url",
    "api_url",
    "phone_region",
    "credential_expires",
    "policy",
];
/// In place of a list: everything is allowed.
const ALL: &str = "all";
/// In place of a list: nothing is.
const NONE: &str = "none";

#[derive(Args)]
pub(crate) struct Fields {
    /// Application (client) ID of the app registration.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    #[command(flatten)]
    credential: Credential,
    #[command(flatten)]
    addresses: Addresses,
    /// Country or region of phone numbers without a country code, such as US.
    #[arg(long, value_name = "CODE")]
    phone_region: Option<String>,
    #[command(flatten)]
    policy: PolicyFields,
}

#[derive(Args)]
#[command(next_help_heading = "Credential")]
struct Credential {
    /// File with the client secret's value; `-` reads it from standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "certificate")]
    client_secret_file: Option<PathBuf>,
    /// Last day of the client secret, as Entra ID shows it: patchcord warns from 30 days before.
    #[arg(long, value_name = "DATE")]
    secret_expires: Option<String>,
    /// File with the certificate: PFX, or PEM with its private key, or the public part alone.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// File with the private key, where it is not in the certificate's.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    certificate_key: Option<PathBuf>,
    /// File with the password of the PFX file; `-` reads it from standard input.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    certificate_password_file: Option<PathBuf>,
}

#[derive(Args)]
#[command(next_help_heading = "Addresses")]
struct Addresses {
    /// Tenant ID or domain, or any URL of the tenant's endpoints; with --environment in place of the three URLs.
    #[arg(long, requires = "environment")]
    tenant: Option<String>,
    /// Address of the environment, such as https://ORG.crm4.dynamics.com.
    #[arg(long, value_name = "URL", requires = "tenant")]
    environment: Option<String>,
    /// Which endpoints --tenant and --environment stand for [default: v2].
    #[arg(long, value_enum, requires = "tenant")]
    endpoints: Option<Version>,
    /// OAuth 2.0 authorization endpoint (v1 or v2).
    #[arg(long, value_name = "URL", conflicts_with = "tenant")]
    authorization_url: Option<String>,
    /// OAuth 2.0 token endpoint (v1 or v2).
    #[arg(long, value_name = "URL", conflicts_with = "tenant")]
    token_url: Option<String>,
    /// Root of the Web API, such as https://ORG.crm.dynamics.com/api/data/v9.2.
    #[arg(long, value_name = "URL", conflicts_with = "tenant")]
    api_url: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Version {
    V1,
    V2,
}

#[derive(Args)]
#[command(next_help_heading = "Policy")]
struct PolicyFields {
    /// Operations allowed, with commas between them: query, retrieve, create, update, delete, associate, execute; or
    /// `all`.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    allow_operations: Option<Vec<String>>,
    /// Tables allowed by their entity set names, with commas between them, such as contacts,incidents; or `all`.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    allow_tables: Option<Vec<String>>,
    /// Requests under way at once.
    #[arg(long, value_name = "NUMBER")]
    max_concurrent: Option<u32>,
    /// Milliseconds after which a request is given up.
    #[arg(long, value_name = "MS")]
    request_timeout_ms: Option<u64>,
    /// Milliseconds after which a token request is given up.
    #[arg(long, value_name = "MS")]
    token_timeout_ms: Option<u64>,
    /// Milliseconds after which a connection that is not made is given up.
    #[arg(long, value_name = "MS")]
    connect_timeout_ms: Option<u64>,
    /// Whether to stay with one server of Dynamics 365; Microsoft advises against it where many requests run at once.
    #[arg(long, value_name = "BOOL")]
    affinity_cookie: Option<bool>,
    /// Columns whose values no trace of a run shows, with commas between them, such as birthdate,contacts.emailaddress1; or
    /// `none`.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    sensitive_columns: Option<Vec<String>>,
}

impl Fields {
    /// The body of a new account, or of `old` with what is given put in the place of what was there.
    pub(super) fn body(&self, old: Option<&Value>) -> Result<Map<String, Value>> {
        let kept =
            |field: &&str| (field.to_string(), old.map_or(Value::Null, |old| old[*field].clone()));
        let mut body: Map<String, Value> = SETTINGS.iter().map(kept).collect();
        let mut put = |field: &str, value: Value| {
            if !value.is_null() {
                body.insert(field.to_owned(), value);
            }
        };
        put("client_id", json!(self.client_id));
        put("phone_region", json!(self.phone_region));
        let addresses = &self.addresses;
        if addresses.tenant.is_some() {
            put("tenant", json!(addresses.tenant));
            put("environment_url", json!(addresses.environment));
            put("endpoint_version", json!(addresses.endpoints.map(Version::name)));
        }
        put("authorization_url", json!(addresses.authorization_url));
        put("token_url", json!(addresses.token_url));
        put("api_url", json!(addresses.api_url));
        if addresses.tenant.is_some() {
            for field in ["authorization_url", "token_url", "api_url"] {
                body.remove(field);
            }
        }
        self.credential.put(&mut body)?;
        self.policy.put(&mut body);
        body.retain(|_, value| !value.is_null());
        Ok(body)
    }
}

impl Version {
    fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

impl Credential {
    fn put(&self, body: &mut Map<String, Value>) -> Result<()> {
        if let Some(file) = &self.client_secret_file {
            body.insert("client_secret".into(), line(file, "the client secret")?.into());
            // The day of the secret before it says nothing of this one.
            body.remove("credential_expires");
        }
        if let Some(day) = &self.secret_expires {
            body.insert("credential_expires".into(), day.as_str().into());
        }
        if let Some(file) = &self.certificate {
            let key = self.certificate_key.as_deref().map(file_text).transpose()?;
            let password = self.certificate_password_file.as_deref();
            let password =
                password.map(|file| line(file, "the certificate's password")).transpose()?;
            let certificate = json!({ "file": file_text(file)?, "key": key, "password": password });
            body.insert("certificate".into(), certificate);
            body.remove("credential_expires");
        }
        Ok(())
    }
}

impl PolicyFields {
    fn put(&self, body: &mut Map<String, Value>) {
        let mut policy = body.remove("policy").and_then(|policy| policy.as_object().cloned());
        let mut put = |field: &str, value: Value| {
            policy.get_or_insert_default().insert(field.to_owned(), value);
        };
        for (field, names) in
            [("operations", &self.allow_operations), ("tables", &self.allow_tables)]
        {
            if let Some(names) = names {
                let is_all = names.iter().any(|name| name == ALL);
                put(field, if is_all { Value::Null } else { json!(names) });
            }
        }
        if let Some(columns) = &self.sensitive_columns {
            let columns: Vec<_> = columns.iter().filter(|column| *column != NONE).collect();
            put("sensitive_columns", json!(columns));
        }
        for (field, value) in [
            ("max_concurrent", json!(self.max_concurrent)),
            ("request_timeout_ms", json!(self.request_timeout_ms)),
            ("token_timeout_ms", json!(self.token_timeout_ms)),
            ("connect_timeout_ms", json!(self.connect_timeout_ms)),
            ("affinity_cookie", json!(self.affinity_cookie)),
        ] {
            if !value.is_null() {
                put(field, value);
            }
        }
        body.insert("policy".into(), json!(policy));
    }
}

/// A secret in a file of its own, or on standard input.
fn line(file: &Path, what: &str) -> Result<String> {
    let mut text = String::new();
    match file.as_os_str() == "-" {
        true => std::io::stdin().read_to_string(&mut text).map(drop),
        false => std::fs::read_to_string(file).map(|read| text = read),
    }
    .with_context(|| format!("cannot read {what} from {}", file.display()))?;
    // A file ends with a newline that is no part of the secret.
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A PEM text as it is, all else in Base64.
fn file_text(file: &Path) -> Result<String> {
    let bytes = std::fs::read(file)
        .with_context(|| format!("cannot read the certificate from {}", file.display()))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN ") => text,
        Ok(text) => BASE64_STANDARD.encode(text),
        Err(error) => BASE64_STANDARD.encode(error.as_bytes()),
    })
}
