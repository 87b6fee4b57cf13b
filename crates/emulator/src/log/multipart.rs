//! `multipart/mixed` bodies of `$batch`, taken apart for the log.
//!
//! Lenient, for showing what was sent, right or wrong: a body that is cut off has the parts that there
//! are. Answering a batch is not done here.

use super::body::masked_body;
use super::mask::{masked_header, masked_url};

/// A batch holds change sets, and nothing deeper.
const DEEPEST: usize = 3;

type Headers = Vec<(String, String)>;

/// One part of a multipart body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) headers: Headers,
    pub(crate) content: Content,
}

/// What a part holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A change set.
    Parts(Vec<Part>),
    /// A request or an answer.
    Http { start: String, headers: Headers, body: String },
    /// Anything else.
    Other(String),
}

/// The parts of a body of that type; `None` when it is not one.
pub(crate) fn parse(content_type: &str, text: &str) -> Option<Vec<Part>> {
    parts(boundary(content_type)?, text, DEEPEST)
}

/// How many requests a batch holds.
pub(crate) fn operations(parts: &[Part]) -> u64 {
    let count = |part: &Part| match &part.content {
        Content::Parts(parts) => operations(parts),
        Content::Http { .. } => 1,
        Content::Other(_) => 0,
    };
    parts.iter().map(count).sum()
}

/// The body written again with secrets masked; line ends become CRLF, as MIME has them.
pub(super) fn masked(content_type: &str, text: &str) -> Option<String> {
    let mut out = String::new();
    write(&mut out, boundary(content_type)?, &parse(content_type, text)?);
    Some(out)
}

fn boundary(content_type: &str) -> Option<&str> {
    let mut pieces = content_type.split(';');
    if !pieces.next()?.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let value = pieces.find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(value.trim().trim_matches('"'))
    });
    value.filter(|boundary| !boundary.is_empty())
}

fn parts(boundary: &str, text: &str, depth: usize) -> Option<Vec<Part>> {
    let marker = format!("--{boundary}");
    let mut found = Vec::new();
    let mut begin = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let here = at;
        at += line.len();
        let Some(rest) = line.strip_prefix(&marker) else {
            continue;
        };
        if !["", "--"].contains(&rest.trim_end()) {
            continue;
        }
        if let Some(begin) = begin {
            found.push(part(&text[begin..here], depth));
        }
        begin = Some(at);
        if rest.starts_with("--") {
            return Some(found);
        }
    }
    found.push(part(&text[begin?..], depth));
    Some(found)
}

fn part(text: &str, depth: usize) -> Part {
    let (headers, rest) = headers(text);
    let content_type = header(&headers, "content-type");
    let nested = match boundary(content_type) {
        Some(boundary) if depth > 1 => parts(boundary, rest, depth - 1),
        _ => None,
    };
    let content = match nested {
        Some(parts) => Content::Parts(parts),
        None if content_type.trim().to_ascii_lowercase().starts_with("application/http") => {
            message(rest)
        }
        None => Content::Other(rest.trim().to_owned()),
    };
    Part { headers, content }
}

fn message(text: &str) -> Content {
    let text = text.trim_start();
    let (start, rest) = text.split_once('\n').unwrap_or((text, ""));
    let (headers, body) = headers(rest);
    Content::Http { start: start.trim_end().to_owned(), headers, body: body.trim().to_owned() }
}

/// The headers up to the first empty line, and what follows it.
fn headers(text: &str) -> (Headers, &str) {
    let mut headers = Headers::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.trim().to_owned(), value.trim().to_owned())),
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    (headers, &text[at..])
}

fn header<'a>(headers: &'a Headers, name: &str) -> &'a str {
    let found = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value)
}

fn write(out: &mut String, boundary: &str, parts: &[Part]) {
    for part in parts {
        line(out, &format!("--{boundary}"));
        write_headers(out, &part.headers);
        match &part.content {
            Content::Parts(parts) => {
                let boundary = self::boundary(header(&part.headers, "content-type"));
                write(out, boundary.unwrap_or_default(), parts);
            }
            Content::Http { start, headers, body } => {
                line(out, &masked_start(start));
                write_headers(out, headers);
                if !body.is_empty() {
                    line(out, &masked_body(header(headers, "content-type"), body.as_bytes()));
                }
            }
            Content::Other(text) if text.is_empty() => {}
            Content::Other(text) => line(out, &format!("({} bytes)", text.len())),
        }
    }
    line(out, &format!("--{boundary}--"));
}

fn write_headers(out: &mut String, headers: &Headers) {
    for (name, value) in headers {
        line(out, &format!("{name}: {}", masked_header(name, value)));
    }
    line(out, "");
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\r\n");
}

/// A request line with its address masked; a status line has none.
fn masked_start(start: &str) -> String {
    match start.split_once(' ') {
        Some((method, rest)) => format!("{method} {}", masked_url(rest)),
        None => masked_url(start),
    }
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;
