//! The frame of the pages that are written here, in the design of the console.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use super::served;

/// A page with one message. `outcome` is what it tells the window that opened it.
pub(super) fn show(
    status: StatusCode,
    title: &str,
    outcome: Option<&str>,
    content: &Markup,
) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Patchcord" }
                link rel="stylesheet" href="page.css";
                @if outcome.is_some() { script src="callback.js" defer {} }
            }
            body {
                main .page data-outcome=[outcome] {
                    p .brand { "Patchcord" }
                    section .card { (content) }
                }
            }
        }
    };
    let mut response = served("text/html; charset=utf-8", page.into_string()).into_response();
    *response.status_mut() = status;
    response
}

/// What stands in the console's place where there was no Node to build it with.
pub(super) fn not_built() -> Response {
    let content = html! {
        h1 { "The console was not built" }
        p { "This server was built without its console. To have it, run these in its source, with Node 20.19 or newer:" }
        pre { "cargo xtask console\ncargo build --workspace" }
        p {
            "Everything else works: the command " code { "patchcord" } " and the API (" a href="../openapi.json" { "its contract" }
            ") do all that the console does."
        }
    };
    show(StatusCode::OK, "Console", None, &content)
}
