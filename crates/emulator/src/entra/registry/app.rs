//! App registrations: their credentials, redirect URIs and permissions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Certificate, Permission, is_default, is_true, yes};
use crate::control::is_loopback;

/// An app registration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App {
    /// Application (client) id.
    pub(crate) client_id: String,
    /// Object id of the service principal in the tenant of the registration; made from the client id where it is left
    /// out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service_principal_id: Option<String>,
    /// Display name.
    pub(crate) name: String,
    /// Usable from other tenants, and by `common` and `organizations`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) multi_tenant: bool,
    /// "Allow public client flows": device code and password without a credential.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) public_client_flows: bool,
    /// "ID tokens (used for implicit and hybrid flows)".
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) id_tokens: bool,
    /// Only users that are assigned to it may sign in (AADSTS50105).
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) assignment_required: bool,
    /// Whether users may consent for themselves; if not, an administrator must (AADSTS90094).
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub(crate) user_consent_allowed: bool,
    /// Security role of the application user that Dataverse has for `client_credentials`; none means that there is no
    /// application user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) application_user_role: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) redirect_uris: RedirectUris,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) permissions: Vec<Permission>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) secrets: Vec<Secret>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) certificates: Vec<Certificate>,
}

/// Where answers may be sent, by the kind of app that waits there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedirectUris {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) web: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) spa: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) public_client: Vec<String>,
}

/// The kind of app that a redirect URI belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Platform {
    /// Keeps a credential.
    Web,
    /// Runs in a browser: no credential, PKCE, refresh tokens of a day.
    Spa,
    /// Mobile and desktop: no credential.
    PublicClient,
}

impl RedirectUris {
    pub(crate) fn all(&self) -> impl Iterator<Item = (Platform, &String)> {
        let tagged = |platform| move |uri| (platform, uri);
        let web = self.web.iter().map(tagged(Platform::Web));
        let spa = self.spa.iter().map(tagged(Platform::Spa));
        web.chain(spa).chain(self.public_client.iter().map(tagged(Platform::PublicClient)))
    }

    pub(crate) fn of_mut(&mut self, platform: Platform) -> &mut Vec<String> {
        match platform {
            Platform::Web => &mut self.web,
            Platform::Spa => &mut self.spa,
            Platform::PublicClient => &mut self.public_client,
        }
    }

    /// The platform that `uri` is registered for. The port of a loopback http URI does not count (RFC 8252 section 7.3,
    /// and so in Entra ID); everything else must be equal to the letter.
    pub(crate) fn platform_of(&self, uri: &str) -> Option<Platform> {
        let bare = without_loopback_port(uri);
        let same = |known: &str| known == uri || without_loopback_port(known) == bare;
        self.all().find(|(_, known)| same(known)).map(|(platform, _)| platform)
    }
}

/// A client secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secret {
    /// The secret's id, which people paste in place of its value; made from the value where it is left out.
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<Timestamp>,
}

impl Secret {
    /// The beginning of the value, by which people tell secrets apart.
    pub(crate) fn hint(&self) -> String {
        self.value.chars().take(3).collect()
    }
}

/// What a presented client secret turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SecretCheck {
    Good,
    Expired,
    Wrong,
}

impl App {
    /// A registration as the portal makes it: an id, a name, and nothing else yet.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            client_id: Uuid::new_v4().to_string(),
            service_principal_id: Some(Uuid::new_v4().to_string()),
            name: name.to_owned(),
            multi_tenant: false,
            public_client_flows: false,
            id_tokens: false,
            assignment_required: false,
            user_consent_allowed: true,
            application_user_role: None,
            redirect_uris: RedirectUris::default(),
            permissions: Vec::new(),
            secrets: Vec::new(),
            certificates: Vec::new(),
        }
    }

    /// Object id of the service principal in `tenant`; each tenant that uses a multi-tenant app has its own.
    pub(crate) fn service_principal(&self, tenant: &str) -> String {
        match &self.service_principal_id {
            Some(id) if !self.multi_tenant => id.clone(),
            _ => {
                let name = format!("service-principal:{tenant}:{}", self.client_id);
                Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
            }
        }
    }

    /// Whether it has something to prove itself with.
    pub(crate) fn has_credential(&self) -> bool {
        !self.secrets.is_empty() || !self.certificates.is_empty()
    }

    pub(crate) fn check_secret(&self, presented: &str, now: Timestamp) -> SecretCheck {
        match self.secrets.iter().find(|secret| secret.value == presented) {
            Some(secret) if secret.expires.is_some_and(|end| end < now) => SecretCheck::Expired,
            Some(_) => SecretCheck::Good,
            None => SecretCheck::Wrong,
        }
    }
}

fn without_loopback_port(uri: &str) -> String {
    match url::Url::parse(uri) {
        Ok(mut url) if url.scheme() == "http" && is_loopback(&url) => {
            // A URL with a host takes a port, so this can not fail.
            let _ = url.set_port(None);
            url.into()
        }
        _ => uri.to_owned(),
    }
}
