//! Faults as JSON: what the control API takes and shows, and what the request header holds.
//!
//! Read by hand, so that a wrong member is named wherever it stands; the name of a kind decides which
//! members belong to it.

use serde_json::{Map, Value, json};

use super::catalogue;
use super::kind::FaultKind;
use super::rule::{FaultRule, FaultTarget, Route};
use crate::limits::gate::Limit;
use crate::members::{Members, Misread, needed};

/// The longest wait, so that a slip of the pen does not hold a test for days.
const LONGEST_MS: u64 = 3_600_000;
/// The largest body that is made.
const LARGEST_BODY: u64 = 1 << 30;

/// Reads a fault with its target.
pub(super) fn rule(mut members: Members) -> Result<FaultRule, Misread> {
    let target = target(&mut members)?;
    let probability = members.fraction("probability")?;
    let times = times(&mut members, probability.is_some())?;
    let after = members.short("after", 0..=1_000_000)?.unwrap_or_default();
    let seed = members.number("seed", 0..=u64::MAX)?;
    let kind = kind(members)?;
    if let FaultTarget::Route(route) = target
        && !kind.fits(route)
    {
        let reason = format!("{} is no fault of the route {}", kind.name(), route.name());
        return Err(Misread::at("kind", reason));
    }
    Ok(FaultRule { target, kind, times, after, probability, seed })
}

/// Reads a fault that meets only the request that brings it.
pub(crate) fn kind_alone(text: &[u8]) -> Result<FaultKind, Misread> {
    kind(Members::parse(text)?)
}

fn target(members: &mut Members) -> Result<FaultTarget, Misread> {
    let route = members.text("route")?;
    let path = members.text("path")?;
    match (route, path) {
        (Some(name), None) => {
            let found = Route::ALL.into_iter().find(|route| route.name() == name);
            let reason = "token, authorize or api is needed";
            found.map(FaultTarget::Route).ok_or_else(|| Misread::at("route", reason))
        }
        (None, Some(path)) if path.starts_with(['/', '*']) => {
            Ok(FaultTarget::Path { method: method(members)?, path })
        }
        (None, Some(_)) => Err(Misread::at("path", "a path that begins with / or * is needed")),
        (Some(_), Some(_)) => Err(Misread::at("path", "a route or a path is needed, not both")),
        (None, None) => Err(Misread::at("route", "a route or a path is needed")),
    }
}

fn method(members: &mut Members) -> Result<Option<String>, Misread> {
    let method = members.text("method")?.map(|method| method.to_ascii_uppercase());
    match method.as_deref() {
        Some(name) if http::Method::from_bytes(name.as_bytes()).is_err() => {
            Err(Misread::at("method", "an HTTP method is needed"))
        }
        _ => Ok(method),
    }
}

/// 1 when not said, without end beside a probability or as `"always"`.
fn times(members: &mut Members, has_probability: bool) -> Result<Option<u32>, Misread> {
    if !members.has("times") {
        return Ok(if has_probability { None } else { Some(1) });
    }
    if members.is_text("times") {
        let always = members.text("times")?.is_some_and(|word| word == "always");
        let wrong = || Misread::at("times", "a number or \"always\" is needed");
        return if always { Ok(None) } else { Err(wrong()) };
    }
    members.short("times", 0..=u32::MAX)
}

fn kind(mut members: Members) -> Result<FaultKind, Misread> {
    let name = needed("kind", members.text("kind")?)?;
    let kind = match name.as_str() {
        "latency" => latency(&mut members)?,
        "cut-before" => FaultKind::CutBefore,
        "cut-after" => FaultKind::CutAfter,
        "garbage" => FaultKind::Garbage,
        "empty-body" => FaultKind::EmptyBody,
        "expired-token" => FaultKind::ExpiredToken,
        "revoked-refresh-token" => FaultKind::RevokedRefreshToken,
        "cut-middle" | "slow-body" | "oversized" | "wrong-content-type" => {
            changed_body(&name, &mut members)?
        }
        "clock-skew" => {
            let seconds = members.integer("seconds", -31_536_000..=31_536_000)?;
            FaultKind::ClockSkew { seconds: needed("seconds", seconds)? }
        }
        other => answered(other, &mut members)?,
    };
    members.end()?;
    Ok(kind)
}

fn latency(members: &mut Members) -> Result<FaultKind, Misread> {
    let range = 0..=LONGEST_MS;
    if let Some(ms) = members.number("ms", range.clone())? {
        return Ok(FaultKind::Latency { ms });
    }
    if !members.has("min_ms") && !members.has("max_ms") {
        return Err(Misread::at("ms", "ms, or min_ms and max_ms, are needed"));
    }
    let min_ms = members.number("min_ms", range)?.unwrap_or_default();
    let max_ms = needed("max_ms", members.number("max_ms", min_ms..=LONGEST_MS)?)?;
    Ok(FaultKind::LatencyBetween { min_ms, max_ms })
}

fn changed_body(name: &str, members: &mut Members) -> Result<FaultKind, Misread> {
    if name == "wrong-content-type" {
        let content_type = members.text("content_type")?.unwrap_or_else(|| "text/html".to_owned());
        header_value("content_type", &content_type)?;
        return Ok(FaultKind::WrongContentType { content_type });
    }
    let least = if name == "slow-body" { 1 } else { 0 };
    let bytes = needed("bytes", members.number("bytes", least..=LARGEST_BODY)?)?;
    Ok(match name {
        "cut-middle" => FaultKind::CutMiddle { bytes },
        "oversized" => FaultKind::Oversized { bytes },
        _ => {
            let interval = members.number("interval_ms", 0..=LONGEST_MS)?;
            FaultKind::SlowBody { bytes, interval_ms: needed("interval_ms", interval)? }
        }
    })
}

