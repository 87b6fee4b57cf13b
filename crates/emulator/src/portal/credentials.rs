//! The Certificates & secrets tab.

use std::sync::Arc;

use axum::extract::{Path, Query, State as AxumState};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use uuid::Uuid;

use super::app_pages::{self, change, found, place};
use super::form::{Fields, Said, said, token};
use super::{Message, Portal, not_found};
use crate::entra::registry::{App, Certificate, Parsed, Secret};
use crate::state::State;

type Shared = AxumState<Arc<State>>;

const TAB: &str = "/credentials";
const DAYS: [(u32, &str); 5] = [
    (180, "180 days (6 months)"),
    (365, "365 days (12 months)"),
    (730, "730 days (24 months)"),
    (1, "1 day"),
    (0, "It has expired already (AADSTS7000222)"),
];

pub(super) async fn page(
    AxumState(state): Shared,
    Path(id): Path<String>,
    query: Query<Said>,
) -> Response {
    let directory = state.entra.directory.read();
    let Some((_, app)) = found(&directory, &id) else {
        return not_found("app registration");
    };
    let message = said(&state.portal, &query);
    app_pages::page(
        app,
        TAB,
        message.as_ref(),
        &html! {
            h2 { "Client secrets" }
            p.hint { "A client proves itself by a secret's value, not by its id. The value is shown once, when it is made." }
            (secrets(&state.portal, app, state.entra.now()))
            form method="post" action=(place(&app.client_id, "/credentials/secret")) {
                (token(&state.portal))
                fieldset {
                    legend { "New client secret" }
                    label for="description" { "Description" }
                    input #description name="description";
                    label for="days" { "Expires" }
                    select #days name="days" {
                        @for (days, name) in DAYS { option value=(days) { (name) } }
                    }
                    div.actions { button type="submit" { "Add" } }
                }
            }
            h2 { "Certificates" }
            p.hint { "For clients that sign an assertion in place of sending a secret. Upload the public part only; RSA." }
            (certificates(&state.portal, app))
            form method="post" enctype="multipart/form-data" action=(place(&app.client_id, "/credentials/certificate")) {
                (token(&state.portal))
                fieldset {
                    legend { "Upload certificate" }
                    label for="file" { "File (.cer, .pem, .crt)" }
                    input #file name="file" type="file" accept=".cer,.pem,.crt,.der";
                    label for="pem" { "or its text, in PEM" }
                    textarea #pem name="pem" rows="4" spellcheck="false" {}
                    label for="about" { "Description" }
                    input #about name="description";
                    div.actions { button type="submit" { "Upload" } }
                }
            }
        },
    )
}

fn secrets(portal: &Portal, app: &App, now: Timestamp) -> Markup {
    html! {
        @if app.secrets.is_empty() { p { "No client secrets have been created for this application." } }
        @else {
            table.stack {
                thead { tr {
                    th scope="col" { "Description" } th scope="col" { "Expires" } th scope="col" { "Value" }
                    th scope="col" { "Secret ID" } th scope="col" { "Delete" }
                } }
                tbody {
                    @for secret in &app.secrets {
                        tr {
                            th scope="row" { @if secret.description.is_empty() { "no description" } @else { (secret.description) } }
                            td data-label="Expires" { (expiry(secret.expires, now)) }
                            td data-label="Value" { code { (secret.hint()) "********" } }
                            td data-label="Secret ID" { code { (secret.id) } }
                            td { (delete_button(portal, app, "secret", &secret.id, &secret.description)) }
                        }
                    }
                }
            }
        }
    }
}

fn certificates(portal: &Portal, app: &App) -> Markup {
    html! {
        @if app.certificates.is_empty() { p { "No certificates have been added for this application." } }
        @else {
            table.stack {
                thead { tr {
                    th scope="col" { "Description" } th scope="col" { "Thumbprint" } th scope="col" { "Expires" }
                    th scope="col" { "Delete" }
                } }
                tbody {
                    @for certificate in &app.certificates {
                        tr {
                            th scope="row" { @if certificate.description.is_empty() { "no description" } @else { (certificate.description) } }
                            td data-label="Thumbprint" {
                                code { (certificate.thumbprint) } br;
                                span.soft { "SHA-256 " code { (certificate.thumbprint_sha256) } }
                            }
                            td data-label="Expires" {
                                @if let Ok(parsed) = certificate.parsed() { (day(parsed.expires)) }
                            }
                            td { (delete_button(portal, app, "certificate", &certificate.thumbprint, &certificate.description)) }
                        }
                    }
                }
            }
        }
    }
}

fn delete_button(portal: &Portal, app: &App, kind: &str, id: &str, description: &str) -> Markup {
    html! {
        form method="post" action=(place(&app.client_id, "/credentials/delete")) {
            (token(portal))
            input type="hidden" name=(kind) value=(id);
            button.danger.small type="submit" aria-label={ "Delete " (kind) " " (description) } { "Delete" }
        }
    }
}

fn expiry(expires: Option<Timestamp>, now: Timestamp) -> Markup {
    html! {
        @match expires {
            Some(end) if end < now => { (day(end)) " " span.tag.warn { "expired" } }
            Some(end) => (day(end)),
            None => "never",
        }
    }
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

pub(super) async fn add_secret(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let now = state.entra.now();
    change(&state, &id, TAB, |app| {
        let days = fields.number("days", "The life")?.unwrap_or(180);
        let life = SignedDuration::from_hours(24 * i64::from(days)) - SignedDuration::from_secs(1);
        let expires = now.checked_add(life).map_err(|error| error.to_string())?;
        let value = secret_value();
        app.secrets.push(Secret {
            id: Uuid::new_v4().to_string(),
            description: fields.text("description").unwrap_or_default(),
            value: value.clone(),
            expires: Some(expires),
        });
        Ok(Message::Secret(value))
    })
}

/// Forty signs, as Entra ID's are, beginning so that one that got where it does not belong is found.
fn secret_value() -> String {
    let random = super::random();
    format!("emu8Q~{random}")
}

pub(super) async fn add_certificate(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    change(&state, &id, TAB, |app| {
        let bytes = fields.bytes("file").or_else(|| fields.bytes("pem"));
        let bytes = bytes.ok_or("Choose a file, or paste the certificate.")?;
        let parsed = Parsed::read(bytes).map_err(|error| error.to_string())?;
        let description = fields.text("description").unwrap_or_default();
        let certificate = Certificate::new(&description, &parsed);
        if app.certificates.iter().any(|known| known.thumbprint == certificate.thumbprint) {
            return Err("This certificate is registered already.".to_owned());
        }
        let text = format!("Uploaded. Its thumbprint is {}.", certificate.thumbprint);
        app.certificates.push(certificate);
        Ok(Message::Done(text))
    })
}

pub(super) async fn delete(
    AxumState(state): Shared,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    change(&state, &id, TAB, |app| {
        let (secret, certificate) = (fields.text("secret"), fields.text("certificate"));
        app.secrets.retain(|known| Some(&known.id) != secret.as_ref());
        app.certificates.retain(|known| Some(&known.thumbprint) != certificate.as_ref());
        Ok(Message::Done("Deleted. Clients that use it are refused from now on.".to_owned()))
    })
}
