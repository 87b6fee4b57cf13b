//! OData text made of data: whatever a caller says becomes a literal and never syntax. Options are plain text, not
//! percent-encoded; the host encodes them.
//!
//! ```
//! use patchcord_block::odata::{Query, literal, pattern};
//!
//! assert_eq!(literal("O'Neil"), "'O''Neil'");
//! let name = pattern("50%");
//! let query = Query::new()
//!     .select(["fullname"])
//!     .filter(&format!("statecode eq {} and contains(fullname,{name})", literal(0)))
//!     .top(2);
//! assert_eq!(
//!     query.as_ref(),
//!     "$select=fullname&$filter=statecode eq 0 and contains(fullname,'50[%]')&$top=2"
//! );
//! ```

use std::fmt::{Display, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::RecordId;

/// A value as an OData literal (OData 4.01 ABNF, `primitiveLiteral`): text in quotes, its own quotes doubled; numbers,
/// booleans, record ids and points in time bare; `None` is `null`.
pub fn literal(value: impl Literal) -> String {
    value.literal()
}

/// Text as the quoted operand of `contains`, `startswith` or `endswith`: `%`, `_` and `[`, in which Dataverse sees
/// wildcards there, are put in brackets (Power Apps documentation, "Use wildcard characters in conditions using string
/// values").
pub fn pattern(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' | '_' | '[' => plain.extend(['[', c, ']']),
            c => plain.push(c),
        }
    }
    plain.literal()
}

/// What can be written as an OData literal.
pub trait Literal {
    /// The literal, ready to stand in a `$filter`.
    fn literal(&self) -> String;
}

impl Literal for str {
    fn literal(&self) -> String {
        format!("'{}'", self.replace('\'', "''"))
    }
}

impl Literal for String {
    fn literal(&self) -> String {
        self.as_str().literal()
    }
}

impl Literal for RecordId {
    fn literal(&self) -> String {
        self.as_str().into()
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

impl<T: Literal + ?Sized> Literal for &T {
    fn literal(&self) -> String {
        (**self).literal()
    }
}

impl<T: Literal> Literal for Option<T> {
    fn literal(&self) -> String {
        self.as_ref().map_or_else(|| "null".into(), Literal::literal)
    }
}

macro_rules! bare {
    ($($type:ty),*) => {$(
        impl Literal for $type {
            fn literal(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

bare!(bool, i8, i16, i32, i64, u8, u16, u32, u64);

impl Literal for f64 {
    fn literal(&self) -> String {
        match *self {
            value if value.is_nan() => "NaN".into(),
            f64::INFINITY => "INF".into(),
            f64::NEG_INFINITY => "-INF".into(),
            value => value.to_string(),
        }
    }
}

/// Query options, put together option by option. Each option may be given once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Query(String);

impl Query {
    /// No option yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The columns to read.
    pub fn select<'a>(self, columns: impl IntoIterator<Item = &'a str>) -> Self {
        let columns: Vec<_> = columns.into_iter().collect();
        self.with("select", columns.join(","))
    }

    /// Which records; every value in it made by [`literal`] or [`pattern`].
    pub fn filter(self, condition: &str) -> Self {
        self.with("filter", condition)
    }

    /// The order, such as `createdon desc`.
    pub fn order_by(self, columns: &str) -> Self {
        self.with("orderby", columns)
    }

    /// At most so many records.
    pub fn top(self, count: u32) -> Self {
        self.with("top", count)
    }

    /// Related records, such as `primarycontactid($select=fullname)`.
    pub fn expand(self, navigation: &str) -> Self {
        self.with("expand", navigation)
    }

    fn with(mut self, name: &str, value: impl Display) -> Self {
        let separator = if self.0.is_empty() { "" } else { "&" };
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{separator}${name}={value}");
        self
    }
}

impl AsRef<str> for Query {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn each_type_has_its_literal() {
        let id = RecordId::new("5531D753-95af-e711-a94e-000d3a11e605").unwrap();
        assert_eq!(literal("O'Neil"), "'O''Neil'");
        assert_eq!(literal(String::from("a")), "'a'");
        assert_eq!(literal(&id), "5531d753-95af-e711-a94e-000d3a11e605");
        assert_eq!(literal(-5), "-5");
        assert_eq!(literal(2.50), "2.5");
        assert_eq!(literal(1e21), "1000000000000000000000");
        assert_eq!(literal(f64::NEG_INFINITY), "-INF");
        assert_eq!(literal(true), "true");
        assert_eq!(literal(None::<&str>), "null");
        assert_eq!(literal(Some("x")), "'x'");
    }

    #[test]
    fn points_in_time_are_written_in_utc() {
        let at = |seconds| literal(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(1_769_853_600), "2026-01-31T10:00:00Z");
        assert_eq!(at(4_107_542_400), "2100-03-01T00:00:00Z");
    }

    /// Reads one literal as OData does; none where it ends early, or not at all.
    fn read(literal: &str) -> Option<String> {
        let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
        let lone = inner.replace("''", "");
        (!lone.contains('\'')).then(|| inner.replace("''", "'"))
    }

    /// Reads a pattern as Dataverse does; none where it holds a wildcard.
    fn matched(pattern: &str) -> Option<String> {
        let mut out = String::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            match c {
                '%' | '_' => return None,
                '[' => {
                    out.push(chars.next()?);
                    chars.next().filter(|close| *close == ']')?;
                }
                c => out.push(c),
            }
        }
        Some(out)
    }

    proptest! {
        #[test]
        fn any_text_is_one_literal(text in ".*") {
            prop_assert_eq!(read(&literal(&text)), Some(text));
        }

        #[test]
        fn any_text_is_matched_as_itself(text in "[%_\\[\\]'a-c]*|.*") {
            let pattern = read(&pattern(&text)).unwrap();
            prop_assert_eq!(matched(&pattern), Some(text));
        }

        #[test]
        fn numbers_are_read_back(integer: i64, real: f64) {
            prop_assert_eq!(literal(integer).parse(), Ok(integer));
            let read: f64 = literal(real).parse().unwrap();
            prop_assert!(read == real || (read.is_nan() && real.is_nan()));
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