fn answered(name: &str, members: &mut Members) -> Result<FaultKind, Misread> {
    match name {
        "status" => Ok(FaultKind::Status {
            code: needed("code", status("code", members)?)?,
            retry_after: members.short("retry_after", 0..=86_400)?,
        }),
        "throttle" => {
            let named = members.text("limit")?.unwrap_or_else(|| "requests".to_owned());
            let limit = Limit::ALL.into_iter().find(|limit| limit.name() == named);
            let reason = "requests, execution-time or concurrent is needed";
            let limit = limit.ok_or_else(|| Misread::at("limit", reason))?;
            let retry_after = members.short("retry_after", 0..=86_400)?.unwrap_or(1);
            Ok(FaultKind::Throttle { limit, retry_after })
        }
        "entra-error" => Ok(FaultKind::EntraError {
            code: needed("code", members.short("code", 1..=999_999_999)?)?,
            error: members.text("error")?,
            suberror: members.text("suberror")?,
            claims: members.text("claims")?,
            message: members.text("message")?,
        }),
        "dataverse-error" => Ok(FaultKind::DataverseError {
            status: status("status", members)?.unwrap_or(400),
            code: needed("code", members.text("code")?)?,
            message: members.text("message")?.unwrap_or_else(|| "A fault on demand.".to_owned()),
        }),
        "redirect" => redirect(members),
        "claims-challenge" => claims(members),
        _ => Err(Misread::at("kind", format!("one of {} is needed", catalogue::names()))),
    }
}

fn status(name: &str, members: &mut Members) -> Result<Option<u16>, Misread> {
    let number = members.short(name, 400..=599)?;
    Ok(number.and_then(|number| u16::try_from(number).ok()))
}

fn redirect(members: &mut Members) -> Result<FaultKind, Misread> {
    let location = needed("location", members.text("location")?)?;
    header_value("location", &location)?;
    match members.short("code", 302..=307)?.unwrap_or(302) {
        302 => Ok(FaultKind::Redirect { code: 302, location }),
        307 => Ok(FaultKind::Redirect { code: 307, location }),
        _ => Err(Misread::at("code", "302 or 307 is needed")),
    }
}

/// What Conditional Access asks for when it wants a newer sign-in, unless other claims are given.
// Source: learn.microsoft.com/entra/identity-platform/claims-challenge
fn claims(members: &mut Members) -> Result<FaultKind, Misread> {
    let documented = r#"{"access_token":{"acrs":{"essential":true,"value":"cp1"}}}"#;
    let claims = members.text("claims")?.unwrap_or_else(|| documented.to_owned());
    Ok(FaultKind::ClaimsChallenge { claims })
}

fn header_value(name: &str, value: &str) -> Result<(), Misread> {
    let found = http::HeaderValue::from_str(value);
    found.map(|_| ()).map_err(|_| Misread::at(name, "this can not stand in a header"))
}

/// The members of a kind, its name among them.
fn members_of(kind: &FaultKind) -> Value {
    match kind {
        FaultKind::Status { code, retry_after } => {
            json!({"code": code, "retry_after": retry_after})
        }
        FaultKind::Latency { ms } => json!({"ms": ms}),
        FaultKind::LatencyBetween { min_ms, max_ms } => json!({"min_ms": min_ms, "max_ms": max_ms}),
        FaultKind::Throttle { limit, retry_after } => {
            json!({"limit": limit.name(), "retry_after": retry_after})
        }
        FaultKind::EntraError { code, error, suberror, claims, message } => json!({
            "code": code, "error": error, "suberror": suberror, "claims": claims,
            "message": message,
        }),
        FaultKind::DataverseError { status, code, message } => {
            json!({"status": status, "code": code, "message": message})
        }
        FaultKind::CutMiddle { bytes } | FaultKind::Oversized { bytes } => json!({"bytes": bytes}),
        FaultKind::SlowBody { bytes, interval_ms } => {
            json!({"bytes": bytes, "interval_ms": interval_ms})
        }
        FaultKind::WrongContentType { content_type } => json!({"content_type": content_type}),
        FaultKind::Redirect { code, location } => json!({"code": code, "location": location}),
        FaultKind::ClaimsChallenge { claims } => json!({"claims": claims}),
        FaultKind::ClockSkew { seconds } => json!({"seconds": seconds}),
        FaultKind::CutBefore
        | FaultKind::CutAfter
        | FaultKind::Garbage
        | FaultKind::EmptyBody
        | FaultKind::ExpiredToken
        | FaultKind::RevokedRefreshToken => json!({}),
    }
}

/// A fault as it was given, with what was left out left out.
pub(super) fn written(rule: &FaultRule) -> Map<String, Value> {
    let mut json = Map::new();
    match &rule.target {
        FaultTarget::Route(route) => {
            json.insert("route".into(), json!(route.name()));
        }
        FaultTarget::Path { method, path } => {
            json.insert("method".into(), json!(method));
            json.insert("path".into(), json!(path));
        }
    }
    json.insert("kind".into(), json!(rule.kind.name()));
    if let Value::Object(members) = members_of(&rule.kind) {
        json.extend(members);
    }
    json.insert("times".into(), rule.times.map_or(json!("always"), |times| json!(times)));
    if rule.after > 0 {
        json.insert("after".into(), json!(rule.after));
    }
    json.insert("probability".into(), json!(rule.probability));
    json.insert("seed".into(), json!(rule.seed));
    json.retain(|_, value| !value.is_null());
    json
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
