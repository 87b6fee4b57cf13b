//! One request of a batch: an HTTP message inside a part.

use axum::body::Bytes;
use http::Method;
use http::header::{CONTENT_LENGTH, HeaderMap};

use super::fault;
use super::multipart;
use crate::dataverse::errors::DataverseError;

/// A request as it stands in its part; its URL may be absolute, rooted, relative or a reference to
/// the row that an earlier request made.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) content_id: Option<String>,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Operation {
    /// Reads the HTTP message `text` of a part that has the headers `outer`.
    pub(crate) fn read(outer: &HeaderMap, text: &[u8]) -> Result<Self, DataverseError> {
        let text = text.trim_ascii_start();
        let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
        let line = text.get(..end).unwrap_or_default().trim_ascii();
        let line = std::str::from_utf8(line).map_err(|_| fault::not_readable())?;
        let (method, url) = request_line(line).ok_or_else(|| fault::request_line(line))?;
        let rest = text.get(end + 1..).unwrap_or_default();
        let (headers, body) = multipart::head(rest).ok_or_else(fault::not_readable)?;
        let content_id = [outer, &headers].into_iter().find_map(|all| {
            let value = all.get("content-id")?.to_str().ok()?;
            Some(value.to_owned()).filter(|value| !value.is_empty())
        });
        let body = Bytes::copy_from_slice(message_body(&headers, body));
        Ok(Self { content_id, method, url, headers, body })
    }
}

/// The URL may hold blanks that nobody encoded: it is all that stands between method and version.
fn request_line(line: &str) -> Option<(Method, String)> {
    let (method, rest) = line.split_once(' ')?;
    let (url, version) = rest.rsplit_once(' ')?;
    let url = url.trim();
    if url.is_empty() || version != "HTTP/1.1" {
        return None;
    }
    Some((Method::from_bytes(method.as_bytes()).ok()?, url.to_owned()))
}

/// Without a length, blank lines before the delimiter are no body.
fn message_body<'a>(headers: &HeaderMap, body: &'a [u8]) -> &'a [u8] {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match length.and_then(|length: usize| body.get(..length)) {
        Some(exact) => exact,
        None if body.trim_ascii().is_empty() => &[],
        None => body,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Operation, DataverseError> {
        Operation::read(&HeaderMap::new(), text.as_bytes())
    }

    #[test]
    fn raw_blanks_stay_in_the_url() {
        let text = "GET /api/data/v9.2/accounts?$filter=name eq 'A B' HTTP/1.1\r\n\r\n\r\n";
        let operation = read(text).unwrap();
        assert_eq!(operation.method, Method::GET);
        assert_eq!(operation.url, "/api/data/v9.2/accounts?$filter=name eq 'A B'");
        assert!(operation.body.is_empty());
    }

    #[test]
    fn a_length_cuts_and_its_absence_does_not() {
        let with = "POST x HTTP/1.1\nContent-Length: 2\n\n{}\n\n";
        assert_eq!(read(with).unwrap().body, "{}");
        let without = "POST x HTTP/1.1\n\n{\"a\": 1}\n\n";
        assert_eq!(read(without).unwrap().body, "{\"a\": 1}\n\n");
        let too_long = "POST x HTTP/1.1\nContent-Length: 99\n\n{}";
        assert_eq!(read(too_long).unwrap().body, "{}");
    }

    #[test]
    fn the_content_id_may_stand_outside_and_inside() {
        let mut outer = HeaderMap::new();
        let inside = b"POST x HTTP/1.1\r\nContent-ID: 7\r\n\r\n{}";
        assert_eq!(Operation::read(&outer, inside).unwrap().content_id.as_deref(), Some("7"));
        outer.insert("content-id", http::HeaderValue::from_static("1"));
        assert_eq!(Operation::read(&outer, inside).unwrap().content_id.as_deref(), Some("1"));
    }

    #[test]
    fn a_line_that_is_no_request_line_is_refused() {
        for line in ["", "GET", "GET HTTP/1.1", "GET x", "GET x HTTP/3", "G T x HTTP/1.1x"] {
            let error = read(line).unwrap_err();
            assert_eq!((error.status.as_u16(), error.code), (400, "0x80048d19"), "{line}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_do_no_harm(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Operation::read(&HeaderMap::new(), &text);
        }

        #[test]
        fn arbitrary_heads_do_no_harm(text in "(GET|POST)? ?.{0,20} HTTP/1.1\r?\n(.{0,20}\r?\n){0,4}.{0,20}") {
            let _ = read(&text);
        }
    }
}
