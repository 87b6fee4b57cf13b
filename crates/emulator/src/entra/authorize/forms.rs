//! What the forms of the sign-in pages come back to.

use axum::extract::{Form, State as AxumState};
use axum::response::Response;
use http::HeaderMap;
use serde::Deserialize;

use super::flow::{Flow, permissions};
use super::{Shared, answer, session};
use crate::entra::errors::EntraError;
use crate::entra::grants::{Account, Authorization, Destination, DeviceState, Prompt};
use crate::entra::pages;
use crate::entra::registry::User;
use crate::entra::token::is_any_tenant;

#[derive(Deserialize)]
pub(super) struct SignInForm {
    ctx: String,
    login: String,
    passwd: String,
}

pub(super) async fn sign_in(
    AxumState(state): Shared,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Response {
    let directory = state.entra.directory.read();
    let flow = Flow::new(&state, &directory, &headers);
    let Some(mut authorization) = state.entra.grants.held(&form.ctx, flow.now) else {
        return answer::lost();
    };
    let user = match flow.password_user(&authorization, &form.login, &form.passwd) {
        Ok(user) => user,
        Err(error) => {
            authorization.login_hint = Some(form.login);
            return flow.sign_in_page(authorization, Some(&error));
        }
    };
    state.entra.grants.release(&form.ctx);
    let account = Account { oid: user.id.clone(), since: flow.now, mfa: false };
    let session = state.entra.grants.sign_in(flow.session.as_deref(), account.clone());
    session::set(flow.with_account(authorization, &account), &session)
}

impl<'a> Flow<'a> {
    /// The user that a name and a password stand for, in the tenant that was asked.
    fn password_user(
        &self,
        authorization: &Authorization,
        name: &str,
        password: &str,
    ) -> Result<&'a User, EntraError> {
        let asked = &authorization.asked_tenant;
        let found = self.directory.user_anywhere(name);
        let (tenant, user) = found.ok_or_else(|| EntraError::no_user(name, asked))?;
        if user.password != password {
            return Err(EntraError::wrong_password());
        }
        if user.blocked {
            return Err(EntraError::blocked());
        }
        if !is_any_tenant(asked) && !tenant.is_named(asked) {
            let message = format!(
                "User account '{name}' from identity provider does not exist in tenant '{asked}' \
                 and cannot access the application '{}' in that tenant.",
                authorization.client_id
            );
            return Err(EntraError::invalid_grant(50020, message));
        }
        Ok(user)
    }
}

#[derive(Deserialize)]
pub(super) struct AccountForm {
    ctx: String,
    /// An object id, or nothing for another account.
    account: String,
}

pub(super) async fn account(
    AxumState(state): Shared,
    headers: HeaderMap,
    Form(form): Form<AccountForm>,
) -> Response {
    let directory = state.entra.directory.read();
    let flow = Flow::new(&state, &directory, &headers);
    let Some(authorization) = state.entra.grants.held(&form.ctx, flow.now) else {
        return answer::lost();
    };
    state.entra.grants.release(&form.ctx);
    let signed_in = state.entra.grants.accounts(flow.session.as_deref());
    match signed_in.into_iter().find(|account| account.oid == form.account) {
        Some(account) => flow.with_account(authorization, &account),
        None => flow.sign_in_page(authorization, None),
    }
}

#[derive(Deserialize)]
pub(super) struct SecondFactorForm {
    ctx: String,
    otc: String,
}

pub(super) async fn second_factor(
    AxumState(state): Shared,
    headers: HeaderMap,
    Form(form): Form<SecondFactorForm>,
) -> Response {
    let directory = state.entra.directory.read();
    let flow = Flow::new(&state, &directory, &headers);
    let Some(mut authorization) = state.entra.grants.held(&form.ctx, flow.now) else {
        return answer::lost();
    };
    let Some((_, user, _)) = flow.parties(&authorization) else {
        return answer::lost();
    };
    state.entra.grants.release(&form.ctx);
    if form.otc.trim() != pages::second_factor_code(&form.ctx) {
        let message = "AADSTS500121: You did not enter the expected code. Please try again.";
        return flow.second_factor_page(authorization, &user.name, Some(message));
    }
    let account = Account { oid: user.id.clone(), since: flow.now, mfa: true };
    authorization.account = Some(account.clone());
    let session = state.entra.grants.sign_in(flow.session.as_deref(), account);
    session::set(flow.proceed(authorization), &session)
}

#[derive(Deserialize)]
pub(super) struct ConsentForm {
    ctx: String,
    /// `accept`, `organization` or `cancel`.
    decision: String,
}

pub(super) async fn consent(
    AxumState(state): Shared,
    headers: HeaderMap,
    Form(form): Form<ConsentForm>,
) -> Response {
    let directory = state.entra.directory.read();
    let flow = Flow::new(&state, &directory, &headers);
    let held = state.entra.grants.held(&form.ctx, flow.now);
    let Some(authorization) = held else {
        return answer::lost();
    };
    let Some((_, user, _)) = flow.parties(&authorization) else {
        return answer::lost();
    };
    state.entra.grants.release(&form.ctx);
    match form.decision.as_str() {
        "accept" | "organization" => match flow.grant(&authorization, user, &form.decision) {
            Ok(()) => flow.granted(authorization),
            Err(error) => answer::with_error(&authorization, &error),
        },
        "no-approval" => answer::with_error(&authorization, &EntraError::admin_approval("")),
        _ => flow.declined(authorization),
    }
}

impl Flow<'_> {
    fn grant(
        &self,
        authorization: &Authorization,
        user: &User,
        decision: &str,
    ) -> Result<(), EntraError> {
        let app = self.directory.app_anywhere(&authorization.client_id).map(|(_, app)| app);
        let app = app.ok_or_else(|| EntraError::no_app(&authorization.client_id))?;
        let (wanted, covered) = permissions(authorization, app)?;
        let for_all = decision == "organization"
            || authorization.prompt == Prompt::AdminConsent
            || matches!(authorization.destination, Destination::AdminConsent { .. });
        let lacking = self.state.entra.grants.lacking(&user.id, app, &wanted);
        let reserved = lacking.iter().any(|permission| permission.needs_admin());
        if (for_all || reserved || !app.user_consent_allowed) && !user.admin {
            return Err(EntraError::admin_approval(&app.name));
        }
        if for_all {
            let granted = self.state.entra.grant_for_all(&app.client_id, &covered);
            granted.map_err(|error| {
                tracing::error!(%error, "the emulator could not keep an administrator's consent");
                EntraError::fault(http::StatusCode::SERVICE_UNAVAILABLE)
            })?;
        }
        self.state.entra.grants.remember_consent(&user.id, &app.client_id, &covered);
        Ok(())
    }

    fn granted(&self, authorization: Authorization) -> Response {
        match &authorization.destination {
            Destination::AdminConsent { .. } => answer::with_admin_consent(self, &authorization),
            _ => self.finish(authorization),
        }
    }

    fn declined(&self, authorization: Authorization) -> Response {
        if let Destination::Device { user_code } = &authorization.destination {
            self.state.entra.grants.answer_device(user_code, DeviceState::Declined);
            let text = "You did not let the device in. You may close this page.";
            return axum::response::IntoResponse::into_response(pages::message("Declined", text));
        }
        let error = match authorization.destination {
            Destination::AdminConsent { .. } => EntraError::declined().called("consent_required"),
            _ => EntraError::declined(),
        };
        answer::with_error(&authorization, &error)
    }
}
