//! Who a token is for, and whether that person may still have one.

use super::TokenRequest;
use crate::entra::errors::EntraError;
use crate::entra::grants::{Account, revoked};
use crate::entra::registry::{Tenant, User};
use crate::entra::scope::Requested;

/// A user with the tenant and the sign-in that speaks for them.
pub(super) struct Subject<'d> {
    pub(super) tenant: &'d Tenant,
    pub(super) user: &'d User,
    pub(super) account: Account,
}

impl<'d> TokenRequest<'d> {
    pub(super) fn subject(&self, account: Account) -> Result<Subject<'d>, EntraError> {
        let found = self.at.directory.user_with_id(&account.oid);
        let (tenant, user) = found.ok_or_else(|| EntraError::no_user(&account.oid, "tenant's"))?;
        Ok(Subject { tenant, user, account })
    }

    /// What an administrator may have changed since the sign-in. `issued` is when the grant was given.
    pub(super) fn check_subject(
        &self,
        subject: &Subject<'_>,
        issued: jiff::Timestamp,
    ) -> Result<(), EntraError> {
        let Subject { tenant, user, account } = subject;
        if user.blocked {
            return Err(EntraError::blocked());
        }
        if user.sign_in_sessions_valid_from.is_some_and(|from| issued <= from) {
            return Err(revoked());
        }
        let age = self.now.as_second() - account.since.as_second();
        if tenant.sign_in_frequency(user).is_some_and(|most| age >= most) {
            let message = "The refresh token has expired or is invalid due to sign-in frequency \
                           checks by Conditional Access.";
            return Err(EntraError::invalid_grant(70043, message).with_suberror("token_expired"));
        }
        Ok(())
    }

    /// What stands between a signed-in user and this app's access to an API.
    pub(super) fn check_access(
        &self,
        subject: &Subject<'_>,
        requested: &Requested,
    ) -> Result<(), EntraError> {
        let Subject { tenant, user, account } = subject;
        if tenant.blocks_by_conditional_access(user) {
            return Err(EntraError::conditional_access());
        }
        if tenant.wants_mfa(user) && !account.mfa {
            return Err(EntraError::mfa_needed(requested.api().app_id()));
        }
        if self.app.assignment_required && !user.assigned.contains(&self.app.client_id) {
            return Err(EntraError::not_assigned(&self.app.name));
        }
        let grants = &self.at.state.entra.grants;
        let wanted = requested.permissions(self.app)?;
        let lacking = grants.lacking(&user.id, self.app, &wanted);
        if !lacking.is_empty() || !grants.knows(&user.id, self.app) {
            return Err(EntraError::no_consent(&self.app.client_id, &self.app.name));
        }
        Ok(())
    }
}
