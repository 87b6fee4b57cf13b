//! Who asks: the bearer of an API token, or somebody who is signed in.

use http::StatusCode;
use patchcord::{Actor, Bearer, Session};

use super::rules::{Needs, role_name, scope_name};
use crate::problem::Problem;

/// Who asks.
#[derive(Clone)]
pub(crate) enum Caller {
    Token(Bearer),
    User(Session),
}

impl Caller {
    /// The name that stands with what was saved.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Token(bearer) => bearer.name.clone(),
            Self::User(session) => session.user.name.clone(),
        }
    }

    pub(crate) fn actor(&self) -> Actor {
        match self {
            Self::Token(bearer) => Actor::Token(bearer.name.clone()),
            Self::User(session) => Actor::User(session.user.name.clone()),
        }
    }

    /// The session; a token has none.
    pub(crate) fn session(&self) -> Option<&Session> {
        match self {
            Self::Token(_) => None,
            Self::User(session) => Some(session),
        }
    }

    /// Whether the caller has what is needed.
    pub(crate) fn has(&self, needs: Needs) -> bool {
        needs == Needs::Nobody
            || match self {
                Self::Token(bearer) => needs.scope().is_some_and(|scope| bearer.scope >= scope),
                Self::User(session) => needs.role().is_some_and(|role| session.user.role >= role),
            }
    }

    /// Refuses a caller who has not.
    pub(super) fn must_have(&self, needs: Needs) -> Result<(), Problem> {
        if self.has(needs) {
            return Ok(());
        }
        let (title, detail) = match (self, needs.scope()) {
            (Self::Token(bearer), Some(needed)) => {
                let (has, needed) = (scope_name(bearer.scope), scope_name(needed));
                let detail =
                    format!("this API token has the scope `{has}`; the scope `{needed}` is needed");
                ("The API token may not do this", detail)
            }
            (Self::Token(_), None) => {
                let detail = "this is for who is signed in; an API token has no session";
                ("The API token may not do this", detail.to_owned())
            }
            (Self::User(session), _) => {
                let needed = needs.role().map(role_name).unwrap_or_default();
                let has = role_name(session.user.role);
                let detail = format!("you are a {has}; the role {needed} is needed");
                ("You may not do this", detail)
            }
        };
        Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", title, detail))
    }
}
