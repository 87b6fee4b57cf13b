//! The API permissions tab.

use std::sync::Arc;

use axum::extract::{Path, Query, State as AxumState};
use axum::response::Response;
use maud::{Markup, html};

use super::app_pages::{self, change, found, place};
use super::form::{Fields, Said, said, token};
use super::{Message, Portal, not_found};
use crate::entra::registry::{App, KNOWN_PERMISSIONS, Permission, Tenant};
use crate::state::State;

type Shared = AxumState<Arc<State>>;

const TAB: &str = "/permissions";

pub(super) async fn page(
    AxumState(state): Shared,
    Path(id): Path<String>,
    query: Query<Said>,
) -> Response {
    let directory = state.entra.directory.read();
    let Some((tenant, app)) = found(&directory, &id) else {
        return not_found("app registration");
    };
    let message = said(&state.portal, &query);
    let users = state.entra.grants.consenting_users(&app.client_id);
    let users: Vec<&str> =
        users.iter().filter_map(|oid| Some(directory.user_with_id(oid)?.1.name.as_str())).collect();
    let body = html! {
        h2 { "Configured permissions" }
        @if app.permissions.is_empty() {
            p { "None yet. A client that asks for the whole of an API gets AADSTS650057." }
        } @else {
            (configured(&state.portal, tenant, app))
        }
        (addition(&state.portal, app))
        h2 { "Consent" }
        (consents(&state.portal, tenant, app, &users))
    };
    app_pages::page(app, TAB, message.as_ref(), &body)
}

fn action(app: &App, end: &str) -> String {
    place(&app.client_id, &format!("{TAB}{end}"))
}

fn configured(portal: &Portal, tenant: &Tenant, app: &App) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { "API / permission" } th scope="col" { "Description" }
                th scope="col" { "Admin consent required" } th scope="col" { "Status" } th scope="col" { "Remove" }
            } }
            tbody {
                @for permission in &app.permissions {
                    tr {
                        th scope="row" { (permission.api.name()) " / " code { (permission.name) } }
                        td data-label="Description" { (permission.describe()) }
                        td data-label="Admin consent required" { @if permission.needs_admin() { "Yes" } @else { "No" } }
                        td data-label="Status" {
                            @if permission.admin_consent { span.tag.good { "Granted for " (tenant.name) } }
                            @else if permission.needs_admin() { span.tag.warn { "Not granted" } }
                            @else { "each user is asked" }
                        }
                        td {
                            form method="post" action=(action(app, "/remove")) {
                                (token(portal))
                                input type="hidden" name="permission" value=(key(permission));
                                button.danger.small type="submit" aria-label={ "Remove " (permission.name) } { "Remove" }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn addition(portal: &Portal, app: &App) -> Markup {
    html! {
        form method="post" action=(action(app, "/add")) {
            (token(portal))
            fieldset {
                legend { "Add a permission" }
                label for="permission" { "Delegated permission" }
                select #permission name="permission" {
                    @for (api, name, about, _) in KNOWN_PERMISSIONS {
                        option value={ (api.name()) "/" (name) } { (api.name()) " / " (name) ": " (about) }
                    }
                }
                div.actions { button type="submit" { "Add permission" } }
            }
        }
    }
}

fn consents(portal: &Portal, tenant: &Tenant, app: &App, users: &[&str]) -> Markup {
    html! {
        form method="post" action=(action(app, "/consent")) {
            (token(portal))
            div.actions {
                button type="submit" name="do" value="grant" { "Grant admin consent for " (tenant.name) }
                button.second type="submit" name="do" value="revoke" { "Revoke admin consent" }
            }
            p {
                @if users.is_empty() { "No user has consented for themselves." }
                @else { "Consented for themselves: " (users.join(", ")) "." }
            }
            div.actions {
                button.second type="submit" name="do" value="withdraw" { "Withdraw users' consents" }
            }
            p.hint { "After that a refresh is answered AADSTS65001, until somebody consents again." }
        }
    }
}

fn key(permission: &Permission) -> String {
    format!("{}/{}", permission.api.name(), permission.name)
}

/// The permission that a form names.
fn named(fields: &Fields) -> Result<Permission, String> {
    let asked = fields.need("permission", "The permission")?;
    let known =
        KNOWN_PERMISSIONS.iter().find(|(api, name, ..)| asked == format!("{}/{name}", api.name()));
    let (api, name, ..) = known.ok_or("There is no such permission.")?;
    Ok(Permission { api: *api, name: (*name).to_owned(), admin_consent: false })
}

pub(super) async fn add(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    change(&state, &id, TAB, |app| {
        let new = named(&fields)?;
        if app.permissions.iter().any(|known| known.is(new.api, &new.name)) {
            return Err("This permission is there already.".to_owned());
        }
        app.permissions.push(new);
        Ok(Message::Done("Added. Users are asked for their consent when they sign in.".to_owned()))
    })
}

pub(super) async fn remove(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    change(&state, &id, TAB, |app| {
        let old = named(&fields)?;
        app.permissions.retain(|known| !known.is(old.api, &old.name));
        Ok(Message::Done("Removed.".to_owned()))
    })
}

pub(super) async fn consent(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let set = |app: &mut App, granted: bool| {
        app.permissions.iter_mut().for_each(|permission| permission.admin_consent = granted);
    };
    change(&state, &id, TAB, |app| {
        let text = match fields.text("do").as_deref() {
            Some("grant") if app.permissions.is_empty() => {
                return Err("There is no permission to grant.".to_owned());
            }
            Some("grant") => {
                set(app, true);
                "Granted for everybody in the organization."
            }
            Some("revoke") => {
                set(app, false);
                "Revoked. Each user is asked again."
            }
            _ => {
                state.entra.grants.withdraw_consents(&app.client_id);
                "Withdrawn."
            }
        };
        Ok(Message::Done(text.to_owned()))
    })
}
