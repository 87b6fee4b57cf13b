//! The names of the operators: one row an operator, its name in FetchXML, its name in the SDK, and
//! whether the Web API has a query function of the latter name.
//!
//! Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/operators and
//! …/webapi/reference/queryfunctions.

use super::ast::{Comparison, MatchKind};
use super::operators::Operator;
use super::periods::{Period, Unit};

pub(crate) struct Name {
    pub(crate) fetch: Option<&'static str>,
    /// In the SDK's `ConditionOperator`.
    pub(crate) name: &'static str,
    pub(crate) function: bool,
    pub(crate) operator: Operator,
}

const fn both(fetch: &'static str, name: &'static str, operator: Operator) -> Name {
    Name { fetch: Some(fetch), name, function: true, operator }
}

const fn fetch_only(fetch: &'static str, name: &'static str, operator: Operator) -> Name {
    Name { fetch: Some(fetch), name, function: false, operator }
}

const fn function_only(name: &'static str, operator: Operator) -> Name {
    Name { fetch: None, name, function: true, operator }
}

const fn at(unit: Unit, offset: i64) -> Operator {
    Operator::Period(Period::At { unit, offset })
}

const fn hierarchy(below: bool, with_root: bool, negated: bool) -> Operator {
    Operator::Hierarchy { below, with_root, negated }
}

const fn matches(kind: MatchKind, negated: bool) -> Operator {
    Operator::Match { kind, negated }
}

