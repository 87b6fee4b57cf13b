//! Dataverse's error answers made into [`Error`]s: the kind from status and code, the text kept as it is.
//!
//! Sources: "Compose HTTP requests and handle errors", "Web service error codes" and "Service protection API
//! limits" of Microsoft's documentation. Where those pages disagree on the status of a code, the code wins.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::Deserialize;

use crate::error::{Error, ErrorKind};
use crate::sent::Spent;
use crate::transport::RawAnswer;

/// A record with this key exists ("Cannot insert duplicate key").
pub(crate) const DUPLICATE_RECORD: &str = "0x80040237";

/// What is waited where a `429` came without `Retry-After`, which Microsoft does not document to happen.
const DEFAULT_WAIT: Duration = Duration::from_secs(2);
/// No wait asked for is taken to be longer.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
const MAX_MESSAGE_CHARS: usize = 2_000;

#[derive(Deserialize)]
struct Body {
    error: Detail,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// Reads an answer that is no success. `token` is blotted out wherever the answer repeats it.
pub(crate) fn read_error(answer: &RawAnswer, token: &str) -> Error {
    let text = answer.text();
    let text = if !token.is_empty() && text.contains(token) {
        text.replace(token, "[token]").into()
    } else {
        text
    };
    let detail = serde_json::from_str::<Body>(&text).ok().map(|body| body.error);
    let code = detail.as_ref().map(|detail| detail.code.clone()).filter(|code| !code.is_empty());
    let message = detail.map(|detail| detail.message).filter(|message| !message.is_empty());
    Error {
        kind: kind_of(answer, code.as_deref()),
        status: Some(answer.status.as_u16()),
        message: message.map_or_else(
            || without_text(answer),
            |message| message.chars().take(MAX_MESSAGE_CHARS).collect(),
        ),
        code,
        request_id: request_id(answer),
        body: Some(text),
        requests: 0,
        spent: Spent::default(),
    }
}

fn without_text(answer: &RawAnswer) -> String {
    match answer.status.as_u16() {
        401 => "Dynamics 365 refuses the token of the consenting user; press Request token and sign in again"
            .to_owned(),
        403 => "the consenting user lacks a privilege in Dynamics 365".to_owned(),
        _ => format!("Dynamics 365 answered {} without saying why", answer.status),
    }
}

/// How long the answer asks to wait; none where it does not say.
pub(crate) fn retry_after(answer: &RawAnswer) -> Option<Duration> {
    let text = answer.header("retry-after")?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = rfc2822::parse(text).ok()?.timestamp();
            Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default()
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

/// How long everybody must wait after a `429`.
pub(crate) fn throttled_for(answer: &RawAnswer) -> Duration {
    retry_after(answer).unwrap_or(DEFAULT_WAIT)
}

/// Which of the three service protection limits a `429` is about, for the metrics.
pub(crate) fn throttled_by(answer: &RawAnswer) -> &'static str {
    let body = serde_json::from_slice::<Body>(&answer.body);
    let code = body.map(|body| body.error.code.to_ascii_lowercase()).unwrap_or_default();
    match code.as_str() {
        "0x80072322" | "-2147015902" => "requests",
        "0x80072321" | "-2147015903" => "execution-time",
        "0x80072326" | "-2147015898" => "concurrency",
        _ => "unknown",
    }
}

fn kind_of(answer: &RawAnswer, code: Option<&str>) -> ErrorKind {
    let by_code = code.and_then(|code| kind_of_code(&code.to_ascii_lowercase()));
    match (answer.status.as_u16(), by_code) {
        (429, _) => {
            let ms = throttled_for(answer).as_millis();
            ErrorKind::Throttled(u64::try_from(ms).unwrap_or(u64::MAX))
        }
        (_, Some(kind)) => kind,
        (401, None) => ErrorKind::ConsentRequired,
        (403, None) => ErrorKind::Forbidden,
        (404, None) => ErrorKind::NotFound,
        (409 | 412, None) => ErrorKind::Conflict,
        (408 | 500..=599, None) => ErrorKind::Unavailable,
        _ => ErrorKind::InvalidRequest,
    }
}

/// What a code means, whatever the status that came with it. Codes without an entry mean what their status says.
fn kind_of_code(code: &str) -> Option<ErrorKind> {
    Some(match code {
        // Record, record by alternate key, resource of the address.
        "0x80040217" | "0x80060891" | "0x8006088a" => ErrorKind::NotFound,
        // Version, key, alternate key, duplicate detection rule.
        "0x80060882" | DUPLICATE_RECORD | "0x80060892" | "0x80040333" => ErrorKind::Conflict,
        // Privilege, access to unmanaged ids, access, disabled user.
        "0x80040220" | "0x80048306" | "0x80048405" | "0x80040225" => ErrorKind::Forbidden,
        // The user is no member of the organisation: another one must consent.
        "0x80041d1f" => ErrorKind::ConsentRequired,
        // The organisation is switched off, as it is during maintenance; 403 has been seen with it.
        "0x8004a104" => ErrorKind::Unavailable,
        // Undefined alternate key (404 has been seen with it), OData, payload, length, choice, state, argument, plug-in,
        // FetchXML column and table, too many records to aggregate, children that restrict.
        "0x80060890" | "0x80060888" | "0x80048d19" | "0x80044331" | "0x8004431a" | "0x80048408"
        | "0x80040203" | "0x80040265" | "0x80041103" | "0x80041102" | "0x8004e023"
        | "0x80040227" => ErrorKind::InvalidRequest,
        _ => return None,
    })
}

fn request_id(answer: &RawAnswer) -> Option<String> {
    ["x-ms-service-request-id", "req_id"]
        .into_iter()
        .find_map(|name| answer.header(name))
        .map(|id| id.chars().take(100).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    fn answer(status: u16, body: &str) -> RawAnswer {
        RawAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    fn dataverse(status: u16, code: &str) -> Error {
        let body = format!(r#"{{"error":{{"code":"{code}","message":"Text of {code}"}}}}"#);
        read_error(&answer(status, &body), "")
    }

    #[test]
    fn documented_errors_have_their_kind() {
        for (status, code, kind) in [
            (404, "0x80040217", ErrorKind::NotFound),
            (404, "0x80060891", ErrorKind::NotFound),
            (404, "0x8006088a", ErrorKind::NotFound),
            (404, "0x8006088A", ErrorKind::NotFound),
            (412, "0x80060882", ErrorKind::Conflict),
            (412, "0x80040237", ErrorKind::Conflict),
            (412, "0x80060892", ErrorKind::Conflict),
            (412, "0x80040333", ErrorKind::Conflict),
            (500, "0x80040333", ErrorKind::Conflict),
            (403, "0x80040220", ErrorKind::Forbidden),
            (403, "0x80048306", ErrorKind::Forbidden),
            (401, "0x80041d1f", ErrorKind::ConsentRequired),
            (400, "0x80060888", ErrorKind::InvalidRequest),
            (400, "0x80048d19", ErrorKind::InvalidRequest),
            (405, "0x80040227", ErrorKind::InvalidRequest),
            (500, "0x80040216", ErrorKind::Unavailable),
            (503, "", ErrorKind::Unavailable),
            (429, "0x80072322", ErrorKind::Throttled(2_000)),
            (429, "0x80072321", ErrorKind::Throttled(2_000)),
            (429, "0x80072326", ErrorKind::Throttled(2_000)),
            (400, "0x80060890", ErrorKind::InvalidRequest),
            (404, "0x80060890", ErrorKind::InvalidRequest),
            (400, "0x80044331", ErrorKind::InvalidRequest),
            (400, "0x8004431a", ErrorKind::InvalidRequest),
            (400, "0x80048408", ErrorKind::InvalidRequest),
            (400, "0x80040203", ErrorKind::InvalidRequest),
            (400, "0x80040265", ErrorKind::InvalidRequest),
            (400, "0x80040227", ErrorKind::InvalidRequest),
            (400, "0x80041103", ErrorKind::InvalidRequest),
            (400, "0x80041102", ErrorKind::InvalidRequest),
            (400, "0x8004E023", ErrorKind::InvalidRequest),
            (400, "0x0", ErrorKind::InvalidRequest),
            (403, "0x80048405", ErrorKind::Forbidden),
            (403, "0x80040225", ErrorKind::Forbidden),
            (401, "0x80040225", ErrorKind::Forbidden),
            (403, "0x80041d1f", ErrorKind::ConsentRequired),
            (403, "0x8004a104", ErrorKind::Unavailable),
            (503, "0x8004a104", ErrorKind::Unavailable),
            (400, "0x80044150", ErrorKind::InvalidRequest),
            (500, "0x80044150", ErrorKind::Unavailable),
            (401, "", ErrorKind::ConsentRequired),
            (403, "", ErrorKind::Forbidden),
        ] {
            assert_eq!(dataverse(status, code).kind, kind, "{status} {code}");
        }
    }

    #[test]
    fn the_three_limits_are_told_apart() {
        for (code, limit) in [
            ("0x80072322", "requests"),
            ("-2147015903", "execution-time"),
            ("0x80072326", "concurrency"),
            ("0x1", "unknown"),
        ] {
            let body = format!(r#"{{"error":{{"code":"{code}","message":"x"}}}}"#);
            assert_eq!(throttled_by(&answer(429, &body)), limit);
        }
        assert_eq!(throttled_by(&answer(429, "<html>")), "unknown");
    }

    #[test]
    fn code_and_text_are_kept() {
        let error = dataverse(404, "0x80040217");
        assert_eq!(error.code.as_deref(), Some("0x80040217"));
        assert_eq!(error.to_string(), "Text of 0x80040217");
        assert_eq!(error.status, Some(404));
    }

    #[test]
    fn pages_and_empty_bodies_are_no_obstacle() {
        for body in ["", "<html>Bad Gateway</html>", "[]", r#"{"error":"x"}"#] {
            let error = read_error(&answer(502, body), "");
            assert_eq!(error.kind, ErrorKind::Unavailable);
            assert_eq!(
                error.to_string(),
                "Dynamics 365 answered 502 Bad Gateway without saying why"
            );
            assert_eq!(error.body.as_deref(), Some(body));
        }
    }

    #[test]
    fn a_repeated_token_is_blotted_out() {
        let body = r#"{"error":{"code":"x","message":"token t0k3n is bad"}}"#;
        let error = read_error(&answer(400, body), "t0k3n");
        assert_eq!(error.message, "token [token] is bad");
        assert!(!error.body.unwrap().contains("t0k3n"));
    }

    #[test]
    fn waits_are_read_in_both_forms() {
        let mut throttled = answer(429, "");
        throttled.headers.insert("retry-after", "7".parse().unwrap());
        assert_eq!(throttled_for(&throttled), Duration::from_secs(7));
        throttled.headers.insert("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        assert_eq!(throttled_for(&throttled), Duration::ZERO);
        throttled.headers.insert("retry-after", "99999999999999".parse().unwrap());
        assert_eq!(throttled_for(&throttled), LONGEST_WAIT);
        throttled.headers.insert("retry-after", "soon".parse().unwrap());
        assert_eq!(throttled_for(&throttled), DEFAULT_WAIT);
    }
}
