//! A checked condition to SQL. Every value is a bound parameter; the only text that enters the
//! statement is column names from the table definitions.

use sqlx::{QueryBuilder, Sqlite};

use super::ast::{ColumnRef, Comparison, Expr, Operand, Value};
use super::pattern::glob;

pub(crate) type Builder = QueryBuilder<Sqlite>;

/// Text as it is compared: without case. The `…__fold` columns hold this. Letter by letter, because
/// lower-casing a whole text makes a final sigma of what is none in a longer one.
pub(crate) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

pub(crate) fn push_value(builder: &mut Builder, value: &Value) {
    match value {
        Value::Null => builder.push("NULL"),
        Value::Integer(number) => builder.push_bind(*number),
        Value::Real(number) => builder.push_bind(*number),
        Value::Text(text) => builder.push_bind(text.clone()),
    };
}

/// Adds `expr`. With `negated` comparisons with NULL come out false instead of NULL, so that the
/// `not` around them holds, as OData has it.
pub(crate) fn push_expr(builder: &mut Builder, expr: &Expr, negated: bool) {
    match expr {
        Expr::Or(parts) => push_joined(builder, parts, " OR ", negated),
        Expr::And(parts) => push_joined(builder, parts, " AND ", negated),
        Expr::Not(inner) => {
            builder.push("NOT (");
            push_expr(builder, inner, true);
            builder.push(")");
        }
        Expr::Compare { left, op, right } => push_comparison(builder, left, *op, right, negated),
        Expr::Match { kind, column, value } => {
            match glob(*kind, &folded(value)) {
                Some(pattern) => {
                    push_column(builder, column);
                    builder.push(" GLOB ").push_bind(pattern);
                }
                None => {
                    builder.push("0");
                }
            };
        }
    }
}

fn push_joined(builder: &mut Builder, parts: &[Expr], joint: &str, negated: bool) {
    builder.push("(");
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            builder.push(joint);
        }
        push_expr(builder, part, negated);
    }
    builder.push(")");
}

fn push_comparison(
    builder: &mut Builder,
    left: &Operand,
    op: Comparison,
    right: &Operand,
    negated: bool,
) {
    let folds = [left, right]
        .iter()
        .any(|operand| matches!(operand, Operand::Column(ColumnRef { text: true, .. })));
    let sign = match op {
        Comparison::Eq => " IS ",
        Comparison::Ne => " IS NOT ",
        Comparison::Gt => " > ",
        Comparison::Ge => " >= ",
        Comparison::Lt => " < ",
        Comparison::Le => " <= ",
    };
    let can_be_null = negated && !matches!(op, Comparison::Eq | Comparison::Ne);
    builder.push(if can_be_null { "COALESCE(" } else { "(" });
    push_operand(builder, left, folds);
    builder.push(sign);
    push_operand(builder, right, folds);
    builder.push(if can_be_null { ", 0)" } else { ")" });
}

fn push_operand(builder: &mut Builder, operand: &Operand, folds: bool) {
    match operand {
        Operand::Column(column) => push_column(builder, column),
        Operand::Value(Value::Text(text)) if folds => {
            builder.push_bind(folded(text));
        }
        Operand::Value(value) => push_value(builder, value),
    }
}

fn push_column(builder: &mut Builder, column: &ColumnRef) {
    let fold = if column.text { "__fold" } else { "" };
    builder.push(format_args!("t.\"{}{fold}\"", column.name));
}
