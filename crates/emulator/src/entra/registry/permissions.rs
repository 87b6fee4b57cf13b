//! Delegated permissions: which APIs there are, what they let an app do, and who may grant it.

use serde::{Deserialize, Serialize};

/// An API that an app can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Api {
    /// Dataverse, which goes by the emulator's own addresses.
    #[serde(rename = "Dynamics CRM")]
    Dynamics,
    #[serde(rename = "Microsoft Graph")]
    Graph,
}

impl Api {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dynamics => "Dynamics CRM",
            Self::Graph => "Microsoft Graph",
        }
    }

    /// The API's application id, the same in every tenant.
    pub(crate) fn app_id(self) -> &'static str {
        match self {
            Self::Dynamics => "00000007-0000-0000-c000-000000000000",
            Self::Graph => "00000003-0000-0000-c000-000000000000",
        }
    }
}

/// A permission that can be asked for: API, name, what the consent page says of it, whether only an administrator may
/// grant it.
///
/// Source: learn.microsoft.com/graph/permissions-reference and
/// learn.microsoft.com/power-apps/developer/data-platform/walkthrough-register-app-azure-active-directory
pub(crate) const KNOWN_PERMISSIONS: [(Api, &str, &str, bool); 9] = [
    (Api::Dynamics, "user_impersonation", "Access Dynamics 365 (Dataverse) as you", false),
    (Api::Graph, "User.Read", "Sign you in and read your profile", false),
    (Api::Graph, "openid", "Sign you in", false),
    (Api::Graph, "profile", "View your basic profile", false),
    (Api::Graph, "email", "View your email address", false),
    (Api::Graph, "offline_access", "Keep access to what you have given it access to", false),
    (Api::Graph, "User.ReadBasic.All", "Read all users' basic profiles", false),
    (Api::Graph, "User.Read.All", "Read all users' full profiles", true),
    (Api::Graph, "Directory.Read.All", "Read directory data", true),
];

/// A delegated permission in an app's registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Permission {
    pub(crate) api: Api,
    pub(crate) name: String,
    /// An administrator granted it for the whole organisation.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub(crate) admin_consent: bool,
}

/// What the consent page says of a permission.
pub(crate) fn description(api: Api, name: &str) -> &'static str {
    known(api, name).map_or("Use an API on your behalf", |(_, _, text, _)| *text)
}

/// Whether only an administrator may grant it.
pub(crate) fn needs_admin(api: Api, name: &str) -> bool {
    known(api, name).is_some_and(|(_, _, _, admin)| *admin)
}

pub(crate) fn exists(api: Api, name: &str) -> bool {
    known(api, name).is_some()
}

fn known(api: Api, name: &str) -> Option<&'static (Api, &'static str, &'static str, bool)> {
    let same =
        |known: &&(Api, &str, &str, bool)| known.0 == api && known.1.eq_ignore_ascii_case(name);
    KNOWN_PERMISSIONS.iter().find(same)
}

impl Permission {
    pub(crate) fn is(&self, api: Api, name: &str) -> bool {
        self.api == api && self.name.eq_ignore_ascii_case(name)
    }

    pub(crate) fn describe(&self) -> &'static str {
        description(self.api, &self.name)
    }

    pub(crate) fn needs_admin(&self) -> bool {
        needs_admin(self.api, &self.name)
    }

    pub(crate) fn exists(&self) -> bool {
        exists(self.api, &self.name)
    }
}
