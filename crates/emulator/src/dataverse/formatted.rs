//! Formatted values: what a person reads in place of the value, in the English of the United States, which
//! is the language of the emulated organisation.

use jiff::civil::Date;
use serde_json::Value as Json;

use super::schema::{Kind, Table};

/// The formatted value of a column, where it has one. Texts have none; lookups get theirs elsewhere.
pub(crate) fn formatted(table: &Table, kind: &Kind, value: &Json) -> Option<String> {
    if value.is_null() {
        return None;
    }
    if let Some(label) = table.label(kind, value) {
        return Some(label.to_owned());
    }
    plain(kind, value)
}

/// The same for a value that belongs to no table, such as a sum.
pub(crate) fn plain(kind: &Kind, value: &Json) -> Option<String> {
    match kind {
        Kind::Choices(labels) => {
            let label = |part: &str| Some(labels.get(&part.parse().ok()?)?.clone());
            let all: Option<Vec<String>> = value.as_str()?.split(',').map(label).collect();
            Some(all?.join("; "))
        }
        Kind::Integer | Kind::BigInteger | Kind::Choice(_) | Kind::State | Kind::Status => {
            Some(grouped(value.as_i64()?))
        }
        Kind::Decimal | Kind::Double => Some(decimal(value.as_f64()?)),
        Kind::Money => {
            let amount = value.as_f64()?;
            let text = decimal(amount.abs());
            Some(if amount < 0.0 { format!("-${text}") } else { format!("${text}") })
        }
        Kind::DateTime => time(value.as_str()?),
        Kind::Date => Some(day(value.as_str()?.parse().ok()?)),
        _ => None,
    }
}

fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

fn decimal(number: f64) -> String {
    let text = format!("{number:.2}");
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    match whole.parse::<i64>() {
        Ok(0) if number < 0.0 => format!("-0.{cents}"),
        Ok(whole) => format!("{}.{cents}", grouped(whole)),
        Err(_) => text,
    }
}

fn day(date: Date) -> String {
    format!("{}/{}/{}", date.month(), date.day(), date.year())
}

fn time(text: &str) -> Option<String> {
    let at: jiff::Timestamp = text.parse().ok()?;
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    let hour = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let half = if at.hour() < 12 { "AM" } else { "PM" };
    Some(format!("{} {hour}:{:02} {half}", day(at.date()), at.minute()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_money_and_times_read_as_in_the_documented_samples() {
        // Source: webapi/query/aggregate-data and webapi/query/select-columns.
        assert_eq!(plain(&Kind::Money, &json!(440_000.0)).as_deref(), Some("$440,000.00"));
        assert_eq!(plain(&Kind::Money, &json!(-1.5)).as_deref(), Some("-$1.50"));
        assert_eq!(plain(&Kind::Integer, &json!(1_234_567)).as_deref(), Some("1,234,567"));
        assert_eq!(plain(&Kind::Integer, &json!(-12)).as_deref(), Some("-12"));
        let at = json!("2023-03-25T17:42:47Z");
        assert_eq!(plain(&Kind::DateTime, &at).as_deref(), Some("3/25/2023 5:42 PM"));
        assert_eq!(plain(&Kind::Date, &json!("1990-02-03")).as_deref(), Some("2/3/1990"));
    }
}
