//! Values on the wire, in a condition, and in the database.
//!
//! The database holds GUIDs in lower case, instants in UTC to the second with `Z`, and truth as 0
//! and 1, so that comparing what is stored compares what is meant.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value as Json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::query::ast::Value;
use super::schema::Kind;

/// A GUID in its hyphened form, lower-cased, braces allowed; other forms are not one in OData.
pub(crate) fn guid(text: &str) -> Option<String> {
    let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    (bare.len() == 36).then(|| Uuid::try_parse(bare).ok()).flatten().map(|id| id.to_string())
}

pub(crate) fn instant(text: &str) -> Option<String> {
    let at: Timestamp = text.parse().ok()?;
    Some(stored(at))
}

/// An instant as the database holds it.
pub(crate) fn stored(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A DateOnly value; a date only in its full form `2026-01-31`.
pub(crate) fn date(text: &str) -> Option<String> {
    let day: Date = text.get(..10)?.parse().ok()?;
    (text.len() == 10).then(|| day.to_string())
}

pub(crate) fn now() -> String {
    stored(Timestamp::now())
}

/// An unquoted literal of a `$filter` as a value of a column, if it is of its type.
pub(crate) fn from_literal(word: &str, kind: &Kind) -> Option<Value> {
    match kind {
        Kind::Text { .. } | Kind::Choices(_) | Kind::Binary => None,
        Kind::Key | Kind::Guid | Kind::Lookup(_) => guid(word).map(Value::Text),
        Kind::Boolean(_) => match word {
            "true" => Some(Value::Integer(1)),
            "false" => Some(Value::Integer(0)),
            _ => None,
        },
        Kind::DateTime => match date(word) {
            Some(day) => Some(Value::Text(format!("{day}T00:00:00Z"))),
            None => instant(word).map(Value::Text),
        },
        Kind::Date => date(word).or_else(|| date(instant(word)?.get(..10)?)).map(Value::Text),
        Kind::Integer
        | Kind::BigInteger
        | Kind::Decimal
        | Kind::Double
        | Kind::Money
        | Kind::Choice(_)
        | Kind::State
        | Kind::Status => number(word),
    }
}

/// A value that comes as text whatever its type: in FetchXML, in query functions.
pub(crate) fn from_text(text: &str, kind: &Kind) -> Option<Value> {
    let trimmed = text.trim();
    match kind {
        Kind::Text { .. } | Kind::Choices(_) => Some(Value::Text(text.to_owned())),
        Kind::Boolean(_) if trimmed == "1" || trimmed.eq_ignore_ascii_case("true") => {
            Some(Value::Integer(1))
        }
        Kind::Boolean(_) if trimmed == "0" || trimmed.eq_ignore_ascii_case("false") => {
            Some(Value::Integer(0))
        }
        Kind::DateTime if trimmed.get(10..11) == Some(" ") => {
            instant(&format!("{}Z", trimmed.replacen(' ', "T", 1))).map(Value::Text)
        }
        Kind::DateTime if instant(trimmed).is_none() && date(trimmed).is_none() => {
            instant(&format!("{trimmed}Z")).map(Value::Text)
        }
        _ => from_literal(trimmed, kind),
    }
}

fn number(word: &str) -> Option<Value> {
    if let Ok(whole) = word.parse::<i64>() {
        return Some(Value::Integer(whole));
    }
    let digits = word.trim_start_matches(['-', '+']).starts_with(|c: char| c.is_ascii_digit());
    let real: f64 = word.trim_end_matches(['m', 'M', 'd', 'D', 'f', 'F', 'L']).parse().ok()?;
    (digits && real.is_finite()).then_some(Value::Real(real))
}

/// The OData type of an unquoted literal; empty where it is none.
pub(crate) fn literal_type(word: &str) -> &'static str {
    match number(word) {
        Some(Value::Integer(n)) if i32::try_from(n).is_ok() => return "Edm.Int32",
        Some(Value::Integer(_)) => return "Edm.Int64",
        Some(_) => return "Edm.Decimal",
        None => {}
    }
    if word == "true" || word == "false" {
        "Edm.Boolean"
    } else if guid(word).is_some() {
        "Edm.Guid"
    } else if date(word).is_some() {
        "Edm.Date"
    } else if instant(word).is_some() {
        "Edm.DateTimeOffset"
    } else {
        ""
    }
}

/// A JSON value of a body as a value of a column, if it is of its type. Lengths and choices are
/// checked elsewhere.
pub(crate) fn from_json(json: &Json, kind: &Kind) -> Option<Value> {
    match (kind, json) {
        (_, Json::Null) => Some(Value::Null),
        (Kind::Text { .. } | Kind::Binary, Json::String(text)) => Some(Value::Text(text.clone())),
        (Kind::Choices(_), Json::String(text)) => choices(text).map(Value::Text),
        (Kind::Boolean(_), Json::Bool(truth)) => Some(Value::Integer(i64::from(*truth))),
        (Kind::Decimal | Kind::Money | Kind::Double, Json::Number(number)) => {
            number.as_f64().map(Value::Real)
        }
        (Kind::Integer | Kind::Choice(_) | Kind::State | Kind::Status, Json::Number(number)) => {
            number.as_i64().filter(|n| i32::try_from(*n).is_ok()).map(Value::Integer)
        }
        (Kind::BigInteger, Json::Number(number)) => number.as_i64().map(Value::Integer),
        (Kind::Key | Kind::Guid, Json::String(text)) => guid(text).map(Value::Text),
        (Kind::DateTime | Kind::Date, Json::String(text)) => from_literal(text, kind),
        _ => None,
    }
}

/// Several choices as the database holds them: numbers in order, parted by commas.
fn choices(text: &str) -> Option<String> {
    let numbers: Result<Vec<i64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let mut numbers = numbers.ok()?;
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(","))
}

/// Column `at` of a row as JSON.
pub(crate) fn to_json(row: &SqliteRow, at: usize, kind: &Kind) -> Result<Json, sqlx::Error> {
    Ok(match kind {
        Kind::Boolean(_) => Json::from(row.try_get::<Option<i64>, _>(at)?.map(|truth| truth != 0)),
        Kind::Integer | Kind::BigInteger | Kind::Choice(_) | Kind::State | Kind::Status => {
            Json::from(row.try_get::<Option<i64>, _>(at)?)
        }
        Kind::Decimal | Kind::Money | Kind::Double => {
            Json::from(row.try_get::<Option<f64>, _>(at)?)
        }
        _ => Json::from(row.try_get::<Option<String>, _>(at)?),
    })
}
