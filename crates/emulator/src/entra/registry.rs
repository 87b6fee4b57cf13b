//! The emulated directory: tenants, their users and app registrations, read from TOML.
//!
//! It holds demo credentials in the clear, as they are meant to be read; real ones have no place.

use serde::Deserialize;

use crate::EmulatorError;
use crate::control::is_loopback;

const BUILT_IN: &str = include_str!("../data/directory.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Directory {
    pub(crate) tenants: Vec<Tenant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) domain: String,
    pub(crate) users: Vec<User>,
    pub(crate) apps: Vec<App>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    /// Object id, `oid` in tokens.
    pub(crate) id: String,
    /// User principal name.
    pub(crate) name: String,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) password: String,
}

impl User {
    pub(crate) fn display_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct App {
    pub(crate) client_id: String,
    pub(crate) name: String,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) secrets: Vec<Secret>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secret {
    value: String,
    expires: Option<jiff::Timestamp>,
}

/// What a presented client secret turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SecretCheck {
    Good,
    Expired,
    Wrong,
}

impl Directory {
    pub(crate) fn built_in() -> Result<Self, EmulatorError> {
        toml::from_str(BUILT_IN).map_err(|error| EmulatorError::BuiltIn {
            what: "directory",
            reason: error.to_string(),
        })
    }

    /// Tenant by id or by domain name.
    pub(crate) fn tenant(&self, name: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| {
            tenant.id.eq_ignore_ascii_case(name) || tenant.domain.eq_ignore_ascii_case(name)
        })
    }

    /// The first tenant with its first user, app and secret: what a set-up shows.
    pub(crate) fn defaults(&self) -> Result<(&Tenant, &User, &App, &str), EmulatorError> {
        let missing = || EmulatorError::BuiltIn {
            what: "directory",
            reason: "no tenant with a user, an app and a secret".to_owned(),
        };
        let tenant = self.tenants.first().ok_or_else(missing)?;
        let user = tenant.users.first().ok_or_else(missing)?;
        let app = tenant.apps.first().ok_or_else(missing)?;
        let secret = app.secrets.first().ok_or_else(missing)?;
        Ok((tenant, user, app, &secret.value))
    }
}

impl Tenant {
    pub(crate) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.client_id.eq_ignore_ascii_case(client_id))
    }

    pub(crate) fn user_named(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name.eq_ignore_ascii_case(name.trim()))
    }

    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }
}

impl App {
    pub(crate) fn check_secret(&self, presented: &str) -> SecretCheck {
        let now = jiff::Timestamp::now();
        match self.secrets.iter().find(|secret| secret.value == presented) {
            Some(secret) if secret.expires.is_some_and(|end| end < now) => SecretCheck::Expired,
            Some(_) => SecretCheck::Good,
            None => SecretCheck::Wrong,
        }
    }

    /// Whether `uri` is registered. The port of a loopback http URI does not count (RFC 8252
    /// section 7.3, and so in Entra ID); everything else must be equal to the letter.
    pub(crate) fn is_registered(&self, uri: &str) -> bool {
        self.redirect_uris
            .iter()
            .any(|known| known == uri || without_loopback_port(known) == without_loopback_port(uri))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_loopback_redirect_is_free_and_nothing_else() {
        let directory = Directory::built_in().unwrap();
        let (_, _, app, _) = directory.defaults().unwrap();
        assert!(app.is_registered("http://127.0.0.1:8460/admin/msdynamicscallback.html"));
        assert!(app.is_registered("http://localhost/admin/msdynamicscallback.html"));
        for wrong in [
            "http://127.0.0.1:8460/admin/msdynamicscallback.html?x=1",
            "http://127.0.0.1:8460/other.html",
            "https://127.0.0.1:8460/admin/msdynamicscallback.html",
            "http://127.0.0.2/admin/msdynamicscallback.html",
            "http://evil.example/admin/msdynamicscallback.html",
            "http://user@127.0.0.1/admin/msdynamicscallback.html",
        ] {
            assert!(!app.is_registered(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_expired_secret_is_told_from_a_wrong_one() {
        let directory = Directory::built_in().unwrap();
        let (_, _, app, secret) = directory.defaults().unwrap();
        assert_eq!(app.check_secret(secret), SecretCheck::Good);
        assert_eq!(app.check_secret("emulator~expired.client-secret_0"), SecretCheck::Expired);
        assert_eq!(app.check_secret("x"), SecretCheck::Wrong);
    }
}
