//! The URL of a request in a batch to the path and the query that the Web API routes by.
//!
//! It may be absolute, rooted or relative to the service root; whose host an absolute one names is
//! not looked at.

use percent_encoding::percent_decode_str;

use super::fault;
use crate::dataverse::errors::DataverseError;

/// The longest URL that a request in a batch may have, where others may have half of it.
const LONGEST_URL: usize = 65_536;

/// What is left of a URL inside the service.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The version named by an absolute or rooted URL, `v9.2`.
    pub(crate) version: Option<String>,
    /// Decoded, without a leading slash.
    pub(crate) path: String,
    /// As it was sent, but for raw blanks, which are `%20`.
    pub(crate) query: String,
}

pub(crate) fn parse(url: &str) -> Result<Address, DataverseError> {
    if url.len() > LONGEST_URL {
        return Err(fault::url_too_long(LONGEST_URL));
    }
    let url = url.split('#').next().unwrap_or_default();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let (version, path) = match rooted(path) {
        Some(rooted) => inside(rooted)?,
        None => (None, path),
    };
    let path = percent_decode_str(path).decode_utf8().map_err(|_| fault::not_readable())?;
    if path == "$batch" {
        return Err(fault::nested_batch());
    }
    Ok(Address { version, path: path.into_owned(), query: query.replace(' ', "%20") })
}

/// The path from the host's root, of a URL that has one.
fn rooted(url: &str) -> Option<&str> {
    if url.starts_with('/') {
        return Some(url);
    }
    let (scheme, rest) = url.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    Some(rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"))
}

fn inside(path: &str) -> Result<(Option<String>, &str), DataverseError> {
    let rest = path.strip_prefix("/api/data/").ok_or_else(|| DataverseError::no_segment(path))?;
    let (version, rest) = rest.split_once('/').unwrap_or((rest, ""));
    Ok((Some(version.to_owned()), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> (Option<String>, String, String) {
        let Address { version, path, query } = parse(url).unwrap();
        (version, path, query)
    }

    #[test]
    fn every_form_of_a_url_leads_to_the_same_place() {
        let (path, query) = ("accounts(name='A B')".to_owned(), "$filter=a%20eq%201".to_owned());
        for url in [
            "https://127.0.0.1:1/api/data/v9.2/accounts(name='A B')?$filter=a eq 1",
            "HTTP://org.crm.dynamics.com/api/data/v9.2/accounts(name='A%20B')?$filter=a%20eq%201",
            "/api/data/v9.2/accounts(name='A B')?$filter=a eq 1",
        ] {
            assert_eq!(
                parsed(url),
                (Some("v9.2".to_owned()), path.clone(), query.clone()),
                "{url}"
            );
        }
        assert_eq!(parsed("accounts(name='A B')?$filter=a eq 1"), (None, path, query));
        assert_eq!(parsed("accounts?a=http://x/?#f").2, "a=http://x/?");
    }

    #[test]
    fn what_is_not_of_this_service_is_not_found() {
        for url in ["/accounts", "https://host", "/api/data"] {
            assert_eq!(parse(url).unwrap_err().status.as_u16(), 404, "{url}");
        }
    }

    // Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
    #[test]
    fn batches_do_not_nest_and_urls_end() {
        assert_eq!(parse("/api/data/v9.2/$batch").unwrap_err().status.as_u16(), 400);
        let long =
            |length: usize| parse(&"a".repeat(length)).map_err(|error| error.status.as_u16());
        assert_eq!(long(65_536).unwrap().path.len(), 65_536);
        assert_eq!(long(65_537), Err(414));
    }
}
