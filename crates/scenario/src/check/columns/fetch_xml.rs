//! The tables and columns of a query in FetchXML, which has logical names for both.

use std::collections::BTreeSet;

use super::{Named, unknown};
use crate::blocks::TableName;
use crate::check::fault::place;
use crate::check::fetch_xml::{Table, look};
use crate::nearest::nearest;
use crate::problem::{Problem, child};

/// What Dataverse appends to the name of a choice or lookup for what belongs to its value ("Select columns using FetchXml").
const BESIDE: [&str; 3] = ["yominame", "name", "type"];

/// Checks a query; `sets` are the entity sets that stand beside it.
pub(super) fn check(
    named: &Named<'_>,
    property: &str,
    query: &str,
    sets: &[&str],
    problems: &mut Vec<Problem>,
) {
    let Some(tables) = named.catalog.tables(named.account) else { return };
    let known = |name: &str| tables.iter().find(|table| table.logical == name);
    let pointer = child(&named.at, property);
    let looked = look(query);
    for table in &looked.tables {
        let at = place(query, table.at);
        let problem = match known(&table.name) {
            Some(known) if !table.is_joined => another(known, sets, &at),
            Some(_) => None,
            None => no_table(table, &tables, &at),
        };
        problems.extend(problem.map(|problem| Problem::warning(&pointer, problem)));
    }
    for column in &looked.columns {
        let Some(table) = known(&column.table) else { continue };
        let Some(columns) = named.catalog.columns(named.account, &table.entity_set) else {
            continue;
        };
        if !is_beside(&column.name, &columns.written) {
            let place = format!(" at {}", place(query, column.at));
            let (name, table) = (&column.name, &table.logical);
            problems.extend(unknown(name, &columns.written, table, pointer.clone(), &place));
        }
    }
}

/// A query of another table than the one whose address it is sent to.
fn another(table: &TableName, sets: &[&str], at: &str) -> Option<String> {
    let [set] = sets else { return None };
    (*set != table.entity_set)
        .then(|| format!("the query is of `{}` at {at}, and the table is `{set}`", table.logical))
}

/// The tables behind many-to-many relationships are joined, and are not among those that are told of.
fn no_table(table: &Table, known: &[TableName], at: &str) -> Option<String> {
    let near = nearest(&table.name, known.iter().map(|known| known.logical.as_str()));
    if table.is_joined && near.is_none() {
        return None;
    }
    let by_set = known.iter().find(|known| known.entity_set == table.name);
    let meant = by_set.map(|known| known.logical.as_str()).or(near);
    let meant = meant.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(format!("the account knows no table `{}` at {at}{meant}", table.name))
}

fn is_beside(column: &str, known: &BTreeSet<String>) -> bool {
    let belongs = |end| column.strip_suffix(end).is_some_and(|own| known.contains(own));
    BESIDE.into_iter().any(belongs)
}
