//! The files of the built console, in the program, each in the forms that browsers take.

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::guarding;

/// Addresses under it change with what they hold.
const HASHED: &str = "assets/";

/// One file, as `build.rs` has found it.
pub(super) struct File {
    name: &'static str,
    etag: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/console_files.rs"));

/// The file of this name, where the console was built.
pub(super) fn find(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

impl File {
    /// In the smallest form that the browser takes, or nothing where it has it already.
    pub(super) fn served(&'static self, asked: &HeaderMap) -> Response {
        let caching = match self.name.starts_with(HASHED) {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        };
        let headers = [
            (header::ETAG, HeaderValue::from_static(self.etag)),
            (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
        ];
        if names(asked.get(header::IF_NONE_MATCH), self.etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let accepted = asked.get(header::ACCEPT_ENCODING);
        let (encoding, bytes) = if names(accepted, "br") {
            (Some("br"), self.brotli)
        } else if names(accepted, "gzip") {
            (Some("gzip"), self.gzip)
        } else {
            (None, self.plain)
        };
        let body = Body::from(Bytes::from_static(bytes));
        let mut response = (guarding(self.content_type()), headers, body).into_response();
        if let Some(encoding) = encoding {
            let encoding = HeaderValue::from_static(encoding);
            response.headers_mut().insert(header::CONTENT_ENCODING, encoding);
        }
        response
    }

    fn content_type(&self) -> &'static str {
        match self.name.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "text/javascript; charset=utf-8",
        }
    }
}

/// Whether a list such as `br;q=0.9, gzip` names something without refusing it (RFC 9110, 12.5.3).
fn names(list: Option<&HeaderValue>, wanted: &str) -> bool {
    let list = list.and_then(|list| list.to_str().ok()).unwrap_or_default();
    list.split(',').any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = weight.trim().trim_start_matches("q=").trim_end_matches(['0', '.']);
        name.trim() == wanted && (!item.contains(';') || !weight.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_where_it_is_named_and_not_refused() {
        let browser = HeaderValue::from_static("gzip, deflate, br;q=0.9, zstd;q=0");
        for (wanted, taken) in [("gzip", true), ("br", true), ("zstd", false), ("b", false)] {
            assert_eq!(names(Some(&browser), wanted), taken, "{wanted}");
        }
        assert!(!names(Some(&HeaderValue::from_static("br;q=0.0")), "br"));
        assert!(!names(None, "br"));
    }

    #[test]
    fn one_is_sent_as_it_is_to_who_takes_no_other_and_not_again_to_who_has_it() {
        static FILE: File = File {
            name: "assets/a.js",
            etag: "W/\"1\"",
            plain: b"plain",
            gzip: b"gzip",
            brotli: b"brotli",
        };
        let plain = FILE.served(&HeaderMap::new());
        assert_eq!(plain.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(plain.headers()[header::ETAG], "W/\"1\"");
        let caching = plain.headers()[header::CACHE_CONTROL].to_str().unwrap();
        assert!(caching.contains("immutable"), "{caching}");
        let asked = |name, value: &'static str| {
            HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
        };
        let packed = FILE.served(&asked(header::ACCEPT_ENCODING, "gzip, br"));
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "br");
        let again = FILE.served(&asked(header::IF_NONE_MATCH, "W/\"1\""));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }
}
