//! What all of the emulator's HTML pages have in common: the frame, the style, the scripts that nobody needs.
//!
//! Pages are plain forms and tables, so that they work with a keyboard, a screen reader, a phone, and a test that posts
//! the form. Script only adds: buttons that copy, and a form that posts itself.

use axum::Router;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::{HeaderName, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("pages/style.css");
const COPY: &str = include_str!("pages/copy.js");
const FORM_POST: &str = include_str!("pages/form-post.js");

/// No script and no style but the emulator's own, and no other site's frame around a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/// The files that pages refer to.
pub(crate) fn assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let file = |kind: &'static str, text: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind)], text) })
    };
    Router::new()
        .route("/assets/style.css", file("text/css; charset=utf-8", STYLE))
        .route("/assets/copy.js", file("text/javascript; charset=utf-8", COPY))
        .route("/assets/form-post.js", file("text/javascript; charset=utf-8", FORM_POST))
}

/// A page with one column of content, as the sign-in has it.
pub(crate) fn narrow(title: &str, body: &Markup) -> Response {
    finished(frame(title, None, &html! { main.narrow #main { (body) } }))
}

/// A page of the portal; `current` is its place in the navigation.
pub(crate) fn wide(title: &str, current: &str, body: &Markup) -> Response {
    finished(frame(title, Some(current), &html! { main #main { (body) } }))
}

fn finished(page: Markup) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
    ];
    (headers, Html(page.into_string())).into_response()
}

const PLACES: [(&str, &str); 5] = [
    ("/", "Start"),
    ("/portal/apps", "App registrations"),
    ("/portal/users", "Users"),
    ("/portal/tenants", "Tenants"),
    ("/_emulator/log", "Requests"),
];

fn frame(title: &str, current: Option<&str>, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Patchcord emulator" }
                link rel="stylesheet" href="/assets/style.css";
            }
            body {
                header {
                    p.banner {
                        "This is an emulator of Entra ID and Dynamics 365. Nothing here is real; never enter a real password."
                    }
                    @if let Some(current) = current {
                        nav aria-label="Emulator" {
                            ul {
                                @for (place, name) in PLACES {
                                    li {
                                        a href=(place) aria-current=[(place == current).then_some("page")] { (name) }
                                    }
                                }
                            }
                        }
                    }
                }
                (main)
                @if current.is_some() { script src="/assets/copy.js" defer {} }
            }
        }
    }
}

/// Text made safe for HTML content and for a double-quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Puts values, already HTML, in the places `{{name}}` of a template, in one pass, so that a
/// value that looks like a place is left alone.
pub(crate) fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, tail) = after.split_once("}}").unwrap_or((after, ""));
        out.push_str(before);
        if let Some((_, value)) = values.iter().find(|(key, _)| *key == name) {
            out.push_str(value);
        }
        rest = tail;
    }
    out + rest
}

pub(crate) fn page(title: &str, body: String) -> Html<String> {
    Html(frame(title, Some("/_emulator/log"), &PreEscaped(body)).into_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_never_read_as_places() {
        let rows = [("rows", "{{rows}}".to_owned())];
        assert_eq!(fill("<i>{{rows}}{{gone}}</i>", &rows), "<i>{{rows}}</i>");
        assert_eq!(escape("<a href=\"'&\">"), "&lt;a href=&quot;&#39;&amp;&quot;&gt;");
    }
}
