//! Lists that come page by page, newest first: how long a page is, and where the next one is found (RFC 8288).

use http::HeaderValue;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

const LISTED: u32 = 100;
const MOST_LISTED: u32 = 1_000;

/// How many are listed where so many are asked for.
pub(super) fn within(limit: Option<u32>) -> u32 {
    limit.unwrap_or(LISTED).min(MOST_LISTED)
}

/// Where those before `last` are found that match the same.
pub(super) fn next_page(
    path: &str,
    last: Uuid,
    limit: u32,
    texts: &[(&str, Option<String>)],
) -> Option<HeaderValue> {
    let mut address = Serializer::new(format!("{path}?"));
    address.append_pair("before", &last.to_string());
    address.append_pair("limit", &limit.to_string());
    for (name, text) in texts.iter().filter_map(|(name, text)| Some((name, text.as_deref()?))) {
        address.append_pair(name, text);
    }
    HeaderValue::try_from(format!("<{}>; rel=\"next\"", address.finish())).ok()
}
