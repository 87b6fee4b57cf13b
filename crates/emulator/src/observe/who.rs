//! Who sent a request, as far as the request itself says so, for the log.
//!
//! Read, not verified: an answer of 401 tells when it is not true.

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::request::Parts;
use http::{HeaderMap, header};
use serde_json::Value;

use super::form_value;
use crate::log::mask::without_tokens;

/// Claims that name a user or an app, the best first.
const CLAIMS: [&str; 6] =
    ["upn", "unique_name", "preferred_username", "app_displayname", "appid", "azp"];

pub(super) fn who(parts: &Parts, body: &Bytes) -> Option<String> {
    let query = || parts.uri.query().unwrap_or_default().as_bytes();
    let authorization = authorization(&parts.headers);
    let found = match authorization {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => claimed(token),
        Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => basic(pair),
        _ => form_value(body, "login")
            .or_else(|| form_value(body, "client_id"))
            .or_else(|| form_value(query(), "client_id")),
    };
    // A name is no longer than this, and no secret hides in it.
    found.map(|name| without_tokens(&name).chars().take(200).collect())
}

/// Scheme and value of the `Authorization` header.
pub(super) fn authorization(headers: &HeaderMap) -> Option<(&str, &str)> {
    let (scheme, value) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    Some((scheme, value.trim()))
}

fn claimed(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    CLAIMS.iter().find_map(|name| claims.get(name)?.as_str().map(str::to_owned))
}

fn basic(pair: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(pair).ok()?).ok()?;
    let (client, _) = decoded.split_once(':')?;
    let client = percent_encoding::percent_decode_str(client).decode_utf8().ok()?;
    Some(client.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(authorization: Option<String>, body: &str) -> Option<String> {
        let mut request = http::Request::builder().uri("/x?client_id=from-query");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        who(&parts, &Bytes::from(body.to_owned()))
    }

    #[test]
    fn users_and_apps_are_named() {
        let token =
            |claims: Value| format!("Bearer h.{}.s", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let user = token(json!({"appid": "app", "upn": "demo@emulator.example"}));
        assert_eq!(asked(Some(user), "").as_deref(), Some("demo@emulator.example"));
        assert_eq!(asked(Some(token(json!({"appid": "app"}))), "").as_deref(), Some("app"));
        let basic = format!("Basic {}", STANDARD.encode("a%2Bb:PLANTED"));
        assert_eq!(asked(Some(basic), "").as_deref(), Some("a+b"));
        assert_eq!(asked(None, "client_id=app&client_secret=s").as_deref(), Some("app"));
        assert_eq!(asked(None, "").as_deref(), Some("from-query"));
        assert_eq!(asked(Some("Bearer rubbish".into()), ""), None);
    }
}
