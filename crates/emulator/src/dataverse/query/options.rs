//! The query options of a read, checked against the schema.

use super::super::errors::DataverseError;
use super::super::schema::{Kind, Schema, Table};
use super::super::shape::Annotations;
use super::apply::{self, Apply};
use super::ast::{ColumnRef, Expr};
use super::context::Context;
use super::cookie::Cookie;
use super::expand::{self, Expansion};
use super::parser;
use super::scope::{Aliases, Scope};

/// Rows of a page, and of `$top`, at most.
pub(crate) const MAX_PAGE: u32 = 5000;

/// A column to order by.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) column: ColumnRef,
    pub(crate) descending: bool,
}

/// A query in a language of its own, in place of OData's options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Query {
    Fetch(String),
    /// A saved view of the organisation or of the user, by its id.
    Saved {
        table: &'static str,
        id: String,
    },
}

#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Names of the selected columns, in the order asked for; `None` for all.
    pub(crate) select: Option<Vec<String>>,
    pub(crate) filter: Option<Expr>,
    pub(crate) order: Vec<Order>,
    pub(crate) top: Option<u32>,
    pub(crate) count: bool,
    pub(crate) expand: Vec<Expansion>,
    pub(crate) apply: Option<Apply>,
    pub(crate) query: Option<Query>,
    pub(crate) annotations: Annotations,
    /// From a next link.
    pub(crate) page: Option<Cookie>,
}

/// The pairs of a raw query string, decoded: `$filter` and `%24filter`, `+` and `%20` are the same.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

/// The values of `@p1` and the like.
pub(crate) fn aliases(pairs: &[(String, String)]) -> Aliases {
    pairs.iter().filter(|(name, _)| name.starts_with('@')).cloned().collect()
}

impl Options {
    /// Reads a raw query string. Options without `$` (`tag`, `partitionId`) have no effect here.
    pub(crate) fn parse(
        query: &str,
        schema: &Schema,
        table: &Table,
        context: &Context,
    ) -> Result<Self, DataverseError> {
        let pairs = pairs(query);
        let aliases = aliases(&pairs);
        let scope = Scope { schema, table, aliases: &aliases, context };
        let mut options = Self::default();
        for (at, (name, value)) in pairs.iter().enumerate() {
            let again = pairs.iter().take(at).any(|(other, _)| other == name);
            if again && name.starts_with('$') {
                let message = format!("Query option '{name}' was specified more than once.");
                return Err(DataverseError::odata(message));
            }
            options.set(name, value, scope)?;
        }
        expand::check(&options.expand)?;
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str, scope: Scope<'_>) -> Result<(), DataverseError> {
        match name {
            "$select" => self.select = Some(select(value, scope.table)?),
            "$filter" => self.filter = Some(parser::parse(value, scope)?),
            "$orderby" => self.order = order(value, scope)?,
            "$top" => self.top = Some(whole("$top", value)?.min(MAX_PAGE)),
            "$count" => self.count = truth(value)?,
            "$expand" => self.expand = expand::parse(value, scope)?,
            "$apply" => self.apply = Some(apply::parse(value, scope)?),
            "$skiptoken" => {
                let malformed = || {
                    let message = "Malformed XML in the Paging Cookie";
                    DataverseError::new(http::StatusCode::BAD_REQUEST, "0x80040203", message)
                };
                self.page = Some(Cookie::from_xml(value).ok_or_else(malformed)?);
            }
            "fetchXml" => self.query = Some(Query::Fetch(value.to_owned())),
            "savedQuery" => {
                self.query = Some(Query::Saved { table: "savedquery", id: value.to_owned() });
            }
            "userQuery" => {
                self.query = Some(Query::Saved { table: "userquery", id: value.to_owned() });
            }
            "sql" | "$deltatoken" => return Err(DataverseError::not_implemented(name)),
            other if other.starts_with('$') => {
                let message = format!("The query parameter {other} is not supported");
                return Err(DataverseError::odata(message));
            }
            _ => {}
        }
        Ok(())
    }

    /// Sets what annotations are wanted, also of the rows expanded.
    pub(crate) fn annotate(&mut self, annotations: &Annotations) {
        self.annotations = annotations.clone();
        for expansion in &mut self.expand {
            expansion.options.annotate(annotations);
        }
    }

    /// The options of one row: `$select` and `$expand`.
    pub(crate) fn for_row(
        query: &str,
        schema: &Schema,
        table: &Table,
        context: &Context,
    ) -> Result<Self, DataverseError> {
        let options = Self::parse(query, schema, table, context)?;
        if options.filter.is_some() || !options.order.is_empty() || options.top.is_some() {
            let message = "Query options $filter, $orderby and $top can not be applied to the \
                           requested resource, which is a single row.";
            return Err(DataverseError::odata(message));
        }
        Ok(options)
    }
}

pub(crate) fn select(value: &str, table: &Table) -> Result<Vec<String>, DataverseError> {
    let mut names: Vec<String> = Vec::new();
    for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if name == "*" {
            names = table.columns.iter().map(|column| column.name.clone()).collect();
            continue;
        }
        let column = table.column(name);
        let column = column.ok_or_else(|| DataverseError::no_property(name, &table.logical))?;
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
        // Source: webapi/query/select-columns: a money column brings its currency along.
        let currency = "_transactioncurrencyid_value";
        let brings_currency = column.kind == Kind::Money && table.column(currency).is_some();
        if brings_currency && !names.iter().any(|known| known == currency) {
            names.push(currency.to_owned());
        }
    }
    Ok(names)
}

pub(crate) fn order(value: &str, scope: Scope<'_>) -> Result<Vec<Order>, DataverseError> {
    let mut order = Vec::new();
    for item in value.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let mut words = item.split_whitespace();
        let name = words.next().unwrap_or_default();
        let descending = match (words.next(), words.next()) {
            (None | Some("asc"), None) => false,
            (Some("desc"), None) => true,
            _ => {
                let message = format!("Syntax error at position 0 in '{item}'.");
                return Err(DataverseError::odata(message));
            }
        };
        let name = if name.starts_with('@') { scope.alias(name)? } else { name };
        order.push(Order { column: scope.column(scope.main(), name)?, descending });
    }
    Ok(order)
}

pub(crate) fn whole(option: &str, value: &str) -> Result<u32, DataverseError> {
    value.parse().map_err(|_| {
        DataverseError::odata(format!(
            "Invalid value '{value}' for {option} query option found. The {option} query option \
             requires a non-negative integer value."
        ))
    })
}

fn truth(value: &str) -> Result<bool, DataverseError> {
    value.parse().map_err(|_| {
        DataverseError::odata(format!("Invalid value '{value}' for $count query option found."))
    })
}

#[cfg(test)]
#[path = "options_tests.rs"]
mod tests;
