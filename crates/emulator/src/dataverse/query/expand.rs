//! `$expand`: the related rows that an answer holds, with options of their own.

use super::super::errors::DataverseError;
use super::super::schema::{Collection, Table};
use super::lexer::syntax_error;
use super::options::{Options, order, select, whole};
use super::parser;
use super::scope::Scope;

/// Source: webapi/query/join-tables.
const MAX_EXPANSIONS: usize = 15;

/// What a navigation property leads to.
#[derive(Debug, Clone)]
pub(crate) enum Related {
    /// One row, by the lookup column `lookup` (its name in the Web API).
    One {
        lookup: String,
        targets: Vec<String>,
    },
    Many(Collection),
}

#[derive(Debug)]
pub(crate) struct Expansion {
    /// The navigation property.
    pub(crate) name: String,
    pub(crate) related: Related,
    /// `/$ref`: the address of the row in place of the row.
    pub(crate) reference: bool,
    pub(crate) options: Options,
    /// The options as they were sent, for the collection's own link.
    pub(crate) text: String,
}

impl Expansion {
    /// Whether there is an expansion within this one.
    pub(crate) fn is_nested(&self) -> bool {
        !self.options.expand.is_empty()
    }
}

pub(crate) fn parse(text: &str, scope: Scope<'_>) -> Result<Vec<Expansion>, DataverseError> {
    let items = split(text, ',').ok_or_else(|| syntax_error(text, text.chars().count()))?;
    items.into_iter().filter(|item| !item.is_empty()).map(|item| one(item, scope)).collect()
}

fn one(text: &str, scope: Scope<'_>) -> Result<Expansion, DataverseError> {
    let (path, options) = match text.split_once('(') {
        Some((path, rest)) => {
            let inner = rest.trim_end().strip_suffix(')');
            (path, inner.ok_or_else(|| syntax_error(text, text.chars().count()))?)
        }
        None => (text, ""),
    };
    let path = path.trim();
    let (name, reference) = match path.strip_suffix("/$ref") {
        Some(name) => (name, true),
        None => (path, false),
    };
    let (related, target) = related(name, scope)?;
    if reference && matches!(related, Related::Many(_)) {
        return Err(DataverseError::odata(
            "Expand with $ref is only supported on lookup type navigation property.",
        ));
    }
    let options = nested(options, scope.of(target))?;
    Ok(Expansion { name: name.to_owned(), related, reference, options: options.0, text: options.1 })
}

fn related<'a>(name: &str, scope: Scope<'a>) -> Result<(Related, &'a Table), DataverseError> {
    let table = scope.table;
    let missing = || DataverseError::no_property(name, &table.logical);
    if let Some(navigation) = table.navigations.get(name) {
        let column = table.lookup(navigation).ok_or_else(missing)?;
        let target = navigation.targets.first().and_then(|name| scope.schema.by_logical(name));
        let related =
            Related::One { lookup: column.name.clone(), targets: navigation.targets.clone() };
        return Ok((related, target.ok_or_else(missing)?));
    }
    let collection = table.collections.get(name).ok_or_else(missing)?;
    let target = scope.schema.by_logical(collection.table()).ok_or_else(missing)?;
    Ok((Related::Many(collection.clone()), target))
}

fn nested(text: &str, scope: Scope<'_>) -> Result<(Options, String), DataverseError> {
    let mut options = Options::default();
    let parts = split(text, ';').ok_or_else(|| syntax_error(text, text.chars().count()))?;
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or_else(|| syntax_error(text, 0))?;
        let value = value.trim();
        match name.trim() {
            "$select" => options.select = Some(select(value, scope.table)?),
            "$filter" => options.filter = Some(parser::parse(value, scope)?),
            "$orderby" => options.order = order(value, scope)?,
            "$top" => options.top = Some(whole("$top", value)?),
            "$expand" => options.expand = parse(value, scope)?,
            other => {
                let message = format!("The query parameter {other} is not supported in $expand");
                return Err(DataverseError::odata(message));
            }
        }
    }
    Ok((options, parts.join("&")))
}

/// What Dataverse refuses of expansions that are each right.
pub(crate) fn check(expansions: &[Expansion]) -> Result<(), DataverseError> {
    if count(expansions) > MAX_EXPANSIONS {
        return Err(DataverseError::odata(format!(
            "The number of $expand options exceeds the maximum of {MAX_EXPANSIONS}."
        )));
    }
    let nested = expansions.iter().any(Expansion::is_nested);
    for expansion in expansions {
        let ordered = !expansion.options.order.is_empty() || expansion.options.top.is_some();
        if ordered && (nested || matches!(expansion.related, Related::One { .. })) {
            return Err(DataverseError::odata(
                "Only $select and $filter clause can be provided while doing $expand on many-to-one \
                 relationship or nested one-to-many relationship.",
            ));
        }
        check(&expansion.options.expand)?;
    }
    Ok(())
}

fn count(expansions: &[Expansion]) -> usize {
    expansions.iter().map(|expansion| 1 + count(&expansion.options.expand)).sum()
}

/// Splits at `separator` outside parentheses, brackets and strings; `None` where one is left open.
pub(crate) fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.checked_sub(1)?,
            c if c == separator && depth == 0 => {
                parts.push(text.get(start..at)?.trim());
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..)?.trim());
    (depth == 0 && !quoted).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_split_outside_of_what_encloses_them() {
        let parts = split("a($select=x,y;$filter=n eq ',(' ),b", ',').unwrap();
        assert_eq!(parts, ["a($select=x,y;$filter=n eq ',(' )", "b"]);
        assert_eq!(split("a(b", ','), None);
        assert_eq!(split("a)", ','), None);
        assert_eq!(split("'a", ','), None);
    }
}
