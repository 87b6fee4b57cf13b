//! Stretches of time, by a fixed now.

use super::*;

/// A Tuesday in the first quarter.
fn stretch(period: Period, values: &[i64]) -> [Option<String>; 3] {
    let now = "2026-02-17T15:30:45Z".parse().unwrap();
    let Stretch { from, before, until } = period.stretch(now, values).unwrap();
    [from, before, until].map(|at| at.map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string()))
}

fn whole(unit: Unit, offset: i64) -> [String; 2] {
    let [from, before, until] = stretch(Period::At { unit, offset }, &[]);
    assert_eq!(until, None);
    [from.unwrap(), before.unwrap()]
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/operators,
// last-week: "including Sunday through Saturday"
#[test]
fn whole_units_are_days_weeks_from_sunday_months_and_years() {
    assert_eq!(whole(Unit::Day, -1), ["2026-02-16T00:00", "2026-02-17T00:00"]);
    assert_eq!(whole(Unit::Day, 0), ["2026-02-17T00:00", "2026-02-18T00:00"]);
    assert_eq!(whole(Unit::Day, 1), ["2026-02-18T00:00", "2026-02-19T00:00"]);
    assert_eq!(whole(Unit::Week, -1), ["2026-02-08T00:00", "2026-02-15T00:00"]);
    assert_eq!(whole(Unit::Week, 0), ["2026-02-15T00:00", "2026-02-22T00:00"]);
    assert_eq!(whole(Unit::Week, 1), ["2026-02-22T00:00", "2026-03-01T00:00"]);
    assert_eq!(whole(Unit::Month, -1), ["2026-01-01T00:00", "2026-02-01T00:00"]);
    assert_eq!(whole(Unit::Month, 0), ["2026-02-01T00:00", "2026-03-01T00:00"]);
    assert_eq!(whole(Unit::Month, 1), ["2026-03-01T00:00", "2026-04-01T00:00"]);
    assert_eq!(whole(Unit::Year, -1), ["2025-01-01T00:00", "2026-01-01T00:00"]);
    assert_eq!(whole(Unit::Year, 1), ["2027-01-01T00:00", "2028-01-01T00:00"]);
}

#[test]
fn fiscal_periods_are_the_quarters_of_the_calendar_year() {
    assert_eq!(whole(Unit::FiscalPeriod, -1), ["2025-10-01T00:00", "2026-01-01T00:00"]);
    assert_eq!(whole(Unit::FiscalPeriod, 0), ["2026-01-01T00:00", "2026-04-01T00:00"]);
    assert_eq!(whole(Unit::FiscalPeriod, 1), ["2026-04-01T00:00", "2026-07-01T00:00"]);
    assert_eq!(whole(Unit::FiscalYear, 0), ["2026-01-01T00:00", "2027-01-01T00:00"]);
    let [from, before, _] = stretch(Period::FiscalPeriodAndYear, &[3, 2023]);
    assert_eq!(from.as_deref(), Some("2023-07-01T00:00"));
    assert_eq!(before.as_deref(), Some("2023-10-01T00:00"));
    let [from, before, _] = stretch(Period::UntilFiscalPeriodAndYear, &[4, 2023]);
    assert_eq!((from, before.as_deref()), (None, Some("2024-01-01T00:00")));
    let [from, before, _] = stretch(Period::SinceFiscalPeriodAndYear, &[4, 2023]);
    assert_eq!((from.as_deref(), before), (Some("2023-10-01T00:00"), None));
    let [from, before, _] = stretch(Period::FiscalYear, &[2013]);
    assert_eq!(from.as_deref(), Some("2013-01-01T00:00"));
    assert_eq!(before.as_deref(), Some("2014-01-01T00:00"));
}

#[test]
fn last_units_reach_from_a_midnight_until_now() {
    let last = |unit, count| {
        let [from, before, until] = stretch(Period::Last(unit), &[count]);
        assert_eq!((before, until.as_deref()), (None, Some("2026-02-17T15:30")));
        from.unwrap()
    };
    assert_eq!(last(Unit::Hour, 2), "2026-02-17T13:00");
    assert_eq!(last(Unit::Day, 4), "2026-02-13T00:00");
    assert_eq!(last(Unit::Week, 2), "2026-02-03T00:00");
    assert_eq!(last(Unit::Month, 3), "2025-11-17T00:00");
    assert_eq!(last(Unit::Year, 2), "2024-02-17T00:00");
    let [from, _, until] = stretch(Period::LastSevenDays, &[]);
    assert_eq!(from.as_deref(), Some("2026-02-10T00:00"));
    assert_eq!(until.as_deref(), Some("2026-02-17T15:30"));
    let [from, before, _] = stretch(Period::Last(Unit::FiscalPeriod), &[2]);
    assert_eq!(from.as_deref(), Some("2025-07-01T00:00"));
    assert_eq!(before.as_deref(), Some("2026-01-01T00:00"));
    let [from, before, _] = stretch(Period::Last(Unit::FiscalYear), &[1]);
    assert_eq!(from.as_deref(), Some("2025-01-01T00:00"));
    assert_eq!(before.as_deref(), Some("2026-01-01T00:00"));
}

#[test]
fn next_units_reach_from_now_until_a_midnight() {
    let next = |unit, count| {
        let [from, before, until] = stretch(Period::Next(unit), &[count]);
        assert_eq!((from.as_deref(), until), (Some("2026-02-17T15:30"), None));
        before.unwrap()
    };
    assert_eq!(next(Unit::Day, 4), "2026-02-22T00:00");
    assert_eq!(next(Unit::Week, 2), "2026-03-04T00:00");
    assert_eq!(next(Unit::Month, 3), "2026-05-18T00:00");
    assert_eq!(next(Unit::Year, 2), "2028-02-18T00:00");
    let [from, _, until] = stretch(Period::Next(Unit::Hour), &[1]);
    assert_eq!(from.as_deref(), Some("2026-02-17T15:30"));
    assert_eq!(until.as_deref(), Some("2026-02-17T16:30"));
    let [from, before, _] = stretch(Period::NextSevenDays, &[]);
    assert_eq!(from.as_deref(), Some("2026-02-17T15:30"));
    assert_eq!(before.as_deref(), Some("2026-02-25T00:00"));
    let [from, before, _] = stretch(Period::Next(Unit::FiscalYear), &[3]);
    assert_eq!(from.as_deref(), Some("2027-01-01T00:00"));
    assert_eq!(before.as_deref(), Some("2030-01-01T00:00"));
}

#[test]
fn older_than_ends_at_a_midnight_or_to_the_minute() {
    let older = |unit, count| {
        let [from, before, until] = stretch(Period::Older(unit), &[count]);
        assert_eq!((from, until), (None, None));
        before.unwrap()
    };
    assert_eq!(older(Unit::Minute, 15), "2026-02-17T15:15");
    assert_eq!(older(Unit::Hour, 3), "2026-02-17T12:30");
    assert_eq!(older(Unit::Day, 1), "2026-02-16T00:00");
    assert_eq!(older(Unit::Week, 1), "2026-02-10T00:00");
    assert_eq!(older(Unit::Month, 1), "2026-01-17T00:00");
    assert_eq!(older(Unit::Year, 1), "2025-02-17T00:00");
}

#[test]
fn times_that_no_database_can_hold_are_refused() {
    let now = "2026-02-17T15:30:45Z".parse().unwrap();
    for count in [3000, 9999, i64::MAX, i64::MIN + 1] {
        assert_eq!(Period::Last(Unit::Year).stretch(now, &[count]), None);
    }
    assert_eq!(Period::Next(Unit::Day).stretch(now, &[i64::MAX]), None);
    assert_eq!(Period::Next(Unit::FiscalPeriod).stretch(now, &[i64::MAX]), None);
    assert_eq!(Period::FiscalYear.stretch(now, &[0]), None);
    assert_eq!(Period::FiscalPeriodAndYear.stretch(now, &[5, 2026]), None);
}
