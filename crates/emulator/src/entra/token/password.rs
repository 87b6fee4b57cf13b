//! The grant `password` (ROPC): a user's name and password in the request itself, with no page to ask for more.
//!
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth-ropc

use axum::response::Response;

use super::TokenRequest;
use super::answer::Answer;
use crate::entra::errors::EntraError;
use crate::entra::grants::Account;

impl TokenRequest<'_> {
    pub(super) fn password(&self) -> Result<Response, EntraError> {
        let (name, password) = (self.need("username")?, self.need("password")?);
        let requested = self.requested(None)?;
        let found = match self.tenant {
            Some(tenant) => tenant.user_named(name),
            None => self.at.directory.user_anywhere(name).map(|(_, user)| user),
        };
        let user = found.ok_or_else(|| EntraError::no_user(name, self.at.tenant))?;
        if user.password != password {
            return Err(EntraError::wrong_password());
        }
        let account = Account { oid: user.id.clone(), since: self.now, mfa: false };
        let subject = self.subject(account)?;
        if user.blocked {
            return Err(EntraError::blocked());
        }
        self.check_access(&subject, &requested)?;
        self.tokens(&subject, &requested, None, &Answer::default())
    }
}
