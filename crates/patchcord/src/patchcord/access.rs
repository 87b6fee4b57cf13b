//! Who may come in: users, API tokens, and the log of what they changed.

use secrecy::SecretString;
use uuid::Uuid;

use super::Patchcord;
use crate::Error;
use crate::audit::Audit;
use crate::tokens::{ApiToken, Bearer, IssuedToken, Scope};
use crate::users::Users;

impl Patchcord {
    /// Who signs in.
    pub fn users(&self) -> &Users {
        &self.users
    }

    /// Who changed what.
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Issues an API token.
    ///
    /// # Errors
    /// The store failed.
    pub async fn issue_token(&self, name: &str, scope: Scope) -> Result<IssuedToken, Error> {
        self.tokens.issue(name, scope).await
    }

    /// Every API token, without the tokens.
    ///
    /// # Errors
    /// The store failed.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, Error> {
        self.tokens.list().await
    }

    /// Revokes an API token; in force at once here, within five seconds elsewhere.
    ///
    /// # Errors
    /// There is no such token, or the store failed.
    pub async fn revoke_token(&self, id: Uuid) -> Result<(), Error> {
        self.tokens.revoke(id).await
    }

    /// Who bears `token`; none where it is no token of this host.
    ///
    /// # Errors
    /// The store failed.
    pub async fn verify_token(&self, token: &SecretString) -> Result<Option<Bearer>, Error> {
        self.tokens.verify(token).await
    }
}