/// Where two names mean the same, the one that errors use comes first.
pub(crate) const NAMES: &[Name] = &[
    fetch_only("eq", "Equal", Operator::Compare(Comparison::Eq)),
    fetch_only("ne", "NotEqual", Operator::Compare(Comparison::Ne)),
    fetch_only("neq", "NotEqual", Operator::Compare(Comparison::Ne)),
    fetch_only("gt", "GreaterThan", Operator::Compare(Comparison::Gt)),
    fetch_only("ge", "GreaterEqual", Operator::Compare(Comparison::Ge)),
    fetch_only("lt", "LessThan", Operator::Compare(Comparison::Lt)),
    fetch_only("le", "LessEqual", Operator::Compare(Comparison::Le)),
    fetch_only("null", "Null", Operator::Null { negated: false }),
    fetch_only("not-null", "NotNull", Operator::Null { negated: true }),
    fetch_only("like", "Like", matches(MatchKind::Like, false)),
    fetch_only("not-like", "NotLike", matches(MatchKind::Like, true)),
    fetch_only("begins-with", "BeginsWith", matches(MatchKind::StartsWith, false)),
    fetch_only("not-begin-with", "DoesNotBeginWith", matches(MatchKind::StartsWith, true)),
    fetch_only("ends-with", "EndsWith", matches(MatchKind::EndsWith, false)),
    fetch_only("not-end-with", "DoesNotEndWith", matches(MatchKind::EndsWith, true)),
    function_only("Contains", matches(MatchKind::Contains, false)),
    both("in", "In", Operator::In { negated: false }),
    both("not-in", "NotIn", Operator::In { negated: true }),
    both("between", "Between", Operator::Between { negated: false }),
    both("not-between", "NotBetween", Operator::Between { negated: true }),
    both("contain-values", "ContainValues", Operator::Choices { negated: false }),
    both("not-contain-values", "DoesNotContainValues", Operator::Choices { negated: true }),
    both("on", "On", Operator::On),
    both("on-or-after", "OnOrAfter", Operator::OnOrAfter),
    both("on-or-before", "OnOrBefore", Operator::OnOrBefore),
    both("eq-userid", "EqualUserId", Operator::User { negated: false }),
    both("ne-userid", "NotEqualUserId", Operator::User { negated: true }),
    both("eq-businessid", "EqualBusinessId", Operator::Business { negated: false }),
    both("ne-businessid", "NotEqualBusinessId", Operator::Business { negated: true }),
    function_only("EqualRoleBusinessId", Operator::Business { negated: false }),
    both("eq-userlanguage", "EqualUserLanguage", Operator::Language),
    both("eq-userteams", "EqualUserTeams", Operator::Teams { with_user: false }),
    both("eq-useroruserteams", "EqualUserOrUserTeams", Operator::Teams { with_user: true }),
    both(
        "eq-useroruserhierarchy",
        "EqualUserOrUserHierarchy",
        Operator::Reports { with_teams: false },
    ),
    both(
        "eq-useroruserhierarchyandteams",
        "EqualUserOrUserHierarchyAndTeams",
        Operator::Reports { with_teams: true },
    ),
    both("above", "Above", hierarchy(false, false, false)),
    both("eq-or-above", "AboveOrEqual", hierarchy(false, true, false)),
    both("under", "Under", hierarchy(true, false, false)),
    both("eq-or-under", "UnderOrEqual", hierarchy(true, true, false)),
    both("not-under", "NotUnder", hierarchy(true, false, true)),
    both("yesterday", "Yesterday", at(Unit::Day, -1)),
    both("today", "Today", at(Unit::Day, 0)),
    both("tomorrow", "Tomorrow", at(Unit::Day, 1)),
    both("last-week", "LastWeek", at(Unit::Week, -1)),
    both("this-week", "ThisWeek", at(Unit::Week, 0)),
    both("next-week", "NextWeek", at(Unit::Week, 1)),
    both("last-month", "LastMonth", at(Unit::Month, -1)),
    both("this-month", "ThisMonth", at(Unit::Month, 0)),
    both("next-month", "NextMonth", at(Unit::Month, 1)),
    both("last-year", "LastYear", at(Unit::Year, -1)),
    both("this-year", "ThisYear", at(Unit::Year, 0)),
    both("next-year", "NextYear", at(Unit::Year, 1)),
    both("last-fiscal-period", "LastFiscalPeriod", at(Unit::FiscalPeriod, -1)),
    both("this-fiscal-period", "ThisFiscalPeriod", at(Unit::FiscalPeriod, 0)),
    both("next-fiscal-period", "NextFiscalPeriod", at(Unit::FiscalPeriod, 1)),
    both("last-fiscal-year", "LastFiscalYear", at(Unit::FiscalYear, -1)),
    both("this-fiscal-year", "ThisFiscalYear", at(Unit::FiscalYear, 0)),
    both("next-fiscal-year", "NextFiscalYear", at(Unit::FiscalYear, 1)),
    both("last-seven-days", "Last7Days", Operator::Period(Period::LastSevenDays)),
    both("next-seven-days", "Next7Days", Operator::Period(Period::NextSevenDays)),
    both("last-x-hours", "LastXHours", Operator::Period(Period::Last(Unit::Hour))),
    both("last-x-days", "LastXDays", Operator::Period(Period::Last(Unit::Day))),
    both("last-x-weeks", "LastXWeeks", Operator::Period(Period::Last(Unit::Week))),
    both("last-x-months", "LastXMonths", Operator::Period(Period::Last(Unit::Month))),
    both("last-x-years", "LastXYears", Operator::Period(Period::Last(Unit::Year))),
    both(
        "last-x-fiscal-periods",
        "LastXFiscalPeriods",
        Operator::Period(Period::Last(Unit::FiscalPeriod)),
    ),
    both(
        "last-x-fiscal-years",
        "LastXFiscalYears",
        Operator::Period(Period::Last(Unit::FiscalYear)),
    ),
    both("next-x-hours", "NextXHours", Operator::Period(Period::Next(Unit::Hour))),
    both("next-x-days", "NextXDays", Operator::Period(Period::Next(Unit::Day))),
    both("next-x-weeks", "NextXWeeks", Operator::Period(Period::Next(Unit::Week))),
    both("next-x-months", "NextXMonths", Operator::Period(Period::Next(Unit::Month))),
    both("next-x-years", "NextXYears", Operator::Period(Period::Next(Unit::Year))),
    both(
        "next-x-fiscal-periods",
        "NextXFiscalPeriods",
        Operator::Period(Period::Next(Unit::FiscalPeriod)),
    ),
    both(
        "next-x-fiscal-years",
        "NextXFiscalYears",
        Operator::Period(Period::Next(Unit::FiscalYear)),
    ),
    both("olderthan-x-minutes", "OlderThanXMinutes", Operator::Period(Period::Older(Unit::Minute))),
    both("olderthan-x-hours", "OlderThanXHours", Operator::Period(Period::Older(Unit::Hour))),
    both("olderthan-x-days", "OlderThanXDays", Operator::Period(Period::Older(Unit::Day))),
    both("olderthan-x-weeks", "OlderThanXWeeks", Operator::Period(Period::Older(Unit::Week))),
    both("olderthan-x-months", "OlderThanXMonths", Operator::Period(Period::Older(Unit::Month))),
    both("olderthan-x-years", "OlderThanXYears", Operator::Period(Period::Older(Unit::Year))),
    both("in-fiscal-year", "InFiscalYear", Operator::Period(Period::FiscalYear)),
    both("in-fiscal-period", "InFiscalPeriod", Operator::Period(Period::FiscalQuarter)),
    both(
        "in-fiscal-period-and-year",
        "InFiscalPeriodAndYear",
        Operator::Period(Period::FiscalPeriodAndYear),
    ),
    both(
        "in-or-before-fiscal-period-and-year",
        "InOrBeforeFiscalPeriodAndYear",
        Operator::Period(Period::UntilFiscalPeriodAndYear),
    ),
    both(
        "in-or-after-fiscal-period-and-year",
        "InOrAfterFiscalPeriodAndYear",
        Operator::Period(Period::SinceFiscalPeriodAndYear),
    ),
];
