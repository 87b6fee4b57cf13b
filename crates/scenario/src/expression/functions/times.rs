//! Functions of time. A time is a number of seconds since 1970-01-01 00:00 UTC.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::Value;

use super::{integer_at, text_at, wrong};
use crate::expression::date_pattern::DatePattern;

pub(super) fn now(arguments: &[Value]) -> Result<Value, String> {
    let now = Timestamp::now();
    match arguments {
        [] => Ok(now.as_second().into()),
        _ => shifted(now, &zone(text_at(arguments, 0)?)?),
    }
}

pub(super) fn apply_zone(arguments: &[Value]) -> Result<Value, String> {
    shifted(time_at(arguments, 0)?, &zone(text_at(arguments, 1)?)?)
}

/// The seconds at which a clock in UTC shows what the clocks of the zone show then.
fn shifted(time: Timestamp, zone: &TimeZone) -> Result<Value, String> {
    Ok((time.as_second() + i64::from(zone.to_offset(time).seconds())).into())
}

pub(super) fn format(arguments: &[Value]) -> Result<Value, String> {
    let pattern = DatePattern::parse(text_at(arguments, 1)?)?;
    let zone = optional_zone(arguments)?;
    let zoned = Zoned::new(time_at(arguments, 0)?, zone);
    Ok(pattern.format(&zoned).into())
}

pub(super) fn parse(arguments: &[Value]) -> Result<Value, String> {
    let text = text_at(arguments, 0)?;
    let zone = optional_zone(arguments)?;
    if arguments.len() > 1 {
        let pattern = DatePattern::parse(text_at(arguments, 1)?)?;
        return Ok(pattern.parse_text(text, &zone)?.into());
    }
    let instant = text.parse::<Timestamp>();
    let local =
        || text.parse::<DateTime>().ok()?.to_zoned(zone).ok().map(|zoned| zoned.timestamp());
    let time = instant.ok().or_else(local);
    let time = time.ok_or("the text is no date and time such as 2026-01-31T10:00:00Z")?;
    Ok(time.as_second().into())
}

pub(super) fn format_duration(arguments: &[Value]) -> Result<Value, String> {
    let seconds = match arguments[0].as_f64() {
        #[allow(clippy::cast_possible_truncation, reason = "a float beyond it becomes its bound")]
        Some(seconds) => seconds.trunc() as i64,
        None => return Err(wrong(0, &arguments[0], "a number")),
    };
    if seconds < 0 {
        return Err("a duration is not negative".into());
    }
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    Ok(match hours {
        0 => format!("{minutes:02}:{seconds:02}"),
        _ => format!("{hours:02}:{minutes:02}:{seconds:02}"),
    }
    .into())
}

fn time_at(arguments: &[Value], index: usize) -> Result<Timestamp, String> {
    // Dynamics 365 answers dates as text; whoever has one needs no pattern for it.
    if let Value::String(text) = &arguments[index] {
        let time = text.parse::<Timestamp>();
        return time.map_err(|_| format!("argument {} is no time", index + 1));
    }
    let seconds = integer_at(arguments, index)?;
    Timestamp::from_second(seconds)
        .map_err(|_| format!("{seconds} is no time between the years -9999 and 9999"))
}

/// The zone that is the third argument, or UTC.
fn optional_zone(arguments: &[Value]) -> Result<TimeZone, String> {
    if arguments.len() > 2 { zone(text_at(arguments, 2)?) } else { Ok(TimeZone::UTC) }
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| {
        format!("`{name}` is no time zone; one is called as `Europe/Berlin` or `UTC` is")
    })
}

pub(super) fn check_now(fixed: &[Option<&str>]) -> Result<(), (usize, String)> {
    check(fixed, 0, |name| zone(name).map(drop))
}

pub(super) fn check_zone(fixed: &[Option<&str>]) -> Result<(), (usize, String)> {
    check(fixed, 1, |name| zone(name).map(drop))
}

pub(super) fn check_pattern(fixed: &[Option<&str>]) -> Result<(), (usize, String)> {
    check(fixed, 1, |pattern| DatePattern::parse(pattern).map(drop))?;
    check(fixed, 2, |name| zone(name).map(drop))
}

fn check(
    fixed: &[Option<&str>],
    index: usize,
    test: impl Fn(&str) -> Result<(), String>,
) -> Result<(), (usize, String)> {
    match fixed.get(index) {
        Some(Some(text)) => test(text).map_err(|problem| (index, problem)),
        _ => Ok(()),
    }
}
