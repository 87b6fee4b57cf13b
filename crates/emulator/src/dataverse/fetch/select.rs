//! The planned query to SQL: joins, conditions, order.

use super::super::errors::DataverseError;
use super::super::query::ast::{ColumnRef, MAIN};
use super::super::query::sql::{Builder, name_of_target, push_column, push_expr};
use super::super::schema::{Kind, Schema, Table};
use super::document::{Entity, LinkType, OrderBy};
use super::fault;
use super::names::Names;
use super::plan::{Join, Node, Test};

/// Adds `FROM … WHERE …`.
pub(crate) fn push_rows(builder: &mut Builder, root: &Node<'_>) {
    builder.push(" FROM ");
    push_from(builder, root);
    builder.push(" WHERE ");
    push_tests(builder, root);
}

fn push_from(builder: &mut Builder, node: &Node<'_>) {
    builder.push(format_args!("\"{}\" AS {}", node.row.table.logical, node.row.sql));
    for child in &node.children {
        let Some(join) = &child.join else { continue };
        builder.push(if join.kind == LinkType::Inner { " JOIN " } else { " LEFT JOIN " });
        // What is linked to a linked row is joined with that row first.
        let nested = !child.children.is_empty();
        builder.push(if nested { "(" } else { "" });
        push_from(builder, child);
        builder.push(if nested { ") ON " } else { " ON " });
        match join.kind {
            LinkType::First => push_first(builder, child, join),
            _ => push_on(builder, child, join),
        }
    }
}

fn push_on(builder: &mut Builder, node: &Node<'_>, join: &Join) {
    push_column(builder, &join.own);
    builder.push(" = ");
    push_column(builder, &join.above);
    builder.push(" AND ");
    push_tests(builder, node);
}

/// One of the linked rows, found under the name that the joined row has outside.
fn push_first(builder: &mut Builder, node: &Node<'_>, join: &Join) {
    let (table, sql, key) = (&node.row.table.logical, &node.row.sql, &node.row.table.key);
    builder.push(format_args!(
        "{sql}.\"{key}\" = (SELECT {sql}.\"{key}\" FROM \"{table}\" AS {sql} WHERE "
    ));
    push_on(builder, node, join);
    builder.push(" ORDER BY 1 LIMIT 1)");
}

fn push_tests(builder: &mut Builder, node: &Node<'_>) {
    builder.push("1");
    for test in &node.tests {
        builder.push(" AND ");
        push_test(builder, test);
    }
    push_visible(builder, node);
}

fn push_visible(builder: &mut Builder, node: &Node<'_>) {
    if node.visible.is_empty() {
        return;
    }
    let (table, sql, key) = (&node.row.table.logical, &node.row.sql, &node.row.table.key);
    builder.push(format_args!(
        " AND {sql}.\"{key}\" IN (SELECT {MAIN}.\"{key}\" FROM \"{table}\" AS {MAIN} WHERE 1"
    ));
    for expr in &node.visible {
        builder.push(" AND ");
        push_expr(builder, expr, false);
    }
    builder.push(")");
}

fn push_test(builder: &mut Builder, test: &Test<'_>) {
    match test {
        Test::Expr(expr) => push_expr(builder, expr, false),
        Test::And(tests) => push_joined(builder, tests, " AND "),
        Test::Or(tests) => push_joined(builder, tests, " OR "),
        Test::Related(node) => push_related(builder, node),
    }
}

