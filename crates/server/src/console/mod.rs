//! The console: what people open in a browser.
//!
//! It is built from `crates/server/console` by `cargo xtask console` and lies in the program. Everything it does goes
//! through the API; it has no rights of its own. Two pages are written here: the one that Entra ID leads back to, and the
//! one that says what to run where the console was not built.

mod callback;
mod files;
mod page;

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderName, HeaderValue, header};

pub(crate) use callback::callback;

const SCRIPT: &str = include_str!("callback.js");
/// The tokens of the console's design, and what the pages that are written here need of it.
const STYLE: &str = concat!(
    include_str!("../../console/src/ui/tokens.css"),
    include_str!("../../console/src/ui/base.css"),
    include_str!("page.css")
);
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Relative, as every address in the pages: behind a proxy the console may stand under another path.
pub(crate) async fn to_console() -> Redirect {
    Redirect::temporary("admin/")
}

/// The one document of the console; where people are in it stands behind the `#` of its address. The link for the first
/// set-up leads here too.
pub(crate) async fn document(headers: HeaderMap) -> Response {
    match files::find("index.html") {
        Some(file) => file.served(&headers),
        None => page::not_built(),
    }
}

/// A part of the console. Its name changes with its content.
pub(crate) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match files::find(&format!("assets/{name}")) {
        Some(file) => file.served(&headers),
        None => crate::routes::unknown().into_response(),
    }
}

pub(crate) async fn callback_script() -> Response {
    served("text/javascript; charset=utf-8", SCRIPT)
}

pub(crate) async fn page_style() -> Response {
    served("text/css; charset=utf-8", STYLE)
}

/// A document for browsers that is not kept, with the headers that keep it from doing anything unforeseen.
fn served(content_type: &'static str, text: impl Into<axum::body::Body>) -> Response {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (guarding(content_type), no_store, text.into()).into_response()
}

fn guarding(content_type: &'static str) -> [(HeaderName, HeaderValue); 4] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]
}
