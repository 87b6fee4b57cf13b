//! The way from an authorization request to its answer: who it is, whether they may, whether they consent.
//!
//! Each step either shows a page, whose form comes back to `forms`, or goes on to the next.

use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use jiff::Timestamp;

use super::{answer, session};
use crate::entra::errors::EntraError;
use crate::entra::grants::{Account, Authorization, Destination, DeviceState, Prompt};
use crate::entra::pages;
use crate::entra::registry::{App, Directory, Permission, Tenant, User};
use crate::entra::token::is_any_tenant;
use crate::state::State;

pub(super) struct Flow<'a> {
    pub(super) state: &'a State,
    pub(super) directory: &'a Directory,
    pub(super) session: Option<String>,
    pub(super) now: Timestamp,
}

impl<'a> Flow<'a> {
    pub(super) fn new(state: &'a State, directory: &'a Directory, headers: &HeaderMap) -> Self {
        Self { state, directory, session: session::of(headers), now: state.entra.now() }
    }

    /// Finds out who it is, from the session where that will do.
    pub(super) fn begin(&self, authorization: Authorization) -> Response {
        let mut accounts = self.accounts(&authorization);
        if let Some(hint) = &authorization.login_hint {
            accounts.retain(|(_, user)| user.name.eq_ignore_ascii_case(hint));
        }
        match (authorization.prompt, accounts.as_slice()) {
            (Prompt::Login, _) => self.sign_in_page(authorization, None),
            (Prompt::None, [(account, _)]) => self.with_account(authorization, account),
            (Prompt::None, []) => answer::with_error(&authorization, &no_session()),
            (Prompt::None, _) => answer::with_error(&authorization, &several_accounts()),
            (_, []) => self.sign_in_page(authorization, None),
            (Prompt::SelectAccount, _) | (_, [_, _, ..]) => self.picker(authorization),
            (_, [(account, _)]) => self.with_account(authorization, account),
        }
    }

    /// Those signed in in this browser who may be of the tenant, and whose sign-in still counts.
    fn accounts(&self, authorization: &Authorization) -> Vec<(Account, &User)> {
        let known = self.state.entra.grants.accounts(self.session.as_deref());
        let usable = known.into_iter().filter_map(|account| {
            let (tenant, user) = self.directory.user_with_id(&account.oid)?;
            let asked = &authorization.asked_tenant;
            let here = is_any_tenant(asked) || tenant.is_named(asked);
            let counts = user.sign_in_sessions_valid_from.is_none_or(|from| account.since > from);
            let age = self.now.as_second() - account.since.as_second();
            let fresh = tenant.sign_in_frequency(user).is_none_or(|most| age < most);
            (here && counts && fresh).then_some((account, user))
        });
        usable.collect()
    }

    fn picker(&self, authorization: Authorization) -> Response {
        let accounts = self.accounts(&authorization);
        let names: Vec<(String, String)> =
            accounts.into_iter().map(|(account, user)| (account.oid, user.name.clone())).collect();
        let app = self.app_name(&authorization);
        let tenant = authorization.asked_tenant.clone();
        let context = self.state.entra.grants.hold(authorization, self.now);
        pages::pick_account(&tenant, &context, &app, &names).into_response()
    }

    pub(super) fn sign_in_page(
        &self,
        authorization: Authorization,
        error: Option<&EntraError>,
    ) -> Response {
        let app = self.app_name(&authorization);
        let tenant = authorization.asked_tenant.clone();
        let hint = authorization.login_hint.clone().unwrap_or_default();
        let context = self.state.entra.grants.hold(authorization, self.now);
        pages::sign_in(&tenant, &context, &app, &hint, error.map(EntraError::summary).as_deref())
            .into_response()
    }

    pub(super) fn with_account(
        &self,
        mut authorization: Authorization,
        account: &Account,
    ) -> Response {
        authorization.account = Some(account.clone());
        self.proceed(authorization)
    }

    /// Goes on with a user who has signed in.
    pub(super) fn proceed(&self, authorization: Authorization) -> Response {
        let Some((tenant, user, app)) = self.parties(&authorization) else {
            return answer::lost();
        };
        if user.blocked {
            return self.refuse(authorization, EntraError::blocked());
        }
        if app.assignment_required && !user.assigned.contains(&app.client_id) {
            return self.refuse(authorization, EntraError::not_assigned(&app.name));
        }
        if tenant.blocks_by_conditional_access(user) {
            return self.refuse(authorization, EntraError::conditional_access());
        }
        let mfa = authorization.account.as_ref().is_some_and(|account| account.mfa);
        if tenant.wants_mfa(user) && !mfa {
            if authorization.prompt == Prompt::None {
                let resource = authorization.requested.as_ref().map(|asked| asked.api().app_id());
                let error = EntraError::mfa_needed(resource.unwrap_or_default());
                return answer::with_error(&authorization, &error.called("interaction_required"));
            }
            return self.second_factor_page(authorization, &user.name, None);
        }
        self.ask_consent(authorization, user, app)
    }

