//! A checked condition to SQL. Every value is a bound parameter; the only text that enters the
//! statement is names from the schema and subqueries made of them.

use sqlx::{QueryBuilder, Sqlite};

use super::super::schema::{Collection, Kind};
use super::super::storage::table_of;
use super::ast::{ColumnRef, Comparison, Expr, Hop, Operand, RowRef, Value};
use super::pattern::regex;

pub(crate) type Builder = QueryBuilder<Sqlite>;

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
        Expr::Constant(truth) => {
            builder.push(if *truth { "1" } else { "0" });
        }
        Expr::Or(parts) => push_joined(builder, parts, " OR ", negated),
        Expr::And(parts) => push_joined(builder, parts, " AND ", negated),
        Expr::Not(inner) => {
            builder.push("NOT (");
            push_expr(builder, inner, true);
            builder.push(")");
        }
        Expr::Compare { left, op, right } => push_comparison(builder, left, *op, right, negated),
        Expr::Match { kind, column, value } => match regex(*kind, value) {
            Some(pattern) => guarded(builder, negated, |builder| {
                push_column(builder, column);
                builder.push(" REGEXP ").push_bind(pattern);
            }),
            None => {
                builder.push("0");
            }
        },
        Expr::OneOf { column, values } => {
            guarded(builder, negated, |builder| push_one_of(builder, column, values));
        }
        Expr::Holds { column, values } => push_holds(builder, column, values),
        Expr::Related { all, from, collection, alias, inner } => {
            push_related(builder, *all, from, (collection, alias), inner.as_deref());
        }
        Expr::Hierarchy { .. } => {
            guarded(builder, negated, |builder| push_hierarchy(builder, expr))
        }
        Expr::Subquery { column, sql, value } => guarded(builder, negated, |builder| {
            push_column(builder, column);
            let (before, after) = sql.split_once('?').unwrap_or((sql, ""));
            builder.push(" IN (").push(before);
            push_value(builder, value);
            builder.push(after).push(")");
        }),
    }
}

/// Within a `not` a condition on NULL must be false. Elsewhere it may be NULL as well, and has to be left as
/// it is for an index to be used.
fn guarded(builder: &mut Builder, negated: bool, condition: impl FnOnce(&mut Builder)) {
    builder.push(if negated { "COALESCE(" } else { "(" });
    condition(builder);
    builder.push(if negated { ", 0)" } else { ")" });
}

fn push_joined(builder: &mut Builder, parts: &[Expr], joint: &str, negated: bool) {
    if parts.is_empty() {
        builder.push(if joint == " AND " { "1" } else { "0" });
        return;
    }
    builder.push("(");
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            builder.push(joint);
        }
        push_expr(builder, part, negated);
    }
    builder.push(")");
}

/// `=` and not `IS` where nothing else depends on it: only with `=` the partial indexes are used.
fn push_comparison(
    builder: &mut Builder,
    left: &Operand,
    op: Comparison,
    right: &Operand,
    negated: bool,
) {
    let columns = matches!((left, right), (Operand::Column(_), Operand::Column(_)));
    let null = [left, right].iter().any(|operand| **operand == Operand::Value(Value::Null));
    let sign = match op {
        Comparison::Eq if null || columns || negated => " IS ",
        Comparison::Eq => " = ",
        Comparison::Ne => " IS NOT ",
        Comparison::Gt => " > ",
        Comparison::Ge => " >= ",
        Comparison::Lt => " < ",
        Comparison::Le => " <= ",
    };
    let can_be_null = negated && !matches!(op, Comparison::Eq | Comparison::Ne);
    guarded(builder, can_be_null, |builder| {
        push_operand(builder, left);
        builder.push(sign);
        push_operand(builder, right);
    });
}

fn push_operand(builder: &mut Builder, operand: &Operand) {
    match operand {
        Operand::Column(column) => push_column(builder, column),
        Operand::Value(value) => push_value(builder, value),
    }
}

/// Adds a column, through the lookups that lead to it.
pub(crate) fn push_column(builder: &mut Builder, column: &ColumnRef) {
    builder.push(through(&column.alias, &column.hops, &column.name, 0));
    if column.kind.is_text() {
        builder.push(" COLLATE DATAVERSE");
    }
}

