//! `ETag`, `If-Match` and `If-None-Match` (RFC 9110): whoever changes something names the revision that he has seen.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use patchcord::Precondition;

use crate::problem::Problem;

/// What a request says of what it changes.
pub(crate) struct Seen(pub(crate) Precondition);

impl<S: Send + Sync> FromRequestParts<S> for Seen {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read(&parts.headers).map(Self)
    }
}

fn read(headers: &HeaderMap) -> Result<Precondition, Problem> {
    let value = |name: HeaderName| headers.get(name).map(HeaderValue::as_bytes);
    match (value(header::IF_MATCH), value(header::IF_NONE_MATCH)) {
        (None, None) => Ok(Precondition::None),
        (Some(b"*"), None) => Ok(Precondition::Any),
        (None, Some(b"*")) => Ok(Precondition::Absent),
        (Some(tag), None) => match revision(tag) {
            Some(revision) => Ok(Precondition::Revision(revision)),
            None => {
                Err(wrong("`If-Match` takes the ETag of what was read, such as `\"12\"`, or `*`"))
            }
        },
        (None, Some(_)) => Err(wrong("`If-None-Match` takes `*` only")),
        (Some(_), Some(_)) => Err(wrong("send `If-Match` or `If-None-Match`, not both")),
    }
}

/// A proxy that compresses answers makes an ETag a weak one.
fn revision(tag: &[u8]) -> Option<i64> {
    let tag = std::str::from_utf8(tag).ok()?.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

fn wrong(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "precondition", "A header is wrong", detail)
}

/// The header that names a revision.
pub(crate) fn etag(revision: Option<i64>) -> HeaderMap {
    let tag = revision.map(|revision| HeaderValue::try_from(format!("\"{revision}\"")));
    tag.into_iter().flatten().map(|tag| (header::ETAG, tag)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(HeaderName, &'static str)]) -> Option<Precondition> {
        let headers =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        super::read(&headers.collect()).ok()
    }

    #[test]
    fn a_revision_is_read_as_it_was_told() {
        let told = etag(Some(12));
        assert_eq!(told[header::ETAG], "\"12\"");
        assert_eq!(super::read(&HeaderMap::new()).ok(), Some(Precondition::None));
        assert!(etag(None).is_empty());
        for tag in ["\"12\"", "W/\"12\""] {
            assert_eq!(read(&[(header::IF_MATCH, tag)]), Some(Precondition::Revision(12)));
        }
        assert_eq!(read(&[(header::IF_MATCH, "*")]), Some(Precondition::Any));
        assert_eq!(read(&[(header::IF_NONE_MATCH, "*")]), Some(Precondition::Absent));
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        for tag in ["12", "\"x\"", "", "\"1\", \"2\""] {
            assert_eq!(read(&[(header::IF_MATCH, tag)]), None, "{tag}");
        }
        assert_eq!(read(&[(header::IF_NONE_MATCH, "\"1\"")]), None);
        assert_eq!(read(&[(header::IF_MATCH, "*"), (header::IF_NONE_MATCH, "*")]), None);
    }
}
