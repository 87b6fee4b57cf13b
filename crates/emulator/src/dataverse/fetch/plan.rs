//! The query with its names looked up: a tree of joined rows, each with the conditions on it.
//!
//! A filter within a link belongs to the join, unless one of its conditions names an entity: then it
//! is about the rows that the joins have made, as fetchxml/filter-rows has it.

use super::super::errors::DataverseError;
use super::super::query::ast::{ColumnRef, Expr};
use super::super::query::conditions::{column_comparison, condition};
use super::super::query::context::Context;
use super::super::query::scope::comparable;
use super::super::schema::Table;
use super::document::{Condition, Entity, Filter, Link, LinkType, Part};
use super::fault;
use super::names::{Names, Row};

/// The conditions that leave of a table what the caller may read, its rows under their usual name.
pub(crate) type Visible<'v> = dyn Fn(&Table) -> Result<Vec<Expr>, DataverseError> + Sync + 'v;

pub(crate) struct Node<'a> {
    pub(crate) row: Row<'a>,
    /// How the row is linked to the one above.
    pub(crate) join: Option<Join>,
    pub(crate) tests: Vec<Test<'a>>,
    pub(crate) visible: Vec<Expr>,
    pub(crate) children: Vec<Node<'a>>,
}

pub(crate) struct Join {
    pub(crate) kind: LinkType,
    pub(crate) own: ColumnRef,
    pub(crate) above: ColumnRef,
}

pub(crate) enum Test<'a> {
    Expr(Box<Expr>),
    And(Vec<Test<'a>>),
    Or(Vec<Test<'a>>),
    /// Whether there are linked rows, after the kind of the link.
    Related(Box<Node<'a>>),
}

pub(crate) struct Planner<'a, 'p> {
    pub(crate) names: &'p Names<'a>,
    pub(crate) context: &'p Context,
    pub(crate) visible: &'p Visible<'p>,
}

impl<'a> Planner<'a, '_> {
    pub(crate) fn plan(&self, entity: &Entity) -> Result<Node<'a>, DataverseError> {
        let mut after = Vec::new();
        let mut root = self.node(entity, None, &mut after)?;
        root.tests.append(&mut after);
        Ok(root)
    }

    fn node(
        &self,
        entity: &Entity,
        join: Option<Join>,
        after: &mut Vec<Test<'a>>,
    ) -> Result<Node<'a>, DataverseError> {
        let row = self.names.row(entity.id)?.clone();
        let mut tests = Vec::new();
        for filter in &entity.filters {
            let test = self.filter(filter, &row)?;
            if filter.is_after_joins() { after.push(test) } else { tests.push(test) }
        }
        let mut children = Vec::new();
        for link in &entity.links {
            match link.kind {
                LinkType::Inner | LinkType::Outer | LinkType::First => {
                    let join = self.join(link, &row)?;
                    children.push(self.node(&link.entity, Some(join), after)?);
                }
                _ => tests.push(self.related(link, &row)?),
            }
        }
        // Intersect tables are nobody's: who sees the rows on both sides sees that they are linked.
        let known = self.names.schema.by_logical(&row.table.logical).is_some();
        let visible = if known { (self.visible)(row.table)? } else { Vec::new() };
        Ok(Node { row, join, tests, visible, children })
    }

    /// A link that is a condition; what within it is about joined rows stays within.
    fn related(&self, link: &Link, above: &Row<'a>) -> Result<Test<'a>, DataverseError> {
        let mut after = Vec::new();
        let join = self.join(link, above)?;
        let mut node = self.node(&link.entity, Some(join), &mut after)?;
        node.tests.append(&mut after);
        Ok(Test::Related(Box::new(node)))
    }

    fn filter(&self, filter: &Filter, row: &Row<'a>) -> Result<Test<'a>, DataverseError> {
        let mut tests = Vec::new();
        for part in &filter.parts {
            tests.push(match part {
                Part::Condition(condition) => Test::Expr(Box::new(self.condition(condition, row)?)),
                Part::Filter(filter) => self.filter(filter, row)?,
                Part::Link(link) => self.related(link, row)?,
            });
        }
        // An empty `or` asks for nothing, as an empty `and` does.
        let any = filter.any && !tests.is_empty();
        Ok(if any { Test::Or(tests) } else { Test::And(tests) })
    }

    fn condition(&self, asked: &Condition, row: &Row<'a>) -> Result<Expr, DataverseError> {
        let row = match &asked.entity {
            Some(name) => self.names.named(name)?,
            None => row,
        };
        let schema = self.names.schema;
        let (table, column) = row.column(schema, &asked.attribute)?;
        let Some(other) = &asked.value_of else {
            return condition(schema, table, column, asked.operator, &asked.values, self.context);
        };
        let (_, other) = match other.split_once('.') {
            Some((alias, name)) => self.names.named(alias)?.column(schema, name)?,
            None => row.column(schema, other)?,
        };
        column_comparison((table, column), asked.operator, other)
    }

    fn join(&self, link: &Link, above: &Row<'a>) -> Result<Join, DataverseError> {
        let row = self.names.row(link.entity.id)?;
        let (from, to) = match &link.between {
            Some((from, to)) => (from.clone(), to.clone()),
            None => relationship(row.table, above.table)?,
        };
        let own = row.reference(row.attribute(&from)?);
        let above = above.reference(above.attribute(&to)?);
        if !comparable(&own.kind, &above.kind) {
            let message =
                format!("The columns '{from}' and '{to}' of a link are not of the same type.");
            return Err(fault("0x80040203", message));
        }
        Ok(Join { kind: link.kind, own, above })
    }
}

/// The columns of the only relationship between two tables, for a link that does not name them.
fn relationship(table: &Table, above: &Table) -> Result<(String, String), DataverseError> {
    let key = |table: &Table| {
        table.column(&table.key).map_or_else(String::new, |column| column.logical.clone())
    };
    let up = above.lookups_to(&table.logical).map(|lookup| (key(table), lookup.logical.clone()));
    let down = table.lookups_to(&above.logical).map(|lookup| (lookup.logical.clone(), key(above)));
    let mut all = up.chain(down);
    match (all.next(), all.next()) {
        (Some(only), None) => Ok(only),
        _ => {
            let message =
                "A required attribute was not specified. The link-entity needs from and to.";
            Err(fault("0x8004111e", message))
        }
    }
}
