//! How values are written as OData literals (OData 4.0 URL conventions, section 5.1.1).
//!
//! Whatever is not certain to be one literal is refused: there is no escaping outside quotes.

use jiff::civil::Date;
use serde_json::Value;

/// A value within a string literal.
pub(super) fn quoted(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.replace('\'', "''")),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null => Err("is null, which a string literal cannot hold".into()),
        Value::Array(_) | Value::Object(_) => {
            Err("is no single value, which a string literal cannot hold".into())
        }
    }
}

/// Text whose wildcards stand for themselves.
pub(super) fn without_wildcards(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' | '_' | '[' => out.extend(['[', c, ']']),
            c => out.push(c),
        }
    }
    out
}

/// A value outside any literal.
pub(super) fn bare(value: &Value) -> Result<String, String> {
    match value {
        Value::Null => Ok("null".into()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) if is_bare_literal(text) => Ok(text.clone()),
        _ => Err("outside a string literal only a number, a GUID, a date, a boolean or null may \
                  stand: put '…' around the variable if text is meant"
            .into()),
    }
}

fn is_bare_literal(text: &str) -> bool {
    matches!(text, "true" | "false")
        || is_number(text)
        || (text.len() == 36 && uuid::Uuid::try_parse(text).is_ok())
        || is_date(text)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// `2026-01-31` or `2026-01-31T10:00:00Z`, the two forms that Dataverse documents.
fn is_date(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"-:.TZ".contains(&b));
    plain && ((text.len() == 10 && text.parse::<Date>().is_ok()) || is_instant(text))
}

fn is_instant(text: &str) -> bool {
    text.contains('T') && text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()
}
