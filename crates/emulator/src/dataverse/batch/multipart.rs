//! `multipart/mixed` as `$batch` uses it: a body to its parts, and parts to a body.
//!
//! It reads what clients are seen to send (CRLF or LF, text before the first and after the last
//! delimiter, blanks after a delimiter) and writes what Dataverse writes: CRLF, and the first
//! delimiter as the first line. Folded header lines and transfer encodings are not supported.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// The boundary named by a `Content-Type` of `multipart/mixed`, quoted or not.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let (media, parameters) = content_type.split_once(';')?;
    if !media.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let value = parameter(parameters, "boundary")?;
    let valid = (1..=70).contains(&value.len())
        && value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && !value.ends_with(' ');
    valid.then_some(value)
}

/// A parameter of a header value; `;` and `"` may stand in a quoted one.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, tail) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let (value, tail) = after.split_once(';').unwrap_or((after, ""));
                (value.trim().to_owned(), tail)
            }
        };
        if name.trim().trim_start_matches(';').trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = tail;
    }
}

/// The text up to the closing quote, and what follows it.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut escaped = false;
    for (at, character) in quoted.char_indices() {
        match character {
            _ if escaped => {
                value.push(character);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((value, quoted.get(at + 1..).unwrap_or_default())),
            _ => value.push(character),
        }
    }
    None
}

/// The parts between the delimiters; nothing where the closing delimiter is missing.
pub(crate) fn parts<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<&'a [u8]>> {
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut start = None;
    for (line_start, line, next) in lines(body) {
        let Some(rest) = line.strip_prefix(delimiter.as_bytes()) else {
            continue;
        };
        let last = match rest.trim_ascii_end() {
            b"" => false,
            b"--" => true,
            _ => continue,
        };
        if let Some(start) = start {
            parts.push(without_line_break(body.get(start..line_start).unwrap_or_default()));
        }
        if last {
            return Some(parts);
        }
        start = Some(next);
    }
    None
}

/// Every line with its start, without its line break, and the start of the next.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8], usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
        let line = rest.get(..length).unwrap_or_default();
        let start = at;
        at += length;
        Some((start, without_line_break(line), at))
    })
}

/// The line break before a delimiter belongs to the delimiter.
fn without_line_break(text: &[u8]) -> &[u8] {
    match text {
        [rest @ .., b'\r', b'\n'] | [rest @ .., b'\n'] => rest,
        _ => text,
    }
}

/// The header lines up to the first blank line, and what follows it. A head that the text ends in
/// has no body.
pub(crate) fn head(text: &[u8]) -> Option<(HeaderMap, &[u8])> {
    let mut headers = HeaderMap::new();
    for (_, line, next) in lines(text) {
        if line.is_empty() {
            return Some((headers, text.get(next..).unwrap_or_default()));
        }
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(colon);
        let name = HeaderName::from_bytes(name.trim_ascii()).ok()?;
        let value = HeaderValue::from_bytes(value.get(1..)?.trim_ascii()).ok()?;
        headers.append(name, value);
    }
    Some((headers, &[]))
}

/// Parts as one body. Names of headers are written as they are given.
pub(crate) struct Writer {
    boundary: String,
    text: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(boundary: String) -> Self {
        Self { boundary, text: Vec::new() }
    }

    pub(crate) fn content_type(&self) -> String {
        format!("multipart/mixed; boundary={}", self.boundary)
    }

    pub(crate) fn part<'a>(
        &mut self,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        body: &[u8],
    ) {
        self.text.extend(format!("--{}\r\n", self.boundary).as_bytes());
        for (name, value) in headers {
            self.text.extend(format!("{name}: {value}\r\n").as_bytes());
        }
        self.text.extend(b"\r\n");
        self.text.extend(body);
        self.text.extend(b"\r\n");
    }

    /// The body, without a line break after the closing delimiter.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.text.extend(format!("--{}--", self.boundary).as_bytes());
        self.text
    }
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;
