//! The periods of time that conditions name: from when until when they last.
//!
//! Days are those of UTC, weeks start on Sunday, the fiscal year is the calendar year in four quarters:
//! the settings that an organisation of Dataverse starts with. Where Microsoft's pages do not say where
//! a period ends, it is as people have measured it on Dataverse: "last x" reaches from the midnight x
//! units before today until now, "next x" from now until the midnight x units after tonight.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
    /// A quarter.
    FiscalPeriod,
    FiscalYear,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    /// The whole unit that is `offset` units away from the present one: yesterday, this month.
    At {
        unit: Unit,
        offset: i64,
    },
    LastSevenDays,
    NextSevenDays,
    Last(Unit),
    Next(Unit),
    Older(Unit),
    FiscalYear,
    /// A quarter of whatever year.
    FiscalQuarter,
    FiscalPeriodAndYear,
    UntilFiscalPeriodAndYear,
    SinceFiscalPeriodAndYear,
}

/// A stretch of time in UTC, open on one side at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stretch {
    /// The first moment.
    pub(crate) from: Option<DateTime>,
    /// The first moment after it.
    pub(crate) before: Option<DateTime>,
    /// The last moment, in place of `before`.
    pub(crate) until: Option<DateTime>,
}

impl Period {
    /// From when until when, for the values of the condition; `None` where that is no time that a
    /// database can hold. [`Period::FiscalQuarter`], which is many stretches, has none.
    pub(crate) fn stretch(self, now: Timestamp, values: &[i64]) -> Option<Stretch> {
        let now = now.to_zoned(TimeZone::UTC).datetime();
        match (self, values) {
            (Period::At { unit, offset }, []) => {
                whole(shift(start(now, unit)?, unit, offset)?, unit, 1)
            }
            (Period::LastSevenDays, []) => last(now, Unit::Day, 7),
            (Period::NextSevenDays, []) => next(now, Unit::Day, 7),
            (Period::Last(unit), [count]) => last(now, unit, *count),
            (Period::Next(unit), [count]) => next(now, unit, *count),
            (Period::Older(unit), [count]) => {
                let from = if is_time(unit) { now } else { midnight(now.date()) };
                Some(Stretch { before: Some(shift(from, unit, -*count)?), ..Stretch::default() })
            }
            (Period::FiscalYear, [year]) => whole(quarter(1, *year)?, Unit::Year, 1),
            (Period::FiscalPeriodAndYear, [period, year]) => {
                whole(quarter(*period, *year)?, Unit::FiscalPeriod, 1)
            }
            (Period::UntilFiscalPeriodAndYear, [period, year]) => {
                let stretch = whole(quarter(*period, *year)?, Unit::FiscalPeriod, 1)?;
                Some(Stretch { from: None, ..stretch })
            }
            (Period::SinceFiscalPeriodAndYear, [period, year]) => {
                Some(Stretch { from: Some(quarter(*period, *year)?), ..Stretch::default() })
            }
            _ => None,
        }
    }

    /// Whether it is finer than days, and therefore no question to ask of a column without time.
    pub(crate) fn is_time(self) -> bool {
        matches!(self, Period::Last(unit) | Period::Next(unit) | Period::Older(unit) if is_time(unit))
    }

    /// Whether its first value is a number of units, which must be above zero.
    pub(crate) fn counts(self) -> bool {
        matches!(self, Period::Last(_) | Period::Next(_) | Period::Older(_))
    }
}

fn is_time(unit: Unit) -> bool {
    matches!(unit, Unit::Minute | Unit::Hour)
}

fn is_fiscal(unit: Unit) -> bool {
    matches!(unit, Unit::FiscalPeriod | Unit::FiscalYear)
}

/// `count` whole units from `from` on.
fn whole(from: DateTime, unit: Unit, count: i64) -> Option<Stretch> {
    let before = shift(from, unit, count)?;
    Some(Stretch { from: Some(from), before: Some(before), until: None })
}

/// Fiscal periods and years are whole ones before the present one.
fn last(now: DateTime, unit: Unit, count: i64) -> Option<Stretch> {
    let present = if is_time(unit) || is_fiscal(unit) { unit } else { Unit::Day };
    let end = start(now, present)?;
    let from = shift(end, unit, -count)?;
    match is_fiscal(unit) {
        true => Some(Stretch { from: Some(from), before: Some(end), until: None }),
        false => Some(Stretch { from: Some(from), before: None, until: Some(now) }),
    }
}

fn next(now: DateTime, unit: Unit, count: i64) -> Option<Stretch> {
    if is_time(unit) {
        let until = shift(now, unit, count)?;
        return Some(Stretch { from: Some(now), before: None, until: Some(until) });
    }
    let present = if is_fiscal(unit) { unit } else { Unit::Day };
    let after = shift(start(now, present)?, present, 1)?;
    let from = if is_fiscal(unit) { after } else { now };
    Some(Stretch { from: Some(from), before: Some(shift(after, unit, count)?), until: None })
}

pub(crate) fn midnight(day: Date) -> DateTime {
    day.to_datetime(Time::midnight())
}

/// The first moment of the unit that `at` is in.
fn start(at: DateTime, unit: Unit) -> Option<DateTime> {
    let day = at.date();
    let first = match unit {
        Unit::Minute => return at.with().second(0).subsec_nanosecond(0).build().ok(),
        Unit::Hour => return at.with().minute(0).second(0).subsec_nanosecond(0).build().ok(),
        Unit::Day => day,
        Unit::Week => {
            let back = i64::from(day.weekday().since(Weekday::Sunday));
            day.checked_sub(Span::new().try_days(back).ok()?).ok()?
        }
        Unit::Month => day.first_of_month(),
        Unit::Year | Unit::FiscalYear => day.first_of_year(),
        Unit::FiscalPeriod => {
            let month = (day.month() - 1) / 3 * 3 + 1;
            day.first_of_month().with().month(month).build().ok()?
        }
    };
    Some(midnight(first))
}

/// The first moment of a quarter of a year.
fn quarter(period: i64, year: i64) -> Option<DateTime> {
    let months = i8::try_from(period).ok().filter(|period| (1..=4).contains(period))?;
    let year = i16::try_from(year).ok().filter(|year| (1..=9999).contains(year))?;
    Some(midnight(Date::new(year, (months - 1) * 3 + 1, 1).ok()?))
}

/// `at` moved by units; `None` outside the years 1 to 9999, whose text sorts as the time does.
fn shift(at: DateTime, unit: Unit, count: i64) -> Option<DateTime> {
    let span = Span::new();
    let span = match unit {
        Unit::Minute => span.try_minutes(count),
        Unit::Hour => span.try_hours(count),
        Unit::Day => span.try_days(count),
        Unit::Week => span.try_weeks(count),
        Unit::Month => span.try_months(count),
        Unit::FiscalPeriod => span.try_months(count.checked_mul(3)?),
        Unit::Year | Unit::FiscalYear => span.try_years(count),
    };
    at.checked_add(span.ok()?).ok().filter(|moved| moved.year() >= 1)
}

#[cfg(test)]
#[path = "periods_tests.rs"]
mod tests;
