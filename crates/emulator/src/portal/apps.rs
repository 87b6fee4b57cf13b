//! App registrations: the list, a new one, its overview and its endpoints.

use std::sync::Arc;

use axum::extract::{Extension, Path, Query, State as AxumState};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::app_pages::{change, found, page, place};
use super::form::{Fields, Said, check, said, token};
use super::{Message, copyable, not_found, told};
use crate::entra::registry::{App, Platform, Tenant};
use crate::pages::wide;
use crate::server::Origin;
use crate::state::State;

type Shared = AxumState<Arc<State>>;

pub(super) async fn list(AxumState(state): Shared, query: Query<Said>) -> Response {
    let message = said(&state.portal, &query);
    let directory = state.entra.directory.read();
    wide(
        "App registrations",
        "/portal/apps",
        &html! {
            h1 { "App registrations" }
            (told(message.as_ref()))
            p.actions { a.button href="/portal/apps/new" { "New registration" } }
            @for tenant in &directory.tenants {
                h2 { (tenant.name) " (" (tenant.domain) ")" }
                @if tenant.apps.is_empty() { p { "No app is registered here." } } @else { (table(tenant)) }
            }
        },
    )
}

fn table(tenant: &Tenant) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { "Display name" }
                th scope="col" { "Application (client) ID" }
                th scope="col" { "Certificates & secrets" }
            } }
            tbody {
                @for app in &tenant.apps {
                    tr {
                        th scope="row" { a href=(place(&app.client_id, "")) { (app.name) } }
                        td data-label="Client ID" { code { (app.client_id) } }
                        td data-label="Credentials" {
                            (app.secrets.len()) " secrets, " (app.certificates.len()) " certificates"
                        }
                    }
                }
            }
        }
    }
}

pub(super) async fn new(AxumState(state): Shared, query: Query<Said>) -> Response {
    let message = said(&state.portal, &query);
    let directory = state.entra.directory.read();
    wide(
        "Register an application",
        "/portal/apps",
        &html! {
            p.crumbs { a href="/portal/apps" { "App registrations" } }
            h1 { "Register an application" }
            (told(message.as_ref()))
            form method="post" action="/portal/apps/new" {
                (token(&state.portal))
                label for="name" { "Name" }
                input #name name="name" required autofocus aria-describedby="name-hint";
                p.hint #name-hint { "The display name that users see when they consent." }
                label for="tenant" { "Tenant" }
                select #tenant name="tenant" {
                    @for tenant in &directory.tenants { option value=(tenant.id) { (tenant.name) " (" (tenant.domain) ")" } }
                }
                fieldset {
                    legend { "Supported account types" }
                    label.check { input type="radio" name="accounts" value="single" checked; "Accounts in this organizational directory only (single tenant)" }
                    label.check { input type="radio" name="accounts" value="multi"; "Accounts in any organizational directory (multitenant)" }
                }
                fieldset {
                    legend { "Redirect URI (optional)" }
                    (platform_field())
                    label for="uri" { "Redirect URI" }
                    input #uri name="uri" type="url" placeholder="http://127.0.0.1/admin/msdynamicscallback.html";
                }
                div.actions { button type="submit" { "Register" } a.button.second href="/portal/apps" { "Cancel" } }
            }
        },
    )
}

/// The choice of a platform for a redirect URI.
pub(super) fn platform_field() -> Markup {
    html! {
        label for="platform" { "Platform" }
        select #platform name="platform" {
            option value="web" { "Web" }
            option value="spa" { "Single-page application (SPA)" }
            option value="public_client" { "Public client/native (mobile & desktop)" }
        }
    }
}

/// The platform and the redirect URI of a form, checked.
pub(super) fn redirect_of(fields: &Fields) -> Result<Option<(Platform, String)>, String> {
    let Some(uri) = fields.text("uri") else {
        return Ok(None);
    };
    let platform = match fields.text("platform").as_deref() {
        Some("spa") => Platform::Spa,
        Some("public_client") => Platform::PublicClient,
        _ => Platform::Web,
    };
    let parsed =
        url::Url::parse(&uri).map_err(|_| "The redirect URI must be absolute.".to_owned())?;
    if parsed.fragment().is_some() {
        return Err("A redirect URI can not have a fragment.".to_owned());
    }
    let loopback = crate::control::is_loopback(&parsed);
    if parsed.scheme() == "http" && !loopback {
        return Err("A redirect URI must begin with https, or with http and localhost.".to_owned());
    }
    Ok(Some((platform, uri)))
}

pub(super) async fn register(AxumState(state): Shared, fields: Fields) -> Response {
    let made = state.entra.directory.change(|directory| {
        let mut app = App::new(&fields.need("name", "The name")?);
        app.multi_tenant = fields.text("accounts").as_deref() == Some("multi");
        if let Some((platform, uri)) = redirect_of(&fields)? {
            app.redirect_uris.of_mut(platform).push(uri);
        }
        let id = fields.text("tenant").unwrap_or_default();
        let tenant = directory.tenants.iter_mut().find(|tenant| tenant.id == id);
        let client_id = app.client_id.clone();
        tenant.ok_or("There is no such tenant.")?.apps.push(app);
        Ok(client_id)
    });
    match made {
        Ok(client_id) => {
            let text =
                "Registered. Copy the client id, then make a secret, then add the API permission.";
            state.portal.go(&place(&client_id, ""), Message::Done(text.to_owned()))
        }
        Err(error) => state.portal.go("/portal/apps/new", Message::Failed(error.to_string())),
    }
}

