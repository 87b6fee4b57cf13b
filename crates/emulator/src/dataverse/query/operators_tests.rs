//! The names of operators in FetchXML and as query functions.

use std::collections::HashSet;

use super::super::operator_names::NAMES;
use super::*;

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/queryfunctions
const FUNCTIONS: &str = "Above AboveOrEqual Between Contains ContainValues DoesNotContainValues \
    EqualBusinessId EqualRoleBusinessId EqualUserId EqualUserLanguage EqualUserOrUserHierarchy \
    EqualUserOrUserHierarchyAndTeams EqualUserOrUserTeams EqualUserTeams In InFiscalPeriod \
    InFiscalPeriodAndYear InFiscalYear InOrAfterFiscalPeriodAndYear InOrBeforeFiscalPeriodAndYear \
    Last7Days LastFiscalPeriod LastFiscalYear LastMonth LastWeek LastXDays LastXFiscalPeriods \
    LastXFiscalYears LastXHours LastXMonths LastXWeeks LastXYears LastYear Next7Days \
    NextFiscalPeriod NextFiscalYear NextMonth NextWeek NextXDays NextXFiscalPeriods \
    NextXFiscalYears NextXHours NextXMonths NextXWeeks NextXYears NextYear NotBetween \
    NotEqualBusinessId NotEqualUserId NotIn NotUnder OlderThanXDays OlderThanXHours \
    OlderThanXMinutes OlderThanXMonths OlderThanXWeeks OlderThanXYears On OnOrAfter OnOrBefore \
    ThisFiscalPeriod ThisFiscalYear ThisMonth ThisWeek ThisYear Today Tomorrow Under UnderOrEqual \
    Yesterday";

// Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/operators
const OPERATORS: &str = "above begins-with between contain-values ends-with eq eq-businessid \
    eq-or-above eq-or-under eq-userid eq-userlanguage eq-useroruserhierarchy \
    eq-useroruserhierarchyandteams eq-useroruserteams eq-userteams ge gt in in-fiscal-period \
    in-fiscal-period-and-year in-fiscal-year in-or-after-fiscal-period-and-year \
    in-or-before-fiscal-period-and-year last-fiscal-period last-fiscal-year last-month \
    last-seven-days last-week last-x-days last-x-fiscal-periods last-x-fiscal-years last-x-hours \
    last-x-months last-x-weeks last-x-years last-year le like lt ne ne-businessid ne-userid neq \
    next-fiscal-period next-fiscal-year next-month next-seven-days next-week next-x-days \
    next-x-fiscal-periods next-x-fiscal-years next-x-hours next-x-months next-x-weeks next-x-years \
    next-year not-begin-with not-between not-contain-values not-end-with not-in not-like not-null \
    not-under null olderthan-x-days olderthan-x-hours olderthan-x-minutes olderthan-x-months \
    olderthan-x-weeks olderthan-x-years on on-or-after on-or-before this-fiscal-period \
    this-fiscal-year this-month this-week this-year today tomorrow under yesterday";

#[test]
fn every_documented_name_is_known_and_no_other() {
    for name in FUNCTIONS.split_whitespace() {
        assert!(Operator::from_function(name).is_some(), "{name}");
    }
    for name in OPERATORS.split_whitespace() {
        assert!(Operator::from_fetch(name).is_some(), "{name}");
    }
    assert_eq!(
        NAMES.iter().filter(|row| row.function).count(),
        FUNCTIONS.split_whitespace().count()
    );
    let fetch: HashSet<&str> = NAMES.iter().filter_map(|row| row.fetch).collect();
    assert_eq!(fetch.len(), OPERATORS.split_whitespace().count());
    assert_eq!(Operator::from_function("Equal"), None);
    assert_eq!(Operator::from_fetch("EQ"), None);
}

#[test]
fn a_function_and_its_operator_are_one_thing() {
    assert_eq!(Operator::from_fetch("eq-or-under"), Operator::from_function("UnderOrEqual"));
    assert_eq!(Operator::from_fetch("last-x-hours"), Operator::from_function("LastXHours"));
    assert_eq!(Operator::from_fetch("neq"), Operator::from_fetch("ne"));
    assert_eq!(Operator::from_fetch("neq").unwrap().name(), "NotEqual");
    for row in NAMES.iter().filter(|row| row.name != "EqualRoleBusinessId") {
        assert_eq!(row.operator.name(), row.name);
    }
}

// Source: …/webapi/reference/{between,in,infiscalperiodandyear,lastxdays,today}
#[test]
fn parameters_are_the_documented_ones() {
    let of = |name| Operator::from_function(name).unwrap().parameters();
    assert_eq!(of("Between"), Parameters::Pair);
    assert_eq!(of("In"), Parameters::Many);
    assert_eq!(of("ContainValues"), Parameters::Many);
    assert_eq!(of("InFiscalPeriodAndYear"), Parameters::Two);
    assert_eq!(of("LastXDays"), Parameters::One);
    assert_eq!(of("InFiscalYear"), Parameters::One);
    assert_eq!(of("Under"), Parameters::One);
    assert_eq!(of("Today"), Parameters::None);
    assert_eq!(of("Last7Days"), Parameters::None);
    assert_eq!(of("EqualUserTeams"), Parameters::None);
}
