//! An operator and its values to a condition on a column, after both were checked against the column.
//!
//! Opposites (`ne`, `not-in`, `not-like`, …) hold for rows without a value too, as Dataverse has it.

use http::StatusCode;
use jiff::civil::DateTime;

use super::super::errors::DataverseError;
use super::super::schema::{Kind, Schema, Table};
use super::super::values;
use super::ast::{ColumnRef, Comparison, Expr, MatchKind, Operand, Value};
use super::context::Context;
use super::hierarchies;
use super::operators::Operator;
use super::periods::{Period, Stretch, midnight};

/// The language of every user of the emulator: English.
const LANGUAGE: i64 = 1033;

/// Checks `operator` and `values` against `column` of `table`.
pub(crate) fn condition(
    schema: &Schema,
    table: &Table,
    column: ColumnRef,
    operator: Operator,
    values: &[String],
    context: &Context,
) -> Result<Expr, DataverseError> {
    let subject = Subject { schema, table, column, operator };
    if !operator.parameters().fit(values.len()) {
        return Err(subject.wrong_count(values.len()));
    }
    let expr = match operator {
        Operator::Compare(op) => subject.compare(op, subject.value(values.first())?),
        Operator::Null { negated } => {
            subject.compare(if negated { Comparison::Ne } else { Comparison::Eq }, Value::Null)
        }
        Operator::Match { kind, negated } => {
            let value = values.first().cloned().unwrap_or_default();
            opposite(subject.matches(kind, value)?, negated)
        }
        Operator::In { negated } => {
            let found: Result<Vec<Value>, _> =
                values.iter().map(|value| subject.value(Some(value))).collect();
            opposite(Expr::OneOf { column: subject.column.clone(), values: found? }, negated)
        }
        Operator::Between { negated } => opposite(subject.between(values)?, negated),
        Operator::Choices { negated } => opposite(subject.holds(values)?, negated),
        Operator::On | Operator::OnOrAfter | Operator::OnOrBefore => subject.on(values.first())?,
        Operator::Period(period) => subject.period(period, values, context)?,
        Operator::User { negated } => subject.id(&context.user, negated)?,
        Operator::Business { negated } => subject.id(&context.business_unit, negated)?,
        Operator::Language if subject.column.kind.edm() == "Edm.Int32" => {
            subject.compare(Comparison::Eq, Value::Integer(LANGUAGE))
        }
        Operator::Language => return Err(subject.unsupported()),
        Operator::Teams { with_user: false } => {
            subject.of_user(hierarchies::teams, &context.user)?
        }
        Operator::Teams { with_user: true } => {
            let teams = subject.of_user(hierarchies::teams, &context.user)?;
            Expr::Or(vec![subject.id(&context.user, false)?, teams])
        }
        Operator::Reports { with_teams: false } => {
            subject.of_user(hierarchies::reports, &context.user)?
        }
        Operator::Reports { with_teams: true } => {
            let teams = subject.of_user(hierarchies::teams_of_reports, &context.user)?;
            Expr::Or(vec![subject.of_user(hierarchies::reports, &context.user)?, teams])
        }
        Operator::Hierarchy { below, with_root, negated } => {
            let root = subject.value(values.first())?;
            opposite(subject.hierarchy(below, with_root, root)?, negated)
        }
    };
    Ok(expr)
}

/// `left` against `right`, two columns of one type: FetchXML's `valueof`.
pub(crate) fn column_comparison(
    (table, left): (&Table, ColumnRef),
    operator: Operator,
    right: ColumnRef,
) -> Result<Expr, DataverseError> {
    let Operator::Compare(op) = operator else {
        return Err(unsupported(table, &left, operator));
    };
    if left.kind.edm() != right.kind.edm() {
        let message = format!(
            "Condition for attribute '{}': the columns '{}' and '{}' are not of the same type.",
            qualified(table, &left),
            left.name,
            right.name
        );
        return Err(invalid(message));
    }
    Ok(Expr::Compare { left: Operand::Column(left), op, right: Operand::Column(right) })
}

struct Subject<'a> {
    schema: &'a Schema,
    table: &'a Table,
    column: ColumnRef,
    operator: Operator,
}

