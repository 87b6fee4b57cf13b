//! The page of the request log: newest first, to be filtered, without script.

use axum::response::Html;

use super::LogEntry;
use super::filter::Filter;
use crate::pages::{escape, fill, page};

const LOG: &str = include_str!("../pages/log.html");
/// How many entries stand on one page.
const PER_PAGE: usize = 100;

/// The page of `entries`, which are oldest first.
pub(crate) fn list(entries: &[LogEntry], filter: &Filter, wrong: Option<&str>) -> Html<String> {
    let shown: Vec<&LogEntry> = entries.iter().rev().take(PER_PAGE).collect();
    let rows: String = shown.iter().map(|entry| row(entry)).collect();
    let older = match shown.last() {
        Some(last) if entries.len() > PER_PAGE => format!(
            "<p><a href=\"/_emulator/log?{}\">Older requests</a></p>",
            escape(&query(filter, last.n))
        ),
        _ => String::new(),
    };
    let empty = if rows.is_empty() { "<p>No request yet that fits.</p>" } else { "" };
    let wrong = wrong.map(|text| format!("<p class=\"error\" role=\"alert\">{}</p>", escape(text)));
    let values = [
        ("wrong", wrong.unwrap_or_default()),
        ("path", escape(&filter.path)),
        ("method", escape(&filter.method)),
        ("status", escape(&filter.status)),
        ("text", escape(&filter.text)),
        ("since", escape(&filter.since)),
        ("count", entries.len().to_string()),
        ("rows", rows),
        ("empty", empty.to_owned()),
        ("older", older),
    ];
    page("Requests to the emulator", fill(LOG, &values))
}

fn query(filter: &Filter, before: u64) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let before = before.to_string();
    let options = [
        ("path", &filter.path),
        ("method", &filter.method),
        ("status", &filter.status),
        ("text", &filter.text),
        ("since", &filter.since),
        ("before", &before),
    ];
    query.extend_pairs(options.into_iter().filter(|(_, value)| !value.is_empty())).finish()
}

fn row(entry: &LogEntry) -> String {
    let options: String = entry
        .options
        .iter()
        .map(|(name, value)| format!("<li><code>{}={}</code></li>", escape(name), escape(value)))
        .collect();
    let options = match options.is_empty() {
        true => options,
        false => format!("<ul class=\"options\">{options}</ul>"),
    };
    let fault = entry
        .fault
        .as_deref()
        .map(|fault| format!("<br><span class=\"fault\">fault: {}</span>", escape(fault)));
    format!(
        "<tr><td data-label=\"Time\"><time datetime=\"{time}\">{clock}</time></td>\
         <td class=\"request\"><a href=\"/_emulator/log/{n}\"><strong>{method}</strong> \
         <code>{path}</code></a>{options}</td>\
         <td data-label=\"Status\"><span class=\"status s{class}\">{status}</span>{fault}</td>\
         <td data-label=\"ms\" class=\"number\">{ms:.1}</td>\
         <td data-label=\"Bytes in, out\" class=\"number\">{sent}, {got}</td>\
         <td data-label=\"Who\">{who}</td></tr>\n",
        time = escape(&entry.time),
        clock = escape(&clock(&entry.time)),
        n = entry.n,
        method = escape(&entry.method),
        path = escape(&entry.path),
        class = entry.status / 100,
        status = status(entry.status),
        fault = fault.unwrap_or_default(),
        ms = entry.ms,
        sent = entry.request_bytes,
        got = entry.response_bytes,
        who = escape(entry.who.as_deref().unwrap_or("–")),
    )
}

/// A status with its name; the word for a connection that was cut.
pub(super) fn status(code: u16) -> String {
    match http::StatusCode::from_u16(code) {
        Ok(status) => escape(status.to_string().as_str()),
        Err(_) => "cut".to_owned(),
    }
}

/// The time of day of an RFC 3339 time, to the millisecond.
fn clock(time: &str) -> String {
    let clock = time.split_once('T').map_or(time, |(_, clock)| clock).trim_end_matches('Z');
    clock.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_options_stand_on_lines() {
        let entry = LogEntry {
            n: 3,
            time: "2026-01-31T10:00:00.123456Z".into(),
            path: "/api/<b>".into(),
            options: vec![("$filter".into(), "a eq '<x>'".into()), ("$top".into(), "1".into())],
            status: 0,
            fault: Some("cut-before".into()),
            ..LogEntry::default()
        };
        let html = list(&[entry], &Filter::default(), Some("<wrong>")).0;
        assert!(html.contains("/api/&lt;b&gt;") && html.contains("&lt;wrong&gt;"));
        assert!(html.contains("<li><code>$filter=a eq &#39;&lt;x&gt;&#39;</code></li>"));
        assert!(html.contains(">cut<") && html.contains("fault: cut-before"));
        assert!(html.contains(">10:00:00.123<") && html.contains("href=\"/_emulator/log/3\""));
    }

    #[test]
    fn many_entries_are_paged() {
        let entries: Vec<LogEntry> =
            (1..=150).map(|n| LogEntry { n, ..LogEntry::default() }).collect();
        let filter = Filter::parse("text=a%26b").unwrap();
        let html = list(&entries, &filter, None).0;
        assert!(html.contains("?text=a%26b&amp;before=51"), "{html}");
    }
}
