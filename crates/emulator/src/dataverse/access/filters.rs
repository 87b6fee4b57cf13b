//! Lets a query ask only of what its author may read: related rows count where they are visible, and columns
//! are followed only into tables whose rows can be read at all.
//!
//! Behind a lookup that is followed within a condition (`primarycontactid/fullname`) the privilege is asked for
//! and the row's owner is not.

use super::super::errors::DataverseError;
use super::super::query::ast::{ColumnRef, Expr, Hop, Operand};
use super::super::query::options::Options;
use super::super::schema::Schema;
use super::{Author, Right, demand, visible_as};

/// Narrows the options of a query, those of its expansions too.
pub(crate) fn restrict(
    author: &Author,
    schema: &Schema,
    options: &mut Options,
) -> Result<(), DataverseError> {
    let filter = Filter { author, schema };
    if let Some(expr) = &mut options.filter {
        filter.expr(expr)?;
    }
    if let Some(apply) = &mut options.apply {
        if let Some(expr) = &mut apply.filter {
            filter.expr(expr)?;
        }
        let aggregated = apply.aggregates.iter().filter_map(|aggregate| aggregate.of.as_ref());
        let columns = apply.groups.iter().map(|group| &group.column);
        for column in columns.chain(aggregated.map(|(_, column)| column)) {
            filter.column(column)?;
        }
    }
    for order in &options.order {
        filter.column(&order.column)?;
    }
    for expansion in &mut options.expand {
        restrict(author, schema, &mut expansion.options)?;
    }
    Ok(())
}

struct Filter<'a> {
    author: &'a Author,
    schema: &'a Schema,
}

impl Filter<'_> {
    fn expr(&self, expr: &mut Expr) -> Result<(), DataverseError> {
        match expr {
            Expr::Constant(_) => Ok(()),
            Expr::Or(parts) | Expr::And(parts) => {
                parts.iter_mut().try_for_each(|part| self.expr(part))
            }
            Expr::Not(inner) => self.expr(inner),
            Expr::Compare { left, right, .. } => {
                self.operand(left)?;
                self.operand(right)
            }
            Expr::Match { column, .. }
            | Expr::OneOf { column, .. }
            | Expr::Holds { column, .. }
            | Expr::Hierarchy { column, .. }
            | Expr::Subquery { column, .. } => self.column(column),
            Expr::Related { all, from, collection, alias, inner } => {
                self.hops(&from.hops)?;
                let Some(table) = self.schema.by_logical(collection.table()) else {
                    return Ok(());
                };
                let visible = visible_as(self.author, table, alias)?;
                let mut given = inner.take();
                if let Some(given) = &mut given {
                    self.expr(given)?;
                }
                *inner = narrowed(*all, given, visible).map(Box::new);
                Ok(())
            }
        }
    }

    fn operand(&self, operand: &Operand) -> Result<(), DataverseError> {
        match operand {
            Operand::Column(column) => self.column(column),
            Operand::Value(_) => Ok(()),
        }
    }

    fn column(&self, column: &ColumnRef) -> Result<(), DataverseError> {
        self.hops(&column.hops)
    }

    fn hops(&self, hops: &[Hop]) -> Result<(), DataverseError> {
        for hop in hops {
            // Of several tables those that cannot be read are only not asked for their rows' sake.
            if let [(name, _)] = hop.targets.as_slice()
                && let Some(table) = self.schema.by_logical(name)
            {
                demand(self.author, table, Right::Read)?;
            }
        }
        Ok(())
    }
}

/// What an inner condition becomes where only visible rows count: for `any` they must meet it, for `all` those
/// that are not visible need not.
fn narrowed(all: bool, given: Option<Box<Expr>>, visible: Vec<Expr>) -> Option<Expr> {
    let given = given.map(|given| *given);
    match (visible.is_empty(), all) {
        (true, _) => given,
        (false, false) => Some(Expr::And(given.into_iter().chain(visible).collect())),
        (false, true) => {
            let hidden = Expr::Not(Box::new(Expr::And(visible)));
            Some(Expr::Or(given.into_iter().chain([hidden]).collect()))
        }
    }
}