impl Subject<'_> {
    fn value(&self, text: Option<&String>) -> Result<Value, DataverseError> {
        let kind = &self.column.kind;
        let text = text.map(String::as_str).unwrap_or_default();
        let found = match kind {
            Kind::Choices(_) => choices(text).map(Value::Text),
            _ => values::from_text(text, kind),
        };
        let whole = matches!(kind.edm(), "Edm.Int32" | "Edm.Int64");
        let found = found.filter(|value| !(whole && matches!(value, Value::Real(_))));
        found.ok_or_else(|| self.wrong_type(clr(kind)))
    }

    fn compare(&self, op: Comparison, value: Value) -> Expr {
        let left = Operand::Column(self.column.clone());
        Expr::Compare { left, op, right: Operand::Value(value) }
    }

    fn matches(&self, kind: MatchKind, value: String) -> Result<Expr, DataverseError> {
        match self.column.kind.is_text() {
            true => Ok(Expr::Match { kind, column: self.column.clone(), value }),
            false => Err(self.unsupported()),
        }
    }

    fn between(&self, values: &[String]) -> Result<Expr, DataverseError> {
        let kind = &self.column.kind;
        if !kind.is_number() && !kind.is_time() && !kind.is_text() {
            return Err(self.unsupported());
        }
        let from = self.compare(Comparison::Ge, self.value(values.first())?);
        let until = self.compare(Comparison::Le, self.value(values.get(1))?);
        Ok(Expr::And(vec![from, until]))
    }

    fn holds(&self, values: &[String]) -> Result<Expr, DataverseError> {
        if !matches!(self.column.kind, Kind::Choices(_)) {
            return Err(self.unsupported());
        }
        let numbers: Result<Vec<i64>, _> = values.iter().map(|text| text.trim().parse()).collect();
        let values = numbers.map_err(|_| self.wrong_type("System.Int32"))?;
        Ok(Expr::Holds { column: self.column.clone(), values })
    }

    fn on(&self, text: Option<&String>) -> Result<Expr, DataverseError> {
        if !self.column.kind.is_time() {
            return Err(self.unsupported());
        }
        let Value::Text(value) = self.value(text)? else {
            return Err(self.wrong_type("System.DateTime"));
        };
        let day = value.get(..10).and_then(|day| day.parse().ok()).map(midnight);
        let day: DateTime = day.ok_or_else(|| self.wrong_type("System.DateTime"))?;
        let after = day.date().tomorrow().map(midnight).ok();
        let (from, before) = match self.operator {
            Operator::OnOrAfter => (Some(day), None),
            Operator::OnOrBefore => (None, after),
            _ => (Some(day), after),
        };
        Ok(self.within(Stretch { from, before, until: None }))
    }

    fn period(
        &self,
        period: Period,
        values: &[String],
        context: &Context,
    ) -> Result<Expr, DataverseError> {
        let dateless = self.column.kind == Kind::Date && period.is_time();
        if !self.column.kind.is_time() || dateless {
            return Err(self.unsupported());
        }
        let numbers: Result<Vec<i64>, _> = values.iter().map(|text| text.trim().parse()).collect();
        let numbers = numbers.map_err(|_| self.wrong_type("System.Int32"))?;
        if period.counts() && numbers.first().is_some_and(|count| *count <= 0) {
            let message = "A value greater than zero must be specified.";
            return Err(DataverseError::new(StatusCode::BAD_REQUEST, "0x8004110c", message));
        }
        if period == Period::FiscalQuarter {
            return self.quarter(numbers.first().copied().unwrap_or_default());
        }
        match period.stretch(context.now, &numbers) {
            Some(stretch) => Ok(self.within(stretch)),
            None => Err(self.out_of_range()),
        }
    }

    /// A quarter of any year, by the months in the text of the date.
    fn quarter(&self, period: i64) -> Result<Expr, DataverseError> {
        if !(1..=4).contains(&period) {
            return Err(self.out_of_range());
        }
        let months = (period * 3 - 2)..=(period * 3);
        let parts = months.map(|month| Expr::Match {
            kind: MatchKind::Like,
            column: self.column.clone(),
            value: format!("____-{month:02}-%"),
        });
        Ok(Expr::Or(parts.collect()))
    }

    fn within(&self, stretch: Stretch) -> Expr {
        let is_date = self.column.kind == Kind::Date;
        let text = |at: DateTime| {
            let pattern = if is_date { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%SZ" };
            Value::Text(at.strftime(pattern).to_string())
        };
        let mut parts = Vec::new();
        if let Some(from) = stretch.from {
            // A date is its midnight: one that has begun already does not lie ahead.
            let begun = is_date && from != midnight(from.date());
            let op = if begun { Comparison::Gt } else { Comparison::Ge };
            parts.push(self.compare(op, text(from)));
        }
        if let Some(before) = stretch.before {
            parts.push(self.compare(Comparison::Lt, text(before)));
        }
        if let Some(until) = stretch.until {
            parts.push(self.compare(Comparison::Le, text(until)));
        }
        Expr::And(parts)
    }

    fn id(&self, id: &str, negated: bool) -> Result<Expr, DataverseError> {
        if self.column.kind.edm() != "Edm.Guid" {
            return Err(self.unsupported());
        }
        let op = if negated { Comparison::Ne } else { Comparison::Eq };
        Ok(self.compare(op, Value::Text(id.to_owned())))
    }

    /// What holds of keys alone, the caller's user id at hand.
    fn of_user(
        &self,
        expr: fn(&Schema, &ColumnRef, &str) -> Expr,
        user: &str,
    ) -> Result<Expr, DataverseError> {
        match self.column.kind.edm() {
            "Edm.Guid" => Ok(expr(self.schema, &self.column, user)),
            _ => Err(self.unsupported()),
        }
    }

    /// The column holds keys of its own table, or of the table that the lookup leads to.
    fn hierarchy(&self, below: bool, with_root: bool, root: Value) -> Result<Expr, DataverseError> {
        let targets: Vec<&Table> = match &self.column.kind {
            Kind::Key => vec![self.table],
            Kind::Lookup(targets) => {
                targets.iter().filter_map(|target| self.schema.by_logical(target)).collect()
            }
            _ => return Err(self.unsupported()),
        };
        let root = if let Value::Text(root) = root { root } else { String::new() };
        let line = hierarchies::line(&self.column, &targets, root, (below, with_root));
        line.ok_or_else(|| {
            let table = targets.first().map_or(self.table.logical.as_str(), |table| &table.logical);
            let message = format!(
                "This query uses a hierarchical operator, but the {table} entity doesn't have a \
                 hierarchical relationship."
            );
            DataverseError::new(StatusCode::BAD_REQUEST, "0x80047020", message)
        })
    }

    fn wrong_count(&self, count: usize) -> DataverseError {
        invalid(format!(
            "The ConditionOperator.{} requires {} value/s, not {count}. Parameter Name: {}",
            self.operator.name(),
            self.operator.parameters().count(),
            logical(self.table, &self.column)
        ))
    }

    fn wrong_type(&self, expected: &str) -> DataverseError {
        invalid(format!(
            "Condition for attribute '{}': expected argument(s) of type '{expected}' but received \
             'System.String'.",
            qualified(self.table, &self.column)
        ))
    }

    fn out_of_range(&self) -> DataverseError {
        invalid(format!(
            "Condition for attribute '{}': the value is out of range.",
            qualified(self.table, &self.column)
        ))
    }

    fn unsupported(&self) -> DataverseError {
        unsupported(self.table, &self.column, self.operator)
    }
}

