//! The page of one request: everything that the log has of it, written for reading.

use axum::response::Html;
use serde_json::Value;

use super::multipart::{Content, Part, parse};
use super::{LogEntry, curl, fetch_xml, page};
use crate::pages::{self, escape, fill};

const ENTRY: &str = include_str!("../pages/log_entry.html");

pub(crate) fn show(entry: &LogEntry) -> Html<String> {
    let none = || "–".to_owned();
    let values = [
        ("n", entry.n.to_string()),
        ("method", escape(&entry.method)),
        ("path", escape(&entry.path)),
        ("class", (entry.status / 100).to_string()),
        ("status", page::status(entry.status)),
        ("time", escape(&entry.time)),
        ("ms", format!("{:.1}", entry.ms)),
        ("who", escape(&entry.who.clone().unwrap_or_else(none))),
        ("fault", escape(&entry.fault.clone().unwrap_or_else(none))),
        ("options", options(&entry.options)),
        ("curl", escape(&curl::command(entry))),
        ("cut", cut_note(entry)),
        ("request_bytes", entry.request_bytes.to_string()),
        ("request_headers", table(&entry.request_headers, "Headers of the request")),
        ("request_body", body(&entry.request_headers, &entry.request_body)),
        ("response_bytes", entry.response_bytes.to_string()),
        ("response_headers", table(&entry.response_headers, "Headers of the answer")),
        ("response_body", body(&entry.response_headers, &entry.response_body)),
    ];
    let title = format!("Request {} to the emulator", entry.n);
    pages::page(&title, fill(ENTRY, &values))
}

fn cut_note(entry: &LogEntry) -> String {
    if !entry.request_body.ends_with('…') {
        return String::new();
    }
    "<p>The body was longer: the log has its beginning only.</p>".to_owned()
}

fn options(options: &[(String, String)]) -> String {
    match options.is_empty() {
        true => String::new(),
        false => format!("<h2>Query</h2>\n{}", query_table(options)),
    }
}

/// The options of a query; a FetchXML query with an element a line.
fn query_table(options: &[(String, String)]) -> String {
    let row = |(name, value): &(String, String)| {
        let fetch = name.eq_ignore_ascii_case("fetchxml");
        let shown = if fetch { pre(&fetch_xml::indented(value)) } else { code(value) };
        format!("<tr><th scope=\"row\">{}</th><td>{shown}</td></tr>\n", escape(name))
    };
    let rows: String = options.iter().map(row).collect();
    format!("<table class=\"pairs\">\n<caption>Options</caption>\n{rows}</table>")
}

fn table(pairs: &[(String, String)], caption: &str) -> String {
    let rows: String = pairs
        .iter()
        .map(|(name, value)| {
            format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(name), code(value))
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("<table class=\"pairs\">\n<caption>{caption}</caption>\n{rows}</table>")
}

/// A body by its type: a batch in parts, a form as a table, JSON with indents, the rest as it is.
fn body(headers: &[(String, String)], text: &str) -> String {
    if text.is_empty() {
        return "<p>No body.</p>".to_owned();
    }
    let content_type = LogEntry::header(headers, "content-type");
    if let Some(parts) = parse(content_type, text) {
        return batch(&parts);
    }
    if content_type.starts_with("application/x-www-form-urlencoded") {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        return table(&pairs, "Fields of the form");
    }
    pre(&pretty(text))
}

/// JSON with indents, in which a FetchXML text still is one line; anything else as it is.
fn pretty(text: &str) -> String {
    let json = serde_json::from_str::<Value>(text).ok().filter(|json| !json.is_number());
    json.and_then(|json| serde_json::to_string_pretty(&json).ok())
        .unwrap_or_else(|| text.to_owned())
}

fn batch(parts: &[Part]) -> String {
    let items: String = parts.iter().map(|part| format!("<li>{}</li>\n", inner(part))).collect();
    format!("<ol class=\"parts\">\n{items}</ol>")
}

fn inner(part: &Part) -> String {
    match &part.content {
        Content::Parts(parts) => format!("<p>Change set</p>\n{}", batch(parts)),
        Content::Http { start, headers, body: text } => {
            let id = LogEntry::header(&part.headers, "content-id");
            let id = match id.is_empty() {
                true => String::new(),
                false => format!("<p>Content-ID <code>{}</code></p>\n", escape(id)),
            };
            let shown = if text.is_empty() { String::new() } else { body(headers, text) };
            format!(
                "{id}{}\n{}{}{shown}",
                pre(start),
                inner_query(start),
                table(headers, "Headers")
            )
        }
        Content::Other(text) => pre(text),
    }
}

/// The query of a request line, decoded.
fn inner_query(start: &str) -> String {
    let address = start.split(' ').nth(1).unwrap_or_default();
    let Some((_, query)) = address.split_once('?') else {
        return String::new();
    };
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    query_table(&pairs)
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// A box that scrolls; it can be reached by keyboard for that.
fn pre(text: &str) -> String {
    format!("<pre tabindex=\"0\"><code>{}</code></pre>", escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn json_is_indented_and_escaped() {
        let html = body(&[], "{\"a\":[1,\"<b>\"]}");
        assert!(html.contains("&quot;a&quot;: [\n    1,\n    &quot;&lt;b&gt;&quot;"), "{html}");
        assert!(body(&[], "(5 bytes of x)").contains("(5 bytes of x)"));
    }

    #[test]
    fn a_batch_is_shown_in_parts() {
        let headers = [header("content-type", "multipart/mixed; boundary=b")];
        let text = "--b\r\nContent-Type: application/http\r\nContent-ID: 7\r\n\r\n\
                    GET /api/data/v9.2/accounts?fetchXml=%3Cfetch%3E%3Centity/%3E%3C/fetch%3E HTTP/1.1\r\n\
                    Accept: application/json\r\n\r\n--b--\r\n";
        let html = body(&headers, text);
        for shown in ["Content-ID <code>7</code>", "&lt;fetch&gt;\n  &lt;entity/&gt;\n", "Accept"] {
            assert!(html.contains(shown), "{shown}: {html}");
        }
    }

    #[test]
    fn fetch_xml_has_an_element_a_line() {
        let html = options(&[header("fetchXml", "<fetch><entity name='a'/></fetch>")]);
        assert!(html.contains("&lt;fetch&gt;\n  &lt;entity name"), "{html}");
    }

    #[test]
    fn a_form_is_a_table() {
        let headers = [header("content-type", "application/x-www-form-urlencoded")];
        let html = body(&headers, "grant_type=refresh_token&scope=a+b");
        assert!(html.contains("<code>a b</code>"), "{html}");
    }
}