pub(super) async fn overview(
    AxumState(state): Shared,
    Path(id): Path<String>,
    query: Query<Said>,
) -> Response {
    let directory = state.entra.directory.read();
    let Some((tenant, app)) = found(&directory, &id) else {
        return not_found("app registration");
    };
    let service_principal = app.service_principal(&tenant.id);
    let principal = state.entra.principal(&service_principal).filter(|found| found.member);
    let kind = if app.multi_tenant { "Multiple organizations" } else { "My organization only" };
    page(
        app,
        "",
        said(&state.portal, &query).as_ref(),
        &html! {
            table.facts {
                tr { th scope="row" { "Display name" } td { (app.name) } }
                tr { th scope="row" { "Application (client) ID" } td { (copyable("client id", &app.client_id)) } }
                tr { th scope="row" { "Directory (tenant) ID" } td { (copyable("tenant id", &tenant.id)) } }
                tr { th scope="row" { "Object ID of the service principal" } td { (copyable("object id", &service_principal)) } }
                tr { th scope="row" { "Supported account types" } td { (kind) } }
                tr { th scope="row" { "Redirect URIs" } td {
                    a href=(place(&app.client_id, "/authentication")) { (app.redirect_uris.all().count()) " registered" }
                } }
                tr { th scope="row" { "Dataverse application user" } td {
                    @match principal {
                        Some(principal) => { (principal.role.unwrap_or_default()) }
                        None => "none: client credentials get a token and no access",
                    }
                } }
            }
            h2 { "Properties" }
            form method="post" action=(place(&app.client_id, "")) {
                (token(&state.portal))
                label for="name" { "Name" }
                input #name name="name" required value=(app.name);
                label for="role" { "Security role of the Dataverse application user" }
                input #role name="role" value=[app.application_user_role.as_deref()] aria-describedby="role-hint";
                p.hint #role-hint { "For client credentials. Leave it empty for an app without an application user." }
                (check("assignment", "Assignment required.", "Users without assignment get AADSTS50105.", app.assignment_required))
                (check("user_consent", "Users may consent.", "Otherwise an administrator must (AADSTS90094).", app.user_consent_allowed))
                (check("multi", "Multitenant.", "Otherwise common and organizations answer AADSTS50194.", app.multi_tenant))
                div.actions { button type="submit" { "Save" } }
            }
            h2 { "Delete" }
            form method="post" action=(place(&app.client_id, "/delete")) {
                (token(&state.portal))
                p { "Its tokens and secrets stop working at once." }
                button.danger type="submit" { "Delete this registration" }
            }
        },
    )
}

pub(super) async fn save(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    change(&state, &id, "", |app| {
        app.name = fields.need("name", "The name")?;
        app.application_user_role = fields.text("role");
        app.assignment_required = fields.checked("assignment");
        app.user_consent_allowed = fields.checked("user_consent");
        app.multi_tenant = fields.checked("multi");
        Ok(Message::Done("Saved.".to_owned()))
    })
}

pub(super) async fn delete(
    AxumState(state): Shared,
    Path(id): Path<String>,
    _fields: Fields,
) -> Response {
    let gone = state.entra.directory.change(|directory| {
        for tenant in &mut directory.tenants {
            tenant.apps.retain(|app| app.client_id != id);
        }
        Ok(())
    });
    match gone {
        Ok(()) => Redirect::to("/portal/apps").into_response(),
        Err(error) => state.portal.go(&place(&id, ""), Message::Failed(error.to_string())),
    }
}

pub(super) async fn endpoints(
    AxumState(state): Shared,
    Path(id): Path<String>,
    Extension(Origin(origin)): Extension<Origin>,
    query: Query<Said>,
) -> Response {
    let directory = state.entra.directory.read();
    let Some((tenant, app)) = found(&directory, &id) else {
        return not_found("app registration");
    };
    let base = format!("{origin}/{}", tenant.id);
    let rows = [
        ("OAuth 2.0 authorization endpoint (v2)", format!("{base}/oauth2/v2.0/authorize")),
        ("OAuth 2.0 token endpoint (v2)", format!("{base}/oauth2/v2.0/token")),
        ("OAuth 2.0 authorization endpoint (v1)", format!("{base}/oauth2/authorize")),
        ("OAuth 2.0 token endpoint (v1)", format!("{base}/oauth2/token")),
        (
            "OpenID Connect metadata document",
            format!("{base}/v2.0/.well-known/openid-configuration"),
        ),
        ("Admin consent", format!("{base}/v2.0/adminconsent")),
        ("Dynamics 365 Web API", format!("{origin}/api/data/v9.2")),
    ];
    page(
        app,
        "/endpoints",
        said(&state.portal, &query).as_ref(),
        &html! {
            p.hint { "Clients that ask with a resource take the v1 endpoints, those that ask with a scope the v2 ones." }
            table.facts {
                @for (name, value) in &rows {
                    tr { th scope="row" { (name) } td { (copyable(name, value)) } }
                }
            }
        },
    )
}
