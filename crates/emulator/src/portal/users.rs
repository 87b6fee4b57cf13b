//! Users: the list, a new one, and what can be changed about one.

use std::sync::Arc;

use axum::extract::{Path, Query, State as AxumState};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use uuid::Uuid;

use super::form::{Fields, Said, said, token};
use super::user_pages::{facts, role_field, settings, table};
use super::{Message, not_found, told};
use crate::entra::registry::{Mfa, User};
use crate::pages::wide;
use crate::state::State;

type Shared = AxumState<Arc<State>>;

pub(super) async fn list(AxumState(state): Shared, query: Query<Said>) -> Response {
    let message = said(&state.portal, &query);
    let directory = state.entra.directory.read();
    wide(
        "Users",
        "/portal/users",
        &html! {
            h1 { "Users" }
            (told(message.as_ref()))
            p.actions { a.button href="/portal/users/new" { "New user" } }
            @for tenant in &directory.tenants {
                h2 { (tenant.name) " (" (tenant.domain) ")" }
                (table(tenant))
            }
        },
    )
}

pub(super) async fn new(AxumState(state): Shared, query: Query<Said>) -> Response {
    let message = said(&state.portal, &query);
    let directory = state.entra.directory.read();
    wide(
        "New user",
        "/portal/users",
        &html! {
            p.crumbs { a href="/portal/users" { "Users" } }
            h1 { "New user" }
            (told(message.as_ref()))
            form method="post" action="/portal/users/new" {
                (token(&state.portal))
                label for="name" { "User name, before the @" }
                input #name name="name" required autofocus autocapitalize="none" spellcheck="false";
                label for="tenant" { "Tenant" }
                select #tenant name="tenant" {
                    @for tenant in &directory.tenants { option value=(tenant.id) { (tenant.name) " (@" (tenant.domain) ")" } }
                }
                label for="given" { "First name" }
                input #given name="given" required;
                label for="family" { "Last name" }
                input #family name="family" required;
                label for="password" { "Password" }
                input #password name="password" type="text" required autocomplete="off" aria-describedby="password-hint";
                p.hint #password-hint { "A demo password, which is kept in the clear: never a real one." }
                (role_field(Some("Basic User")))
                div.actions { button type="submit" { "Create" } a.button.second href="/portal/users" { "Cancel" } }
            }
        },
    )
}

pub(super) async fn create(AxumState(state): Shared, fields: Fields) -> Response {
    let made = state.entra.directory.change(|directory| {
        let id = fields.text("tenant").unwrap_or_default();
        let tenant = directory.tenants.iter_mut().find(|tenant| tenant.id == id);
        let tenant = tenant.ok_or("There is no such tenant.")?;
        let name = fields.need("name", "The user name")?;
        if name.contains(['@', ' ']) {
            return Err("The user name can not contain @ or spaces.".to_owned());
        }
        let user = User {
            id: Uuid::new_v4().to_string(),
            name: format!("{name}@{}", tenant.domain),
            given_name: fields.need("given", "The first name")?,
            family_name: fields.need("family", "The last name")?,
            password: fields.need("password", "The password")?,
            blocked: false,
            mfa: Mfa::None,
            admin: false,
            assigned: Vec::new(),
            role: fields.text("role"),
            dataverse_member: true,
            conditional_access_block: false,
            sign_in_frequency_seconds: None,
            sign_in_sessions_valid_from: None,
        };
        let id = user.id.clone();
        tenant.users.push(user);
        Ok(id)
    });
    match made {
        Ok(id) => {
            let text = "Created. The user can sign in now.".to_owned();
            state.portal.go(&place(&id), Message::Done(text))
        }
        Err(error) => state.portal.go("/portal/users/new", Message::Failed(error.to_string())),
    }
}

fn place(id: &str) -> String {
    format!("/portal/users/{id}")
}

pub(super) async fn page(
    AxumState(state): Shared,
    Path(id): Path<String>,
    query: Query<Said>,
) -> Response {
    let directory = state.entra.directory.read();
    let Some((tenant, user)) = directory.user_with_id(&id) else {
        return not_found("user");
    };
    let message = said(&state.portal, &query);
    let principal = state.entra.principal(&user.id);
    wide(
        &user.name,
        "/portal/users",
        &html! {
            p.crumbs { a href="/portal/users" { "Users" } }
            h1 { (user.display_name()) }
            (told(message.as_ref()))
            (facts(tenant, user, principal.as_ref()))
            h2 { "Settings" }
            (settings(&state.portal, &directory, user))
            h2 { "Password and sessions" }
            form method="post" action={ (place(&user.id)) "/password" } {
                (token(&state.portal))
                label for="password" { "New password" }
                input #password name="password" type="text" required autocomplete="off" aria-describedby="password-hint";
                p.hint #password-hint { "Refresh tokens issued before the reset answer AADSTS50173." }
                div.actions { button type="submit" { "Reset password" } }
            }
            form method="post" action={ (place(&user.id)) "/sessions" } {
                (token(&state.portal))
                div.actions { button.second type="submit" { "Revoke sessions" } }
            }
            h2 { "Delete" }
            form method="post" action={ (place(&user.id)) "/delete" } {
                (token(&state.portal))
                button.danger type="submit" { "Delete user" }
            }
        },
    )
}

/// Changes a user, and goes back to the page with word of what came of it.
fn change(
    state: &State,
    id: &str,
    done: &str,
    change: impl FnOnce(&mut User) -> Result<(), String>,
) -> Response {
    let outcome = state.entra.directory.change(|directory| {
        let mut tenants = directory.tenants.iter_mut();
        let user = tenants.find_map(|tenant| tenant.user_mut(id));
        change(user.ok_or_else(|| "This user is gone.".to_owned())?)
    });
    let message = match outcome {
        Ok(()) => Message::Done(done.to_owned()),
        Err(error) => Message::Failed(error.to_string()),
    };
    state.portal.go(&place(id), message)
}

pub(super) async fn save(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    change(&state, &id, "Saved.", |user| {
        user.sign_in_frequency_seconds = fields.number("frequency", "The sign-in frequency")?;
        user.blocked = fields.checked("blocked");
        user.mfa = if fields.checked("mfa") { Mfa::Required } else { Mfa::None };
        user.conditional_access_block = fields.checked("ca");
        user.admin = fields.checked("admin");
        user.dataverse_member = fields.checked("member");
        user.role = fields.text("role");
        user.assigned = fields.all("assigned");
        Ok(())
    })
}

pub(super) async fn reset_password(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let now = state.entra.now();
    change(&state, &id, "The password was reset.", |user| {
        user.password = fields.need("password", "The new password")?;
        user.sign_in_sessions_valid_from = Some(now);
        Ok(())
    })
}

pub(super) async fn revoke_sessions(
    AxumState(state): Shared,
    Path(id): Path<String>,
    _fields: Fields,
) -> Response {
    let now = state.entra.now();
    change(&state, &id, "The sessions were revoked; refresh tokens answer AADSTS50173.", |user| {
        user.sign_in_sessions_valid_from = Some(now);
        Ok(())
    })
}

pub(super) async fn delete(
    AxumState(state): Shared,
    Path(id): Path<String>,
    _fields: Fields,
) -> Response {
    let gone = state.entra.directory.change(|directory| {
        for tenant in &mut directory.tenants {
            tenant.users.retain(|user| user.id != id);
        }
        Ok(())
    });
    match gone {
        Ok(()) => Redirect::to("/portal/users").into_response(),
        Err(error) => state.portal.go(&place(&id), Message::Failed(error.to_string())),
    }
}