    /// A person who may not get in is told on a page; an app that asked for silence is told itself.
    fn refuse(&self, authorization: Authorization, error: EntraError) -> Response {
        if authorization.prompt == Prompt::None {
            return answer::with_error(&authorization, &error.called("interaction_required"));
        }
        answer::error_page(&error)
    }

    pub(super) fn second_factor_page(
        &self,
        authorization: Authorization,
        user: &str,
        error: Option<&str>,
    ) -> Response {
        let tenant = authorization.asked_tenant.clone();
        let context = self.state.entra.grants.hold(authorization, self.now);
        pages::second_factor(&tenant, &context, user, error).into_response()
    }

    fn ask_consent(&self, authorization: Authorization, user: &User, app: &App) -> Response {
        let (wanted, covered) = match permissions(&authorization, app) {
            Ok(both) => both,
            Err(error) => return answer::with_error(&authorization, &error),
        };
        let grants = &self.state.entra.grants;
        let lacking = grants.lacking(&user.id, app, &wanted);
        let for_all = authorization.prompt == Prompt::AdminConsent
            || matches!(authorization.destination, Destination::AdminConsent { .. });
        let granted = lacking.is_empty() && grants.knows(&user.id, app);
        if granted && authorization.prompt != Prompt::Consent && !for_all {
            return self.finish(authorization);
        }
        if authorization.prompt == Prompt::None {
            let error = EntraError::no_consent(&app.client_id, &app.name);
            return answer::with_error(&authorization, &error.called("consent_required"));
        }
        let reserved =
            lacking.iter().any(Permission::needs_admin) || (!app.user_consent_allowed && !granted);
        let words = in_words(&authorization, &covered);
        let tenant = authorization.asked_tenant.clone();
        let context = grants.hold(authorization, self.now);
        if (reserved || for_all) && !user.admin {
            let error = EntraError::admin_approval(&app.name);
            return pages::admin_approval(&tenant, &context, &app.name, &error.summary(), &words)
                .into_response();
        }
        pages::consent(&pages::Consent {
            tenant: &tenant,
            context: &context,
            app: &app.name,
            user: &user.name,
            permissions: &words,
            admin: user.admin,
            for_all,
        })
        .into_response()
    }

    /// Gives the app, or the device, what it asked for.
    pub(super) fn finish(&self, authorization: Authorization) -> Response {
        if let Destination::Device { user_code } = &authorization.destination {
            let Some(account) = authorization.account.clone() else {
                return answer::lost();
            };
            let grants = &self.state.entra.grants;
            grants.answer_device(user_code, DeviceState::SignedIn(account));
            let app = self.app_name(&authorization);
            let text =
                format!("You have signed in to {app} on your device. You may close this page.");
            return pages::message("Signed in", &text).into_response();
        }
        let Some((tenant, user, _)) = self.parties(&authorization) else {
            return answer::lost();
        };
        answer::with_success(self, &authorization, tenant, user)
    }

    /// Tenant, user and app of an authorization; none where one of them was removed meanwhile.
    pub(super) fn parties(
        &self,
        authorization: &Authorization,
    ) -> Option<(&'a Tenant, &'a User, &'a App)> {
        let account = authorization.account.as_ref()?;
        let (tenant, user) = self.directory.user_with_id(&account.oid)?;
        Some((tenant, user, self.directory.app_in(tenant, &authorization.client_id)?))
    }

    fn app_name(&self, authorization: &Authorization) -> String {
        let app = self.directory.app_anywhere(&authorization.client_id);
        app.map(|(_, app)| app.name.clone()).unwrap_or_default()
    }
}

/// What the app wants of the API that it names, and what a consent then covers.
pub(super) fn permissions(
    authorization: &Authorization,
    app: &App,
) -> Result<(Vec<Permission>, Vec<Permission>), EntraError> {
    match &authorization.requested {
        Some(requested) => Ok((requested.permissions(app)?, requested.consents(app)?)),
        None => Ok((app.permissions.clone(), app.permissions.clone())),
    }
}

/// What a consent page says of a request.
fn in_words(authorization: &Authorization, covered: &[Permission]) -> Vec<&'static str> {
    let mut words: Vec<&str> = covered.iter().map(Permission::describe).collect();
    if words.is_empty() {
        words.push("Sign you in and read your profile");
    }
    if authorization.requested.as_ref().is_none_or(|requested| requested.offline) {
        words.push("Keep access to what you have given it access to");
    }
    words
}

fn no_session() -> EntraError {
    let message = "Session information is not sufficient for single-sign-on.";
    EntraError::new("login_required", 50058, message)
}

fn several_accounts() -> EntraError {
    let message = "Either multiple user identities are available for the current request or \
                   selected account is not supported for the scenario.";
    EntraError::new("interaction_required", 16000, message)
}
