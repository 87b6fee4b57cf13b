//! Masks secrets in what the log keeps.
//!
//! Two nets: values are masked by the name that they stand under, in forms, queries, JSON and
//! headers; and whatever looks like one of the emulator's tokens is masked wherever it stands. Texts
//! are masked in place, so that the rest of them stays as it was sent.

use std::borrow::Cow;

use http::HeaderMap;
use percent_encoding::percent_decode_str;

use crate::entra::grants::{CODE_PREFIX, REFRESH_TOKEN_PREFIX};

pub(crate) const MASK: &str = "***";

/// Names of form fields, query options and JSON members whose values never enter the log.
const SECRET_NAMES: [&str; 22] = [
    "access_token",
    "assertion",
    "client_assertion",
    "client_info",
    "client_secret",
    "code",
    "code_verifier",
    "csrf",
    "ctx",
    "device_code",
    "id_token",
    "id_token_hint",
    "otc",
    "passwd",
    "password",
    "pwd",
    "refresh_token",
    "secret",
    "secret_value",
    "secrettext",
    "token",
    "user_code",
];

/// Parts of names of headers whose values never enter the log.
const SECRET_HEADERS: [&str; 6] =
    ["token", "secret", "password", "assertion", "api-key", "authorization"];

fn is_secret(name: &str) -> bool {
    SECRET_NAMES.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

/// The pairs of a form or query string, decoded, with the values of secrets masked.
pub(crate) fn masked_pairs(text: &str) -> Vec<(String, String)> {
    let pair = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
        let secret = is_secret(&name) && !value.is_empty();
        let value = if secret { MASK.to_owned() } else { without_tokens(&value) };
        (name.into_owned(), value)
    };
    url::form_urlencoded::parse(text.as_bytes()).map(pair).collect()
}

/// A form or query string, decoded for reading, with the values of secrets masked.
pub(crate) fn masked_form(text: &str) -> String {
    let pairs = masked_pairs(text).into_iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

/// A form or query string as it was sent but for the values of secrets.
pub(crate) fn masked_query(text: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() => {
            let decoded = percent_decode_str(name).decode_utf8_lossy();
            let masked = if is_secret(decoded.trim()) { MASK } else { value };
            format!("{name}={masked}")
        }
        _ => pair.to_owned(),
    };
    without_tokens(&text.split('&').map(pair).collect::<Vec<_>>().join("&"))
}

/// An address with the secrets of its query and its fragment masked.
pub(crate) fn masked_url(text: &str) -> String {
    let (rest, fragment) = match text.split_once('#') {
        Some((rest, fragment)) => (rest, Some(fragment)),
        None => (text, None),
    };
    let mut out = match rest.split_once('?') {
        Some((path, query)) => format!("{}?{}", without_tokens(path), masked_query(query)),
        None => without_tokens(rest),
    };
    if let Some(fragment) = fragment {
        out = format!("{out}#{}", masked_query(fragment));
    }
    out
}

/// Headers with the values of secrets masked, in the order in which they stand.
pub(crate) fn masked_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let masked = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), masked_header(name.as_str(), &value))
    };
    headers.iter().map(masked).collect()
}

pub(super) fn masked_header(name: &str, value: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "authorization" | "proxy-authorization" => match value.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {MASK}"),
            None => MASK.to_owned(),
        },
        "www-authenticate" => without_tokens(value),
        "cookie" => value.split(';').map(masked_cookie).collect::<Vec<_>>().join("; "),
        "set-cookie" => match value.split_once(';') {
            Some((cookie, attributes)) => format!("{};{attributes}", masked_cookie(cookie)),
            None => masked_cookie(value),
        },
        _ if SECRET_HEADERS.iter().any(|part| name.contains(part)) => MASK.to_owned(),
        _ => masked_url(value),
    }
}

fn masked_cookie(pair: &str) -> String {
    let name = pair.split_once('=').map_or("", |(name, _)| name);
    format!("{}={MASK}", name.trim())
}

/// A text with everything masked that looks like one of the emulator's tokens or codes, or like a
/// JSON Web Token.
pub(crate) fn without_tokens(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((at, length)) = next_token(rest) {
        out.push_str(&rest[..at]);
        out.push_str(MASK);
        rest = &rest[at + length..];
    }
    if out.is_empty() && rest.len() == text.len() { text.to_owned() } else { out + rest }
}

/// Where the next token starts and how long it is.
fn next_token(text: &str) -> Option<(usize, usize)> {
    let ours = [CODE_PREFIX, REFRESH_TOKEN_PREFIX].into_iter().filter_map(|prefix| {
        let at = text.find(prefix)?;
        Some((at, token_length(&text[at..])))
    });
    let jwt = text.match_indices("eyJ").find_map(|(at, _)| {
        let length = token_length(&text[at..]);
        let token = &text[at..at + length];
        (token.len() > 20 && token.contains('.')).then_some((at, length))
    });
    ours.chain(jwt).min()
}

fn token_length(text: &str) -> usize {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || "-_.~".contains(c));
    text.find(ends).unwrap_or(text.len())
}

/// Whether a JSON member's value is a secret. `code` is one beside other members of an OAuth answer,
/// and Dataverse's error code deeper down.
pub(super) fn is_secret_member(name: &str, depth: usize) -> bool {
    if name.eq_ignore_ascii_case("code") { depth == 1 } else { is_secret(name) }
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
