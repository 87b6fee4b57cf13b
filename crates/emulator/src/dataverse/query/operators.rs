//! The operators of conditions: those of FetchXML and those that the Web API has as query functions,
//! which are the same under other names.
//!
//! Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/operators and
//! …/webapi/reference/queryfunctions. What an operator means is said in [`super::conditions`], what a
//! period is in [`super::periods`]; here are names and what values belong to them.

use super::ast::{Comparison, MatchKind};
use super::periods::Period;

/// What a condition asks of a column. `negated` is the opposite, rows without a value included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Compare(Comparison),
    Null {
        negated: bool,
    },
    Match {
        kind: MatchKind,
        negated: bool,
    },
    In {
        negated: bool,
    },
    Between {
        negated: bool,
    },
    /// A column of several choices holds at least one of the values.
    Choices {
        negated: bool,
    },
    /// On the day of the value.
    On,
    OnOrAfter,
    OnOrBefore,
    Period(Period),
    User {
        negated: bool,
    },
    Business {
        negated: bool,
    },
    Language,
    Teams {
        with_user: bool,
    },
    /// The user and who reports to the user, directly or not.
    Reports {
        with_teams: bool,
    },
    Hierarchy {
        below: bool,
        with_root: bool,
        negated: bool,
    },
}

/// The parameters that a query function takes beside `PropertyName`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameters {
    None,
    /// `PropertyValue`.
    One,
    /// `PropertyValue1` and `PropertyValue2`.
    Two,
    /// `PropertyValues`, exactly two of them.
    Pair,
    /// `PropertyValues`, one or more.
    Many,
}

impl Parameters {
    /// Whether `count` values go with the operator.
    pub(crate) fn fit(self, count: usize) -> bool {
        match self {
            Parameters::None => count == 0,
            Parameters::One => count == 1,
            Parameters::Two | Parameters::Pair => count == 2,
            Parameters::Many => count > 0,
        }
    }

    /// How many values belong to the operator, as an error says it.
    pub(crate) fn count(self) -> &'static str {
        match self {
            Parameters::None => "0",
            Parameters::One => "1",
            Parameters::Two | Parameters::Pair => "2",
            Parameters::Many => "at least 1",
        }
    }
}

impl Operator {
    /// By the value of `operator` in a FetchXML condition.
    pub(crate) fn from_fetch(name: &str) -> Option<Self> {
        let found = super::operator_names::NAMES.iter().find(|row| row.fetch == Some(name));
        found.map(|row| row.operator)
    }

    /// By the name of a query function, without its namespace.
    pub(crate) fn from_function(name: &str) -> Option<Self> {
        let mut rows = super::operator_names::NAMES.iter();
        rows.find(|row| row.function && row.name == name).map(|row| row.operator)
    }

    /// Its name in the SDK's `ConditionOperator`, which Dataverse's errors use.
    pub(crate) fn name(self) -> &'static str {
        let found = super::operator_names::NAMES.iter().find(|row| row.operator == self);
        found.map_or("Unknown", |row| row.name)
    }

    pub(crate) fn parameters(self) -> Parameters {
        match self {
            Operator::Null { .. }
            | Operator::User { .. }
            | Operator::Business { .. }
            | Operator::Language
            | Operator::Teams { .. }
            | Operator::Reports { .. } => Parameters::None,
            Operator::Compare(_)
            | Operator::Match { .. }
            | Operator::On
            | Operator::OnOrAfter
            | Operator::OnOrBefore
            | Operator::Hierarchy { .. } => Parameters::One,
            Operator::Between { .. } => Parameters::Pair,
            Operator::In { .. } | Operator::Choices { .. } => Parameters::Many,
            Operator::Period(period) => match period {
                Period::At { .. } | Period::LastSevenDays | Period::NextSevenDays => {
                    Parameters::None
                }
                Period::FiscalPeriodAndYear
                | Period::UntilFiscalPeriodAndYear
                | Period::SinceFiscalPeriodAndYear => Parameters::Two,
                _ => Parameters::One,
            },
        }
    }
}

#[cfg(test)]
#[path = "operators_tests.rs"]
mod tests;
