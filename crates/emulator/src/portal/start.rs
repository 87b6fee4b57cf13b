//! The start page: what this is, what to copy, how to trust it, where to go on.

use std::sync::Arc;

use axum::extract::State as AxumState;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use maud::{Markup, html};

use super::copyable;
use super::user_pages::tags;
use crate::config::Setup;
use crate::entra::registry::Directory;
use crate::pages::wide;
use crate::state::State;

pub(super) async fn page(AxumState(state): AxumState<Arc<State>>) -> Response {
    let directory = state.entra.directory.read();
    let setup = &state.setup;
    wide(
        "Start",
        "/",
        &html! {
            h1 { "Entra ID and Dynamics 365, on this machine" }
            p.lead {
                "A client that was written for Microsoft's cloud can sign in, ask for consent, and read and write contacts, "
                "accounts and cases here, without a tenant. Nothing leaves this machine."
            }
            dl.cards {
                div { dt { a href="/portal/apps" { "App registrations" } } dd { "Register an app, make a secret, add permissions, as in the Entra admin centre." } }
                div { dt { a href="/portal/users" { "Users" } } dd { "Add, block, reset; give roles; see what a client makes of it." } }
                div { dt { a href="/_emulator/log" { "Requests" } } dd { "What came in and what was answered, secrets masked." } }
                div { dt { a href="/_emulator/faults" { "Faults" } } dd { "Failures on demand: add, remove, see what waits. " a href="/_emulator/counters" { "Counters" } } }
            }
            (to_copy(setup))
            (people(&directory, setup))
            (practice())
            @if let Some(file) = &setup.ca_file { (trust(setup, &file.display().to_string())) }
            h2 { "Read on" }
            p { "What is supported, and what an unsupported thing answers: " code { "docs/emulator.md" } " of Patchcord. The set-up as JSON: " a href="/_emulator/setup" { "/_emulator/setup" } "." }
        },
    )
}

fn to_copy(setup: &Setup) -> Markup {
    let scope = format!("{}/.default", setup.http_url);
    let resource = format!("{}/", setup.http_url);
    let rows: [(&str, &str); 11] = [
        ("Directory (tenant) ID", &setup.tenant),
        ("Application (client) ID", &setup.client_id),
        ("Client secret", &setup.client_secret),
        ("Authorization URL (v2)", &setup.authorization_url),
        ("Token URL (v2)", &setup.token_url),
        ("Scope (v2)", &scope),
        ("Authorization URL (v1)", &setup.authorization_url_v1),
        ("Token URL (v1)", &setup.token_url_v1),
        ("Resource (v1)", &resource),
        ("API URL", &setup.api_url),
        ("Origin over https", setup.https_url.as_deref().unwrap_or("none")),
    ];
    html! {
        h2 { "To copy into your client" }
        p.hint { "An app that is registered already. Over https every address begins with the last one." }
        table.facts {
            @for (name, value) in rows {
                tr { th scope="row" { (name) } td { (copyable(name, value)) } }
            }
            tr { th scope="row" { "Redirect URIs" } td {
                @for uri in &setup.redirect_uris { code { (uri) } br; }
                span.soft { "with any port" }
            } }
        }
    }
}

fn people(directory: &Directory, setup: &Setup) -> Markup {
    html! {
        h2 { "Who can sign in" }
        p { "Sign in as " (copyable("user name", &setup.user)) " with the password " (copyable("password", &setup.password)) "." }
        @if let Some(tenant) = directory.tenants.first() {
            table.stack {
                thead { tr { th scope="col" { "User" } th scope="col" { "Role in Dataverse" } th scope="col" { "What a client meets" } } }
                tbody {
                    @for user in &tenant.users {
                        tr {
                            th scope="row" { code { (user.name) } }
                            td data-label="Role" { (user.role.as_deref().unwrap_or("none")) }
                            td { (tags(user)) }
                        }
                    }
                }
            }
            p.hint { "The users that come with the emulator all have this password." }
        }
    }
}

fn practice() -> Markup {
    html! {
        h2 { "Practise an integration guide" }
        ol.steps {
            li { a href="/portal/apps/new" { "Register an application" } " with its name and redirect URI." }
            li { "Copy the Application (client) ID and the Directory (tenant) ID from its overview." }
            li { "Copy the OAuth 2.0 authorization and token endpoints from " strong { "Endpoints" } "." }
            li { "Make a client secret under " strong { "Certificates & secrets" } " and copy its value, which is shown once." }
            li { "Add " strong { "Dynamics CRM / user_impersonation" } " under " strong { "API permissions" } "." }
            li { a href="/portal/users/new" { "Add the user" } " in whose name the client shall work, with a security role." }
            li { "Enter all of it in your client, sign in, consent." }
        }
    }
}

fn trust(setup: &Setup, file: &str) -> Markup {
    let https = setup.https_url.as_deref().unwrap_or_default();
    let ways = [
        ("curl", format!("curl --cacert \"{file}\" {https}/_emulator/setup")),
        ("Python (requests, MSAL)", format!("export REQUESTS_CA_BUNDLE=\"{file}\"")),
        ("Node.js", format!("export NODE_EXTRA_CA_CERTS=\"{file}\"")),
        (
            "Debian, Ubuntu",
            format!(
                "sudo cp \"{file}\" /usr/local/share/ca-certificates/patchcord-emulator.crt && sudo update-ca-certificates"
            ),
        ),
        (
            "Windows, for the user who is signed in",
            format!("certutil -user -addstore Root \"{file}\""),
        ),
    ];
    html! {
        h2 #trust { "Trust the https address" }
        p {
            "Microsoft's own clients refuse http. The certificate of " code { (https) } " is signed by a CA of this machine, "
            "which can sign for loopback names only: "
            a href="/_emulator/ca.pem" download="patchcord-emulator-ca.pem" { "download ca.pem" } ", or use the file that is there."
        }
        @for (name, command) in &ways {
            h3 { (name) }
            pre tabindex="0" aria-label={ "Command for " (name) } { code data-copy={ "command for " (name) } { (command) } }
        }
    }
}

pub(super) async fn certificate(AxumState(state): AxumState<Arc<State>>) -> Response {
    let Some(file) = &state.setup.ca_file else {
        return (StatusCode::NOT_FOUND, "this emulator has no https address").into_response();
    };
    match tokio::fs::read(file).await {
        Ok(pem) => ([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response(),
        Err(error) => {
            tracing::warn!(%error, "cannot read the emulator's CA file");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