/// A column of the row to which `hops` lead, as an SQL expression.
fn through(alias: &str, hops: &[Hop], name: &str, depth: usize) -> String {
    let Some((hop, rest)) = hops.split_first() else {
        return format!("{alias}.\"{name}\"");
    };
    let next = format!("h{depth}");
    let inner = through(&next, rest, name, depth + 1);
    let found = hop.targets.iter().map(|(table, key)| {
        format!(
            "(SELECT {inner} FROM \"{table}\" AS {next} WHERE {next}.\"{key}\" = {alias}.\"{}\")",
            hop.lookup
        )
    });
    let found: Vec<String> = found.collect();
    match found.as_slice() {
        [one] => one.clone(),
        _ => format!("COALESCE({}, NULL)", found.join(", ")),
    }
}

fn push_one_of(builder: &mut Builder, column: &ColumnRef, values: &[Value]) {
    push_column(builder, column);
    builder.push(" IN (");
    for (at, value) in values.iter().enumerate() {
        builder.push(if at == 0 { "" } else { ", " });
        push_value(builder, value);
    }
    builder.push(")");
}

fn push_holds(builder: &mut Builder, column: &ColumnRef, values: &[i64]) {
    builder.push("(0");
    for value in values {
        builder.push(" OR instr(',' || COALESCE(");
        push_column(builder, column);
        builder.push(", '') || ',', ").push_bind(format!(",{value},")).push(") > 0");
    }
    builder.push(")");
}

fn push_related(
    builder: &mut Builder,
    all: bool,
    from: &RowRef,
    (collection, alias): (&Collection, &str),
    inner: Option<&Expr>,
) {
    let key = through(&from.alias, &from.hops, &from.key, 0);
    builder.push(if all { "NOT EXISTS (" } else { "EXISTS (" });
    builder.push(format!("SELECT 1 FROM {} WHERE ", joined(collection, alias)));
    builder.push(format!("{} = {key}", owner_of(collection, alias)));
    if let Some(inner) = inner {
        builder.push(if all { " AND NOT " } else { " AND " });
        guarded(builder, all, |builder| push_expr(builder, inner, all));
    }
    builder.push(")");
}

/// The rows of a collection under `alias`, with what links them to their owner.
pub(crate) fn joined(collection: &Collection, alias: &str) -> String {
    match collection {
        Collection::OneToMany { table, .. } => format!("\"{table}\" AS {alias}"),
        Collection::ManyToMany { table, relation, there, key, .. } => format!(
            "\"{table}\" AS {alias} JOIN \"{relation}\" AS {alias}_n ON {alias}_n.\"{there}\" = {alias}.\"{key}\""
        ),
    }
}

/// The key of the row that owns a row of a collection.
pub(crate) fn owner_of(collection: &Collection, alias: &str) -> String {
    match collection {
        Collection::OneToMany { column, .. } => format!("{alias}.\"{column}\""),
        Collection::ManyToMany { here, .. } => format!("{alias}_n.\"{here}\""),
    }
}

fn push_hierarchy(builder: &mut Builder, expr: &Expr) {
    let Expr::Hierarchy { column, table, key, parent, root, below, with_root } = expr else {
        return;
    };
    push_column(builder, column);
    let step = match below {
        true => format!(
            "SELECT r.\"{key}\" FROM \"{table}\" AS r JOIN line ON r.\"{parent}\" = line.id"
        ),
        false => format!(
            "SELECT r.\"{parent}\" FROM \"{table}\" AS r JOIN line ON r.\"{key}\" = line.id"
        ),
    };
    builder.push(" IN (WITH RECURSIVE line(id) AS (SELECT ").push_bind(root.clone());
    builder.push(format!(" UNION {step}) SELECT id FROM line WHERE id IS NOT NULL"));
    if !with_root {
        builder.push(" AND id <> ").push_bind(root.clone());
    }
    builder.push(")");
}

/// The primary name of the row that a lookup points to, as an SQL expression.
pub(crate) fn name_of_target(
    schema: &super::super::schema::Schema,
    alias: &str,
    lookup: &str,
    kind: &Kind,
) -> String {
    let Kind::Lookup(targets) = kind else {
        return "NULL".to_owned();
    };
    let targets = targets.iter().filter_map(|target| schema.by_logical(target));
    let names = targets.filter(|target| !target.name.is_empty()).map(|target| {
        format!(
            "WHEN '{}' THEN (SELECT n.\"{}\" FROM \"{}\" AS n WHERE n.\"{}\" = {alias}.\"{lookup}\")",
            target.logical, target.name, target.logical, target.key
        )
    });
    let names: Vec<String> = names.collect();
    match names.is_empty() {
        true => "NULL".to_owned(),
        false => format!("CASE {alias}.\"{}\" {} END", table_of(lookup), names.join(" ")),
    }
}
