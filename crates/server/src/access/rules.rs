//! What a route may need, and who has it: the one place where roles and scopes of tokens get their meaning.

use patchcord::{Role, Scope};

/// What a route needs of who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing.
    Nobody,
    /// To be signed in: it is about the session itself, which a token has none of.
    Session,
    /// To run scenarios and cancel runs.
    Run,
    /// To see runs and what comes of them.
    Watch,
    /// To see scenarios, routes, blocks and accounts.
    View,
    /// To change scenarios and routes, and to try blocks.
    Design,
    /// To change accounts, blocks, users and tokens, and to read the audit log.
    Administer,
}

impl Needs {
    /// The least scope of a token that has it; none where no token has.
    pub(crate) fn scope(self) -> Option<Scope> {
        match self {
            Self::Nobody | Self::Session => None,
            Self::Run | Self::Watch => Some(Scope::Run),
            Self::View | Self::Design => Some(Scope::Design),
            Self::Administer => Some(Scope::Administer),
        }
    }

    /// The least role that has it; none where none is needed.
    pub(crate) fn role(self) -> Option<Role> {
        match self {
            Self::Nobody => None,
            Self::Session | Self::Watch | Self::View => Some(Role::Viewer),
            Self::Run | Self::Design => Some(Role::Designer),
            Self::Administer => Some(Role::Administrator),
        }
    }
}

pub(crate) fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Run => "run",
        Scope::Design => "design",
        Scope::Administer => "administer",
    }
}

pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Designer => "designer",
        Role::Administrator => "administrator",
    }
}