fn opposite(expr: Expr, negated: bool) -> Expr {
    if negated { Expr::Not(Box::new(expr)) } else { expr }
}

/// A set of choices in the form in which the database holds it.
fn choices(text: &str) -> Option<String> {
    let numbers: Result<Vec<i64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let mut numbers = numbers.ok()?;
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(","))
}

/// The .NET type that Dataverse's errors name.
fn clr(kind: &Kind) -> &'static str {
    match kind.edm() {
        "Edm.Int32" => "System.Int32",
        "Edm.Int64" => "System.Int64",
        "Edm.Decimal" => "System.Decimal",
        "Edm.Double" => "System.Double",
        "Edm.Boolean" => "System.Boolean",
        "Edm.DateTimeOffset" | "Edm.Date" => "System.DateTime",
        "Edm.Guid" => "System.Guid",
        _ => "System.String",
    }
}

fn logical<'a>(table: &'a Table, column: &'a ColumnRef) -> &'a str {
    table.column(&column.name).map_or(column.name.as_str(), |column| column.logical.as_str())
}

fn qualified(table: &Table, column: &ColumnRef) -> String {
    format!("{}.{}", table.logical, logical(table, column))
}

/// An argument that does not fit: 400 `0x80040203`.
fn invalid(message: String) -> DataverseError {
    DataverseError::new(StatusCode::BAD_REQUEST, "0x80040203", message)
}

/// The operator does not go with the type of the column: 400 `0x80041120`.
fn unsupported(table: &Table, column: &ColumnRef, operator: Operator) -> DataverseError {
    let message = format!(
        "Unsupported condition operator. {} can not be applied to attribute '{}', which is of type {}.",
        operator.name(),
        qualified(table, column),
        column.kind.attribute_type(logical(table, column))
    );
    DataverseError::new(StatusCode::BAD_REQUEST, "0x80041120", message)
}

#[cfg(test)]
#[path = "conditions_tests.rs"]
mod tests;
