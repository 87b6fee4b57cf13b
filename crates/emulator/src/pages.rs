//! The emulator's HTML pages, filled in from templates.
//!
//! Plain forms and tables without script, so that they work with a keyboard, a screen reader, a
//! phone, and a test that posts the form. Every value is escaped on its way in.

use std::sync::Arc;

use axum::extract::State as AxumState;
use axum::response::Html;

use crate::state::State;

const LAYOUT: &str = include_str!("pages/layout.html");
const START: &str = include_str!("pages/start.html");
const SIGN_IN: &str = include_str!("pages/sign_in.html");
const CONSENT: &str = include_str!("pages/consent.html");
const ERROR: &str = include_str!("pages/error.html");
const FORM_POST: &str = include_str!("pages/form_post.html");

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
    Html(fill(LAYOUT, &[("title", escape(title)), ("body", body)]))
}

pub(crate) async fn start(AxumState(state): AxumState<Arc<State>>) -> Html<String> {
    let setup = serde_json::to_value(&state.setup).unwrap_or_default();
    let mut rows = String::new();
    for (name, value) in setup.as_object().into_iter().flatten() {
        let values = match value {
            serde_json::Value::Array(list) => list.iter().filter_map(|v| v.as_str()).collect(),
            other => vec![other.as_str().unwrap_or("none")],
        };
        let values: Vec<String> =
            values.iter().map(|value| format!("<code>{}</code>", escape(value))).collect();
        let name = escape(&name.replace('_', " "));
        rows +=
            &format!("<tr><th scope=\"row\">{name}</th><td>{}</td></tr>\n", values.join("<br>"));
    }
    page("Patchcord emulator", fill(START, &[("rows", rows)]))
}

pub(crate) fn sign_in(
    tenant: &str,
    context: &str,
    app: &str,
    user: &str,
    error: Option<&str>,
) -> Html<String> {
    let error = error
        .map(|text| format!("<p class=\"error\" role=\"alert\" id=\"error\">{}</p>", escape(text)));
    let values = [
        ("tenant", escape(tenant)),
        ("context", escape(context)),
        ("app", escape(app)),
        ("user", escape(user)),
        ("error", error.unwrap_or_default()),
    ];
    page("Sign in", fill(SIGN_IN, &values))
}

pub(crate) fn consent(
    tenant: &str,
    context: &str,
    app: &str,
    user: &str,
    permissions: &[String],
) -> Html<String> {
    let permissions: String =
        permissions.iter().map(|text| format!("<li>{}</li>\n", escape(text))).collect();
    let values = [
        ("tenant", escape(tenant)),
        ("context", escape(context)),
        ("app", escape(app)),
        ("user", escape(user)),
        ("permissions", permissions),
    ];
    page("Permissions requested", fill(CONSENT, &values))
}

pub(crate) fn error(message: &str) -> Html<String> {
    page("Sign-in failed", fill(ERROR, &[("message", escape(message))]))
}

/// A page whose form carries the answer to the app: `response_mode=form_post`.
pub(crate) fn form_post(action: &str, fields: &[(&str, String)]) -> Html<String> {
    let fields: String = fields
        .iter()
        .map(|(name, value)| {
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escape(value))
        })
        .collect();
    page("Back to the app", fill(FORM_POST, &[("action", escape(action)), ("fields", fields)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_never_read_as_places() {
        let html = sign_in("t", "c", "<App>", "\"{{error}}\"", None).0;
        assert!(html.contains("&lt;App&gt;"));
        assert!(html.contains("value=\"&quot;{{error}}&quot;\""));
    }
}
