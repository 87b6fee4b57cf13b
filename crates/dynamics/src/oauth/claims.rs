//! Claims that Entra ID or Dynamics 365 demand of the next token: JSON text that is passed on unread.
//!
//! Source: "Claims challenges, claims requests, and client capabilities". The capability `cp1` is not declared: with it
//! tokens live up to 28 hours and may be refused at any moment, which a waiting caller would feel.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use serde::de::IgnoredAny;
use std::collections::HashMap;

/// Longer texts are no claims.
const MAX_CHARS: usize = 4_096;

/// `claims`, if they are a JSON object of a sensible size.
pub(crate) fn checked(claims: &str) -> Option<String> {
    let is_object = serde_json::from_str::<HashMap<String, IgnoredAny>>(claims).is_ok();
    (claims.len() <= MAX_CHARS && is_object).then(|| claims.to_owned())
}

/// The claims that an answer of `401` demands, where it does.
pub(crate) fn demanded(headers: &HeaderMap) -> Option<String> {
    let challenges = headers.get_all(WWW_AUTHENTICATE).iter();
    challenges.filter_map(|header| header.to_str().ok()).find_map(of_challenge)
}

/// The claims of a challenge, where a header `WWW-Authenticate` is one: `error="insufficient_claims"` with `claims` in
/// Base64.
fn of_challenge(header: &str) -> Option<String> {
    let insufficient = parameter(header, "error")? == "insufficient_claims";
    let claims = insufficient.then(|| parameter(header, "claims")).flatten()?;
    let lenient =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabets = [&base64::alphabet::STANDARD, &base64::alphabet::URL_SAFE];
    let decoded = alphabets
        .into_iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, lenient).decode(claims).ok())?;
    checked(std::str::from_utf8(&decoded).ok()?)
}

/// The value of a parameter of a challenge (RFC 9110, 11.6.1), in quotes or not: Microsoft's services send both.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = header;
    while let Some(at) = rest.find(name) {
        let begins = rest[..at].chars().next_back().is_none_or(|before| " ,\t".contains(before));
        let after = &rest[at + name.len()..];
        match after.trim_start().strip_prefix('=') {
            Some(value) if begins => {
                let value = value.trim_start();
                return match value.strip_prefix('"') {
                    Some(quoted) => quoted.split('"').next(),
                    None => value.split([',', ' ']).next(),
                };
            }
            _ => rest = after,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose;

    const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#;

    fn challenge(encoded: &str) -> String {
        format!(
            "Bearer realm=\"\", authorization_uri=\"https://login/common/oauth2/authorize\", \
             error=\"insufficient_claims\", claims=\"{encoded}\""
        )
    }

    #[test]
    fn the_claims_of_a_challenge_are_read_with_and_without_padding() {
        let padded = general_purpose::STANDARD.encode(CLAIMS);
        assert!(padded.ends_with('='));
        assert_eq!(of_challenge(&challenge(&padded)).as_deref(), Some(CLAIMS));
        let bare = padded.trim_end_matches('=');
        assert_eq!(of_challenge(&challenge(bare)).as_deref(), Some(CLAIMS));
    }

    #[test]
    fn other_headers_are_no_challenge() {
        for header in [
            "Bearer",
            "Bearer authorization_uri=https://login/t/oauth2/authorize, resource_id=https://o/",
            "Bearer error=\"invalid_token\", claims=\"e30=\"",
            &challenge("!!"),
            &challenge("W10="),
            "Bearer error=\"insufficient_claims\"",
        ] {
            assert_eq!(of_challenge(header), None, "{header}");
        }
        assert_eq!(
            of_challenge("Bearer error=insufficient_claims, claims=e30").as_deref(),
            Some("{}")
        );
    }
}