fn push_joined(builder: &mut Builder, tests: &[Test<'_>], joint: &str) {
    if tests.is_empty() {
        builder.push("1");
        return;
    }
    builder.push("(");
    for (at, test) in tests.iter().enumerate() {
        builder.push(if at > 0 { joint } else { "" });
        push_test(builder, test);
    }
    builder.push(")");
}

fn push_related(builder: &mut Builder, node: &Node<'_>) {
    let Some(join) = &node.join else { return };
    if join.kind == LinkType::All {
        let (table, sql) = (&node.row.table.logical, &node.row.sql);
        builder.push(format_args!("(EXISTS (SELECT 1 FROM \"{table}\" AS {sql} WHERE "));
        push_column(builder, &join.own);
        builder.push(" = ");
        push_column(builder, &join.above);
        builder.push(") AND NOT ");
        push_exists(builder, node, join);
        builder.push(")");
        return;
    }
    builder.push(if join.kind == LinkType::NotAny { "NOT " } else { "" });
    push_exists(builder, node, join);
}

fn push_exists(builder: &mut Builder, node: &Node<'_>, join: &Join) {
    builder.push("EXISTS (SELECT 1 FROM ");
    push_from(builder, node);
    builder.push(" WHERE ");
    push_on(builder, node, join);
    builder.push(")");
}

/// A column to order by, as the query asks for it.
pub(crate) struct Sort<'a> {
    pub(crate) table: &'a Table,
    pub(crate) column: ColumnRef,
    pub(crate) descending: bool,
    /// Its name in a paging cookie; columns of links have none.
    pub(crate) cookie: Option<String>,
}

/// The orders of the entity, then those of its links.
pub(crate) fn sorts<'a>(
    names: &Names<'a>,
    entity: &Entity,
) -> Result<Vec<Sort<'a>>, DataverseError> {
    let mut sorts = Vec::new();
    for order in &entity.orders {
        sorts.push(sort(names, order, entity.id)?);
    }
    for link in &entity.links {
        sorts.extend(self::sorts(names, &link.entity)?);
    }
    Ok(sorts)
}

fn sort<'a>(names: &Names<'a>, order: &OrderBy, id: usize) -> Result<Sort<'a>, DataverseError> {
    if order.alias.is_some() {
        let message = "An alias cannot be specified for an order clause for a non-aggregate Query. \
                       Use an attribute.";
        return Err(fault("0x80041132", message));
    }
    let attribute = order.attribute.as_deref().ok_or_else(|| {
        let message = "An attribute is required for an order clause for a non-aggregate Query.";
        fault("0x80041133", message)
    })?;
    let row = match &order.entity {
        Some(name) => names.named(name)?,
        None => names.row(id)?,
    };
    let (table, column) = row.column(names.schema, attribute)?;
    let cookie = (row.sql == MAIN).then(|| attribute.to_owned());
    Ok(Sort { table, column, descending: order.descending, cookie })
}

/// Lookups order by the name of the row they point to, choices by their label unless `raw`.
pub(crate) fn push_sort(builder: &mut Builder, schema: &Schema, sort: &Sort<'_>, raw: bool) {
    let column = &sort.column;
    let labels = if raw { Vec::new() } else { labels(sort.table, &column.kind) };
    if matches!(column.kind, Kind::Lookup(_)) && column.hops.is_empty() {
        builder.push(name_of_target(schema, &column.alias, &column.name, &column.kind));
        builder.push(" COLLATE DATAVERSE");
    } else if labels.is_empty() {
        push_column(builder, column);
    } else {
        builder.push("CASE ");
        push_column(builder, column);
        for (value, label) in labels {
            builder.push(" WHEN ").push_bind(value).push(" THEN ").push_bind(label.to_owned());
        }
        builder.push(" END COLLATE DATAVERSE");
    }
    builder.push(if sort.descending { " DESC" } else { "" });
}

fn labels<'t>(table: &'t Table, kind: &'t Kind) -> Vec<(i64, &'t str)> {
    match kind {
        Kind::Choice(labels) => {
            labels.iter().map(|(value, label)| (*value, label.as_str())).collect()
        }
        Kind::State => {
            table.states.iter().map(|(value, state)| (*value, state.label.as_str())).collect()
        }
        Kind::Status => {
            table.statuses.iter().map(|(value, status)| (*value, status.label.as_str())).collect()
        }
        _ => Vec::new(),
    }
}

/// The keys of all joined rows, so that pages neither overlap nor leave gaps.
pub(crate) fn keys(node: &Node<'_>) -> Vec<String> {
    let own = format!("{}.\"{}\"", node.row.sql, node.row.table.key);
    std::iter::once(own).chain(node.children.iter().flat_map(keys)).collect()
}
