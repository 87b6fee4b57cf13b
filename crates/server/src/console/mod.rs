//! The console: what people open in a browser.
//!
//! One page for now: it shows accounts, scenarios, blocks and the last runs, requests tokens and tests connections.
//! Everything it does goes through the API with the API token that the visitor pastes; it has no rights of its own.

mod callback;

use axum::extract::OriginalUri;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderName, HeaderValue, header};

pub(crate) use callback::callback;

const PAGE: &str = include_str!("console.html");
const SCRIPT: &str = include_str!("console.js");
const STYLE: &str = include_str!("console.css");
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Relative, as every address in the pages: behind a proxy the console may stand under another path.
pub(crate) async fn to_console(OriginalUri(from): OriginalUri) -> Redirect {
    Redirect::temporary(if from.path() == "/" { "admin" } else { "../admin" })
}

pub(crate) async fn page() -> Response {
    served("text/html; charset=utf-8", PAGE)
}

pub(crate) async fn script() -> Response {
    served("text/javascript; charset=utf-8", SCRIPT)
}

pub(crate) async fn style() -> Response {
    served("text/css; charset=utf-8", STYLE)
}

/// A document for browsers, with the headers that keep it from doing anything unforeseen.
fn served(content_type: &'static str, text: impl Into<axum::body::Body>) -> Response {
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text.into()).into_response()
}
