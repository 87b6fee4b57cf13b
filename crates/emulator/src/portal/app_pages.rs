//! What the pages of one app registration have in common, and changing it.

use axum::response::Response;
use maud::{Markup, html};

use super::{Message, told};
use crate::entra::registry::{App, Directory, Tenant};
use crate::pages::wide;
use crate::state::State;

const TABS: [(&str, &str); 5] = [
    ("", "Overview"),
    ("/endpoints", "Endpoints"),
    ("/authentication", "Authentication"),
    ("/credentials", "Certificates & secrets"),
    ("/permissions", "API permissions"),
];

pub(super) fn place(client_id: &str, tab: &str) -> String {
    format!("/portal/apps/{client_id}{tab}")
}

pub(super) fn found<'d>(directory: &'d Directory, id: &str) -> Option<(&'d Tenant, &'d App)> {
    directory.app_anywhere(id)
}

/// A tab of an app's registration.
pub(super) fn page(app: &App, tab: &str, message: Option<&Message>, body: &Markup) -> Response {
    let name = TABS.iter().find(|(place, _)| *place == tab).map_or("", |(_, name)| name);
    let title = format!("{} · {name}", app.name);
    wide(
        &title,
        "/portal/apps",
        &html! {
            p.crumbs { a href="/portal/apps" { "App registrations" } }
            h1 { (app.name) }
            nav.tabs aria-label="App registration" {
                ul {
                    @for (end, name) in TABS {
                        li {
                            a href=(place(&app.client_id, end)) aria-current=[(end == tab).then_some("page")] { (name) }
                        }
                    }
                }
            }
            (told(message))
            (body)
        },
    )
}

/// Changes an app, and goes back to its tab with word of what came of it.
pub(super) fn change(
    state: &State,
    id: &str,
    tab: &str,
    change: impl FnOnce(&mut App) -> Result<Message, String>,
) -> Response {
    let outcome = state.entra.directory.change(|directory| {
        let mut tenants = directory.tenants.iter_mut();
        let app = tenants.find_map(|tenant| tenant.app_mut(id));
        change(app.ok_or_else(|| "This app registration is gone.".to_owned())?)
    });
    let message = outcome.unwrap_or_else(|error| Message::Failed(error.to_string()));
    state.portal.go(&place(id, tab), message)
}
