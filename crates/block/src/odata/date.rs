//! Days and points in time as OData writes them: bare, without quotes.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Literal;
use crate::InvalidValue;

/// A day, or a point in time with its offset from UTC. Made by [`date`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date(String);

/// Reads a day (`2026-01-31`) or a point in time (`2026-01-31T10:00:00Z`, `2026-01-31T10:00+02:00`).
///
/// ```
/// use patchcord_block::odata::{column, date};
///
/// let since = column("createdon").ge(date("2026-01-31")?);
/// assert_eq!(since.to_odata()?, "createdon ge 2026-01-31");
/// assert!(date("yesterday").is_err());
/// # Ok::<(), patchcord_block::Failure>(())
/// ```
///
/// # Errors
/// [`InvalidValue`] where the text is neither.
pub fn date(text: impl AsRef<str>) -> Result<Date, InvalidValue> {
    let text = text.as_ref().trim();
    match is_date(text) {
        true => Ok(Date(text.to_ascii_uppercase())),
        false => Err(InvalidValue(format!(
            "{text:?} is no date: such as 2026-01-31 or 2026-01-31T10:00:00Z"
        ))),
    }
}

impl Literal for Date {
    fn literal(&self) -> String {
        self.0.clone()
    }
}

/// To the second, in UTC, such as `2026-01-31T10:00:00Z`. Times before 1970 count as 1970.
impl Literal for SystemTime {
    fn literal(&self) -> String {
        let seconds = self.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let (year, month, day) = civil(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// `dateValue` and `dateTimeOffsetValue` of the OData 4.01 ABNF, without years of more than four digits.
fn is_date(text: &str) -> bool {
    let (day, time) = match text.split_once(['T', 't']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    is_day(day) && time.is_none_or(is_time_with_offset)
}

fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut next = |digits, range| number(parts.next(), digits, range);
    let (Some(year), Some(month), Some(day)) =
        (next(4, 1..=9999), next(2, 1..=12), next(2, 1..=31))
    else {
        return false;
    };
    parts.next().is_none() && day <= days_of(year, month)
}

fn days_of(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_time_with_offset(text: &str) -> bool {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return is_time(time);
    }
    let Some((time, offset)) = text.split_once(['+', '-']) else { return false };
    let Some((hours, minutes)) = offset.split_once(':') else { return false };
    is_time(time)
        && number(Some(hours), 2, 0..=14).is_some()
        && number(Some(minutes), 2, 0..=59).is_some()
}

fn is_time(text: &str) -> bool {
    let mut parts = text.split(':');
    let minutes =
        number(parts.next(), 2, 0..=23).is_some() && number(parts.next(), 2, 0..=59).is_some();
    let seconds = parts.next().is_none_or(|seconds| {
        let (whole, fraction) = match seconds.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (seconds, None),
        };
        let digits = |text: &str| (1..=12).contains(&text.len()) && all_digits(text);
        number(Some(whole), 2, 0..=59).is_some() && fraction.is_none_or(digits)
    });
    minutes && seconds && parts.next().is_none()
}

fn number(text: Option<&str>, digits: usize, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    let text = text.filter(|text| text.len() == digits && all_digits(text))?;
    text.parse().ok().filter(|number| range.contains(number))
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Year, month and day of a day since 1970-01-01, in the Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    // Counted from 0000-03-01, so that the leap day is the last of its year.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leaps = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (400 * era + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::odata::literal;

    #[test]
    fn points_in_time_are_written_in_utc() {
        let at = |seconds| literal(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(1_769_853_600), "2026-01-31T10:00:00Z");
        assert_eq!(at(4_107_542_400), "2100-03-01T00:00:00Z");
    }

    #[test]
    fn a_date_is_a_day_or_a_point_in_time() {
        for good in [
            "2026-01-31",
            "2024-02-29",
            "2026-01-31T10:00Z",
            "2026-01-31t10:00:00.123z",
            "2026-01-31T10:00:00+02:00",
            "2026-01-31T23:59:59-05:30",
        ] {
            assert_eq!(date(good).map(|date| literal(&date)), Ok(good.to_ascii_uppercase()));
        }
        for wrong in [
            "",
            "2026-1-31",
            "2026-02-29",
            "2026-13-01",
            "2026-01-31T",
            "2026-01-31T10:00",
            "2026-01-31T24:00Z",
            "2026-01-31T10:00:00.Z",
            "2026-01-31T10:00:00:00Z",
            "2026-01-31T10:00Z or true",
            "2026-01-31 or 1 eq 1",
            "2026-01-31-01",
            "+026-01-31",
        ] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_point_in_time_is_a_date(seconds in 0_u64..200_000_000_000) {
            let text = literal(UNIX_EPOCH + Duration::from_secs(seconds));
            prop_assert!(date(&text).is_ok(), "{}", text);
        }

        #[test]
        fn days_follow_each_other(day in 0_u64..2_000_000) {
            let ((y, m, d), (y2, m2, d2)) = (civil(day), civil(day + 1));
            let next_day = (y2, m2, d2) == (y, m, d + 1);
            let next_month = (y2, m2, d2) == (y, m + 1, 1) && d >= 28;
            let next_year = (y2, m2, d2) == (y + 1, 1, 1) && (m, d) == (12, 31);
            prop_assert!(next_day || next_month || next_year);
        }
    }
}
