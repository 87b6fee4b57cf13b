//! The emulated directory: tenants with their users and app registrations, as the TOML file has them.
//!
//! These types are the file: what may be written there is what they hold, and a member that they do not know is refused
//! with its place. It holds demo credentials in the clear, as they are meant to be read; real ones have no place.

mod app;
mod certificate;
mod checks;
mod permissions;
mod store;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use app::{App, Platform, Secret, SecretCheck};
pub(crate) use certificate::{Certificate, Parsed};
pub(crate) use permissions::{Api, KNOWN_PERMISSIONS, Permission};
pub(crate) use store::{ChangeError, DirectoryStore};

/// All tenants; the first one's first user, app and secret are what a set-up shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Directory {
    pub(crate) tenants: Vec<Tenant>,
}

/// An organisation's directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tenant {
    /// Directory (tenant) id.
    pub(crate) id: String,
    /// The domain by which it can be named in place of the id.
    pub(crate) domain: String,
    #[serde(default = "emulator")]
    pub(crate) name: String,
    /// Every user is asked for a second factor.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) require_mfa: bool,
    /// Conditional Access lets nobody in (AADSTS53003).
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) conditional_access_block: bool,
    /// How many seconds a sign-in counts before it has to be repeated (AADSTS70043).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sign_in_frequency_seconds: Option<u32>,
    #[serde(default)]
    pub(crate) users: Vec<User>,
    #[serde(default)]
    pub(crate) apps: Vec<App>,
}

/// Whether somebody is asked for a second factor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mfa {
    #[default]
    None,
    Required,
}

/// Somebody who can sign in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    /// Object id, `oid` in tokens.
    pub(crate) id: String,
    /// User principal name.
    pub(crate) name: String,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) password: String,
    /// May sign in no longer (AADSTS50057).
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) blocked: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) mfa: Mfa,
    /// May consent for the whole organisation.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) admin: bool,
    /// Client ids of the apps that this user is assigned to; it counts where an app requires assignment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) assigned: Vec<String>,
    /// Dataverse security role, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    /// Whether there is a system user for this person in the organisation.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub(crate) dataverse_member: bool,
    /// Conditional Access does not let this user in (AADSTS53003).
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) conditional_access_block: bool,
    /// As the tenant's, for this user alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sign_in_frequency_seconds: Option<u32>,
    /// Refresh tokens issued before this answer AADSTS50173; a reset of the password sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sign_in_sessions_valid_from: Option<Timestamp>,
}

impl User {
    pub(crate) fn display_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// Who a token speaks for, as Dataverse wants to know it: a user, or an app on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    /// Object id of the user or of the app's service principal.
    pub(crate) oid: String,
    pub(crate) tenant: String,
    /// The user principal name, or the app's display name.
    pub(crate) upn_or_name: String,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    /// The client id, where this is an application user.
    pub(crate) application_id: Option<String>,
    /// The security role, by name.
    pub(crate) role: Option<String>,
    /// Whether the organisation has a system user for it.
    pub(crate) member: bool,
}

impl Directory {
    /// Tenant by id or by domain name.
    pub(crate) fn tenant(&self, name: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| tenant.is_named(name))
    }

    /// An app wherever it is registered, with the tenant that it is registered in.
    pub(crate) fn app_anywhere(&self, client_id: &str) -> Option<(&Tenant, &App)> {
        self.tenants.iter().find_map(|tenant| Some((tenant, tenant.app(client_id)?)))
    }

    /// An app as seen from `tenant`: its own, or another's multi-tenant one.
    pub(crate) fn app_in<'d>(&'d self, tenant: &'d Tenant, client_id: &str) -> Option<&'d App> {
        tenant.app(client_id).or_else(|| {
            let (_, app) = self.app_anywhere(client_id)?;
            app.multi_tenant.then_some(app)
        })
    }

    /// A user by name with the tenant that the user belongs to.
    pub(crate) fn user_anywhere(&self, name: &str) -> Option<(&Tenant, &User)> {
        self.tenants.iter().find_map(|tenant| Some((tenant, tenant.user_named(name)?)))
    }

    /// A user by object id with the tenant that the user belongs to.
    pub(crate) fn user_with_id(&self, oid: &str) -> Option<(&Tenant, &User)> {
        self.tenants.iter().find_map(|tenant| Some((tenant, tenant.user(oid)?)))
    }

    pub(crate) fn principal(&self, oid: &str) -> Option<Principal> {
        if let Some((tenant, user)) = self.user_with_id(oid) {
            return Some(Principal {
                oid: user.id.clone(),
                tenant: tenant.id.clone(),
                upn_or_name: user.name.clone(),
                given_name: user.given_name.clone(),
                family_name: user.family_name.clone(),
                application_id: None,
                role: user.role.clone(),
                member: user.dataverse_member,
            });
        }
        self.tenants.iter().find_map(|tenant| {
            let all = self.tenants.iter().flat_map(|tenant| &tenant.apps);
            let app = all.into_iter().find(|app| app.service_principal(&tenant.id) == oid)?;
            Some(Principal {
                oid: oid.to_owned(),
                tenant: tenant.id.clone(),
                upn_or_name: app.name.clone(),
                given_name: "#".to_owned(),
                family_name: app.name.clone(),
                application_id: Some(app.client_id.clone()),
                role: app.application_user_role.clone(),
                member: app.application_user_role.is_some(),
            })
        })
    }

    /// The first tenant with its first user, app and secret: what a set-up shows.
    pub(crate) fn defaults(&self) -> Option<(&Tenant, &User, &App, &Secret)> {
        let tenant = self.tenants.first()?;
        let app = tenant.apps.first()?;
        Some((tenant, tenant.users.first()?, app, app.secrets.first()?))
    }
}

impl Tenant {
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.id.eq_ignore_ascii_case(name) || self.domain.eq_ignore_ascii_case(name)
    }

    pub(crate) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.client_id.eq_ignore_ascii_case(client_id))
    }

    pub(crate) fn app_mut(&mut self, client_id: &str) -> Option<&mut App> {
        self.apps.iter_mut().find(|app| app.client_id.eq_ignore_ascii_case(client_id))
    }

    pub(crate) fn user_named(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name.eq_ignore_ascii_case(name.trim()))
    }

    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(crate) fn user_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.id == id)
    }

    /// Whether `user` is asked for a second factor here.
    pub(crate) fn wants_mfa(&self, user: &User) -> bool {
        self.require_mfa || user.mfa == Mfa::Required
    }

    pub(crate) fn blocks_by_conditional_access(&self, user: &User) -> bool {
        self.conditional_access_block || user.conditional_access_block
    }

    /// After how many seconds `user` has to sign in again.
    pub(crate) fn sign_in_frequency(&self, user: &User) -> Option<i64> {
        let both = [self.sign_in_frequency_seconds, user.sign_in_frequency_seconds];
        both.into_iter().flatten().min().map(i64::from)
    }
}

fn emulator() -> String {
    "Emulator".to_owned()
}

pub(crate) fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_true(value: &bool) -> bool {
    *value
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
