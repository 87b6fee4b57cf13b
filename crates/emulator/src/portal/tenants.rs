//! Tenants, and what holds for everybody in one.

use std::sync::Arc;

use axum::extract::{Path, Query, State as AxumState};
use axum::response::Response;
use maud::html;

use super::form::{Fields, Said, check, said, token};
use super::{Message, copyable, told};
use crate::pages::wide;
use crate::state::State;

type Shared = AxumState<Arc<State>>;

pub(super) async fn page(AxumState(state): Shared, query: Query<Said>) -> Response {
    let message = said(&state.portal, &query);
    let directory = state.entra.directory.read();
    wide(
        "Tenants",
        "/portal/tenants",
        &html! {
            h1 { "Tenants" }
            (told(message.as_ref()))
            p.hint {
                @match state.entra.directory.file() {
                    Some(file) => { "What is changed in the portal is kept in " code { (file.display()) } "." }
                    None => "What is changed in the portal is kept until the emulator stops. Start it with a data folder to keep it longer.",
                }
            }
            @for (n, tenant) in directory.tenants.iter().enumerate() {
                h2 { (tenant.name) }
                table.facts {
                    tr { th scope="row" { "Directory (tenant) ID" } td { (copyable("tenant id", &tenant.id)) } }
                    tr { th scope="row" { "Domain" } td { (copyable("domain", &tenant.domain)) } }
                    tr { th scope="row" { "Holds" } td { (tenant.users.len()) " users, " (tenant.apps.len()) " app registrations" } }
                }
                form method="post" action={ "/portal/tenants/" (tenant.id) } {
                    (token(&state.portal))
                    (check("mfa", "Require multi-factor authentication.", "Refreshes of sign-ins without it get AADSTS50076.", tenant.require_mfa))
                    (check("ca", "Block by Conditional Access.", "Sign-ins and refreshes get AADSTS53003.", tenant.conditional_access_block))
                    label for={ "frequency" (n) } { "Sign-in frequency, in seconds" }
                    input id={ "frequency" (n) } name="frequency" inputmode="numeric" value=[tenant.sign_in_frequency_seconds];
                    p.hint { "After that a refresh gets AADSTS70043. Empty for no limit." }
                    div.actions { button type="submit" aria-label={ "Save " (tenant.name) } { "Save" } }
                }
            }
        },
    )
}

pub(super) async fn save(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let outcome = state.entra.directory.change(|directory| {
        let tenant = directory.tenants.iter_mut().find(|tenant| tenant.id == id);
        let tenant = tenant.ok_or("There is no such tenant.")?;
        tenant.sign_in_frequency_seconds = fields.number("frequency", "The sign-in frequency")?;
        tenant.require_mfa = fields.checked("mfa");
        tenant.conditional_access_block = fields.checked("ca");
        Ok(Message::Done("Saved.".to_owned()))
    });
    let message = outcome.unwrap_or_else(|error| Message::Failed(error.to_string()));
    state.portal.go("/portal/tenants", message)
}
