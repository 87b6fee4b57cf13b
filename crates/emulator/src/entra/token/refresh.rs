//! The grant `refresh_token`.

use axum::response::Response;

use super::TokenRequest;
use super::answer::Answer;
use crate::entra::errors::EntraError;
use crate::entra::grants::{Age, RefreshGrant};
use crate::entra::scope::Requested;

impl TokenRequest<'_> {
    pub(super) fn refresh(&self) -> Result<Response, EntraError> {
        let token = self.need("refresh_token")?;
        let grant = self.at.state.entra.grants.look_at_refresh(token)?;
        self.check_bound(&grant.tenant, &grant.client_id)?;
        self.check_age(&grant)?;
        let requested = self.requested(Some(&grant.requested))?;
        let subject = self.subject(grant.account.clone())?;
        self.check_subject(&subject, grant.issued)?;
        self.check_access(&subject, &requested)?;
        // Entra ID goes on giving refresh tokens whether or not the scope names them again.
        let requested = Requested { offline: true, ..requested };
        let answer = Answer { previous: Some(token), ..Answer::default() };
        self.tokens(&subject, &requested, grant.platform, &answer)
    }

    fn check_age(&self, grant: &RefreshGrant) -> Result<(), EntraError> {
        let (code, message) = match grant.age(self.now) {
            Age::Good => return Ok(()),
            Age::Inactive => (
                700_082,
                format!(
                    "The refresh token has expired due to inactivity. The token was issued on {} \
                     and was inactive for 90.00:00:00.",
                    grant.issued
                ),
            ),
            Age::SpaOver => (
                700_084,
                format!(
                    "The refresh token was issued to a single page app (SPA), and therefore has a \
                     fixed, limited lifetime of 1.00:00:00, which can't be extended. It is now \
                     expired and a new sign in request must be sent by the SPA to the sign in \
                     page. The token was issued on {}.",
                    grant.issued
                ),
            ),
        };
        Err(EntraError::invalid_grant(code, message).with_suberror("token_expired"))
    }
}
