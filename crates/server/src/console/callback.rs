//! The page to which Entra ID sends the administrator back. It says "Connection is valid." only when Dynamics 365 has
//! answered as the user who consented.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};
use patchcord::dynamics::refused_consent;
use patchcord::{AccountState, AccountView, EndedConsent, Identity, TokenView};
use serde::Deserialize;

use super::page;
use crate::access::{DoneBy, Subject};
use crate::parameters::Asked;
use crate::problem::{Kind, Problem};
use crate::server::Shared;

/// What Entra ID sends along (authorization code flow, "Successful response" and "Error response").
#[derive(Deserialize)]
pub(crate) struct Returned {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    /// `True` where an administrator has consented for the organisation; without a code where that was done on a page of
    /// its own ("Admin consent on the Microsoft identity platform").
    admin_consent: Option<String>,
}

pub(crate) async fn callback(
    State(shared): State<Shared>,
    headers: HeaderMap,
    returned: Result<Asked<Returned>, Problem>,
) -> Response {
    let Asked(returned) = match returned {
        Ok(returned) => returned,
        Err(problem) => return show(problem.status(), &refused(&problem.reason())),
    };
    let for_organisation =
        returned.admin_consent.as_deref().is_some_and(|v| v.eq_ignore_ascii_case("true"));
    if for_organisation && returned.code.is_none() && returned.error.is_none() {
        return show(StatusCode::OK, &consented_for_organisation());
    }
    let answer = match (returned.code, returned.error) {
        (Some(code), None) => Ok(code),
        (_, Some(error)) => {
            Err(refused_consent(&error, returned.error_description.as_deref()).message)
        }
        (None, None) => Err("the sign-in page sent back neither a code nor an error".into()),
    };
    let state = returned.state.unwrap_or_default();
    let browser = shared.access.cookies.consent(&headers);
    match shared.patchcord.finish_consent(&state, answer, browser).await {
        Ok(ended) => ended_well_or_not(ended),
        Err(error) => {
            let problem = Problem::from(error);
            show(problem.status(), &refused(&problem.reason()))
        }
    }
}

/// Whoever comes back from Entra ID has no session to show there: who had begun it has done it.
fn ended_well_or_not(ended: EndedConsent) -> Response {
    let EndedConsent { account, begun_by, outcome } = ended;
    let (mut response, refused) = match outcome {
        Ok(account) => (show(StatusCode::OK, &valid(&account)), None),
        Err(error) => {
            let problem = Problem::from(error);
            (show(problem.status(), &refused(&problem.reason())), Some(Kind::of(&problem)))
        }
    };
    let told = response.extensions_mut();
    told.insert(Subject(account.to_string()));
    if let Some(actor) = begun_by {
        told.insert(DoneBy(actor));
    }
    if let Some(kind) = refused {
        told.insert(kind);
    }
    response
}

/// A page that says how it ended, to people and to the console's window.
struct Ending {
    outcome: &'static str,
    content: Markup,
}

fn show(status: StatusCode, ending: &Ending) -> Response {
    page::show(status, "Request token", Some(ending.outcome), &ending.content)
}

fn valid(account: &AccountView) -> Ending {
    let identity: Option<&Identity> = match &account.state {
        AccountState::Valid { identity, .. } => identity.as_ref(),
        AccountState::ConsentRequired { .. } => None,
    };
    let content = html! {
        h1 .good { "Connection is valid." }
        dl {
            dt { "Integration account" } dd { (account.settings.name) }
            @if let Some(identity) = identity {
                dt { "Consenting user" } dd { (user(identity)) }
                dt { "Organisation" } dd { (organisation(identity)) }
            }
            @if let Some(token) = &account.token { (lifetimes(token)) }
        }
        @for warning in &account.warnings { p .bad { "Warning: " (warning.message) "." } }
        p { "You can close this window." }
    };
    Ending { outcome: "valid", content }
}

/// The organisation's consent alone brings no token.
fn consented_for_organisation() -> Ending {
    let content = html! {
        h1 { "The organisation has consented." }
        p data-reason { "There is no token yet: press " b { "Request token" } " and sign in as the user as whom calls are to be made." }
    };
    Ending { outcome: "organisation", content }
}

/// `Ann Example (ann@example.org)`, as far as that is known.
fn user(identity: &Identity) -> String {
    match (&identity.full_name, &identity.user_name) {
        (Some(full), Some(sign_in)) => format!("{full} ({sign_in})"),
        (Some(name), None) | (None, Some(name)) => name.clone(),
        (None, None) => identity.user_id.to_string(),
    }
}

fn organisation(identity: &Identity) -> String {
    match &identity.organization_name {
        Some(name) => format!("{name} ({})", identity.organization_id),
        None => identity.organization_id.to_string(),
    }
}

fn lifetimes(token: &TokenView) -> Markup {
    html! {
        @if !token.scopes.is_empty() {
            dt { "May do" } dd { (token.scopes.join(", ")) }
        }
        @if let Some(until) = token.access_token_until {
            dt { "Access token until" } dd { (until.strftime("%F %H:%M UTC")) ", renewed before" }
        }
        dt { "Consent is likely to last until" }
        dd { (token.likely_until.strftime("%F")) ", longer with each use" }
    }
}

fn refused(reason: &str) -> Ending {
    let content = html! {
        h1 .bad { "The connection is not valid." }
        p data-reason { (reason) }
        p { "Close this window, mend what it says, and press " b { "Request token" } " again." }
    };
    Ending { outcome: "refused", content }
}
