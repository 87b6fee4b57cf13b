//! `$apply`: `filter(…)/groupby((…),aggregate(…))`, the subset that Dataverse documents.
//!
//! Source: webapi/query/aggregate-data.

use super::super::errors::DataverseError;
use super::super::schema::Kind;
use super::ast::{ColumnRef, Expr};
use super::expand::split;
use super::lexer::syntax_error;
use super::parser;
use super::scope::Scope;

/// A column to group by, under its name in the answer.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) column: ColumnRef,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Sum,
    Average,
    Min,
    Max,
    CountDistinct,
}

/// An aggregated value; without a column the number of rows.
#[derive(Debug)]
pub(crate) struct Aggregate {
    pub(crate) name: String,
    pub(crate) of: Option<(Method, ColumnRef)>,
}

#[derive(Debug, Default)]
pub(crate) struct Apply {
    pub(crate) filter: Option<Expr>,
    pub(crate) groups: Vec<Group>,
    pub(crate) aggregates: Vec<Aggregate>,
}

pub(crate) fn parse(text: &str, scope: Scope<'_>) -> Result<Apply, DataverseError> {
    let wrong = || syntax_error(text, 0);
    let mut apply = Apply::default();
    let mut filters = Vec::new();
    for step in split(text, '/').ok_or_else(wrong)? {
        if !apply.groups.is_empty() || !apply.aggregates.is_empty() {
            return Err(DataverseError::odata(format!(
                "The transformation '{step}' is not supported after groupby or aggregate."
            )));
        }
        let (name, rest) = step.split_once('(').ok_or_else(wrong)?;
        let inner = rest.trim_end().strip_suffix(')').ok_or_else(wrong)?;
        match name.trim() {
            "filter" => filters.push(parser::parse(inner, scope)?),
            "aggregate" => apply.aggregates = aggregates(inner, scope)?,
            "groupby" => group_by(inner, scope, &mut apply)?,
            other => {
                return Err(DataverseError::odata(format!(
                    "The transformation '{other}' is not supported in $apply."
                )));
            }
        }
    }
    apply.filter = (!filters.is_empty()).then_some(Expr::And(filters));
    Ok(apply)
}

fn group_by(text: &str, scope: Scope<'_>, apply: &mut Apply) -> Result<(), DataverseError> {
    let wrong = || syntax_error(text, 0);
    let parts = split(text, ',').ok_or_else(wrong)?;
    let (columns, rest) = parts.split_first().ok_or_else(wrong)?;
    let columns = columns.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    for path in columns.ok_or_else(wrong)?.split(',').map(str::trim) {
        let column = scope.column(scope.main(), path)?;
        if column.kind.is_time() {
            return Err(DataverseError::odata("groupby with datetime values is not supported."));
        }
        apply.groups.push(Group { name: group_name(&column), column });
    }
    match rest {
        [] => Ok(()),
        [aggregate] => {
            let inner =
                aggregate.strip_prefix("aggregate(").and_then(|text| text.strip_suffix(')'));
            apply.aggregates = aggregates(inner.ok_or_else(wrong)?, scope)?;
            Ok(())
        }
        _ => Err(wrong()),
    }
}

/// `primarycontactid/fullname` is answered as `contact_fullname`.
fn group_name(column: &ColumnRef) -> String {
    let table = column.hops.last().and_then(|hop| hop.targets.first());
    match table {
        Some((table, _)) => format!("{table}_{}", column.name),
        None => column.name.clone(),
    }
}

fn aggregates(text: &str, scope: Scope<'_>) -> Result<Vec<Aggregate>, DataverseError> {
    text.split(',').map(|item| aggregate(item.trim(), scope)).collect()
}

fn aggregate(text: &str, scope: Scope<'_>) -> Result<Aggregate, DataverseError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (of, name) = match words.as_slice() {
        ["$count", "as", name] => (None, name),
        [path, "with", method, "as", name] => {
            let column = scope.column(scope.main(), path)?;
            (Some((method_of(method, &column)?, column)), name)
        }
        _ => return Err(syntax_error(text, 0)),
    };
    if !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Err(syntax_error(text, 0));
    }
    Ok(Aggregate { name: (*name).to_owned(), of })
}

fn method_of(word: &str, column: &ColumnRef) -> Result<Method, DataverseError> {
    let method = match word {
        "sum" => Method::Sum,
        "average" => Method::Average,
        "min" => Method::Min,
        "max" => Method::Max,
        "countdistinct" => Method::CountDistinct,
        other => {
            let message = format!("The aggregation method '{other}' is not supported.");
            return Err(DataverseError::odata(message));
        }
    };
    let fits = match method {
        Method::Sum | Method::Average => column.kind.is_number(),
        Method::Min | Method::Max => column.kind.is_number() || column.kind.is_time(),
        Method::CountDistinct => !matches!(column.kind, Kind::Binary),
    };
    if fits {
        return Ok(method);
    }
    Err(DataverseError::odata(format!(
        "The aggregation method '{word}' can not be used with the property '{}' of type '{}'.",
        column.name,
        column.kind.edm()
    )))
}
