//! Sign-in sessions: who is signed in in which browser, by the value of its cookie.

use jiff::Timestamp;

use super::{Grants, random};

/// Somebody who signed in, when, and how.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) oid: String,
    pub(crate) since: Timestamp,
    /// With a second factor.
    pub(crate) mfa: bool,
}

impl Account {
    /// The `amr` claim.
    pub(crate) fn methods(&self) -> Vec<&'static str> {
        if self.mfa { vec!["pwd", "mfa"] } else { vec!["pwd"] }
    }
}

impl Grants {
    /// Who is signed in in the browser with this cookie.
    pub(crate) fn accounts(&self, session: Option<&str>) -> Vec<Account> {
        let inner = self.lock();
        session.and_then(|session| inner.sessions.get(session)).cloned().unwrap_or_default()
    }

    /// Adds an account to a session, or to a new one, and returns the cookie's value.
    pub(crate) fn sign_in(&self, session: Option<&str>, account: Account) -> String {
        let mut inner = self.lock();
        let known = session.filter(|session| inner.sessions.contains_key(*session));
        let id = known.map_or_else(random, str::to_owned);
        let accounts = inner.sessions.entry(id.clone()).or_default();
        accounts.retain(|other| other.oid != account.oid);
        accounts.push(account);
        id
    }

    /// Ends a session, or what `only` has in it.
    pub(crate) fn sign_out(&self, session: &str, only: Option<&str>) {
        let mut inner = self.lock();
        match (only, inner.sessions.get_mut(session)) {
            (Some(oid), Some(accounts)) => accounts.retain(|account| account.oid != oid),
            (None, Some(_)) => {
                inner.sessions.remove(session);
            }
            (_, None) => {}
        }
    }
}
