//! The Authentication tab: redirect URIs by platform, and the flows that have to be allowed.

use std::sync::Arc;

use axum::extract::{Path, Query, State as AxumState};
use axum::response::Response;
use maud::{Markup, html};

use super::app_pages::{self, change, found, place};
use super::apps::{platform_field, redirect_of};
use super::form::{Fields, Said, check, said, token};
use super::{Message, Portal, not_found};
use crate::entra::registry::{App, Platform};
use crate::state::State;

type Shared = AxumState<Arc<State>>;

const TAB: &str = "/authentication";

pub(super) async fn page(
    AxumState(state): Shared,
    Path(id): Path<String>,
    query: Query<Said>,
) -> Response {
    let message = said(&state.portal, &query);
    let directory = state.entra.directory.read();
    let Some((_, app)) = found(&directory, &id) else {
        return not_found("app registration");
    };
    let body = html! {
        h2 { "Redirect URIs" }
        @if app.redirect_uris.all().next().is_none() {
            p { "None yet. Nobody can sign in without one." }
        } @else {
            (registered(&state.portal, app))
        }
        (addition(&state.portal, app))
        h2 { "Settings" }
        form method="post" action=(action(app, "")) {
            (token(&state.portal))
            (check("id_tokens", "ID tokens.", "For implicit and hybrid flows; otherwise AADSTS700054.", app.id_tokens))
            (check("public", "Allow public client flows.", "Device code and password without a credential.", app.public_client_flows))
            div.actions { button type="submit" { "Save" } }
        }
    };
    app_pages::page(app, TAB, message.as_ref(), &body)
}

fn action(app: &App, end: &str) -> String {
    place(&app.client_id, &format!("{TAB}{end}"))
}

fn registered(portal: &Portal, app: &App) -> Markup {
    html! {
        table.stack {
            thead { tr { th scope="col" { "Redirect URI" } th scope="col" { "Platform" } th scope="col" { "Remove" } } }
            tbody {
                @for (platform, uri) in app.redirect_uris.all() {
                    tr {
                        td { code { (uri) } }
                        td data-label="Platform" { (name(platform)) }
                        td {
                            form method="post" action=(action(app, "/remove")) {
                                (token(portal))
                                input type="hidden" name="uri" value=(uri);
                                button.danger.small type="submit" aria-label={ "Remove " (uri) } { "Remove" }
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
                legend { "Add a redirect URI" }
                (platform_field())
                label for="uri" { "Redirect URI" }
                input #uri name="uri" type="url" required aria-describedby="uri-hint";
                p.hint #uri-hint { "It must be what the client sends, to the letter. The port of http://localhost and http://127.0.0.1 is free." }
                div.actions { button type="submit" { "Add" } }
            }
        }
    }
}

fn name(platform: Platform) -> &'static str {
    match platform {
        Platform::Web => "Web",
        Platform::Spa => "Single-page application",
        Platform::PublicClient => "Public client/native",
    }
}

pub(super) async fn save(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    change(&state, &id, TAB, |app| {
        app.id_tokens = fields.checked("id_tokens");
        app.public_client_flows = fields.checked("public");
        Ok(Message::Done("Saved.".to_owned()))
    })
}

pub(super) async fn add(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    change(&state, &id, TAB, |app| {
        let (platform, uri) = redirect_of(&fields)?.ok_or("The redirect URI is missing.")?;
        if app.redirect_uris.all().any(|(_, known)| *known == uri) {
            return Err("This redirect URI is registered already.".to_owned());
        }
        app.redirect_uris.of_mut(platform).push(uri);
        Ok(Message::Done("Added.".to_owned()))
    })
}

pub(super) async fn remove(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    change(&state, &id, TAB, |app| {
        let uri = fields.need("uri", "The redirect URI")?;
        for platform in [Platform::Web, Platform::Spa, Platform::PublicClient] {
            app.redirect_uris.of_mut(platform).retain(|known| *known != uri);
        }
        Ok(Message::Done("Removed.".to_owned()))
    })
}
