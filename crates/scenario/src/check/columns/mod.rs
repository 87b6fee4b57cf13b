//! Checks the tables and columns that are named against what is known of the account's organisation.
//!
//! What is known may be old, and the consenting user may not see all there is: what is not found is a warning.

mod fetch_xml;

use std::collections::BTreeSet;

use serde_json::Value;

use super::fault::place;
use super::odata;
use crate::blocks::Catalog;
use crate::document::{BlockInstance, Scenario};
use crate::kind::PropertyKind;
use crate::nearest::nearest;
use crate::plan::PlannedStep;
use crate::problem::{Problem, child};
use crate::substitute::{FetchXmlTemplate, Property};

/// The columns that belong to a record's image are read, and are not among those that are told of.
const IMAGE: &str = "entityimage";

pub(super) fn check(
    scenario: &Scenario,
    steps: &[PlannedStep],
    catalog: &dyn Catalog,
    problems: &mut Vec<Problem>,
) {
    let usual = usual_account(steps, catalog);
    for (index, (step, instance)) in steps.iter().zip(&scenario.blocks).enumerate() {
        if let Some(account) = step.account.as_ref().or(usual.as_ref()) {
            let at = format!("/blocks/{index}/properties");
            Named { step, instance, account, catalog, at }.check(problems);
        }
    }
}

/// The account of the blocks that have none of their own: the only one that is selected, or the default one; none
/// where that depends on the call.
fn usual_account(steps: &[PlannedStep], catalog: &dyn Catalog) -> Option<String> {
    let selecting = steps.iter().filter(|step| step.work.manifest().selects_account);
    let mut selected = selecting.map(|step| {
        step.properties.iter().find_map(|(_, property)| match property {
            Property::Account(name) => catalog.account(name.fixed()?),
            _ => None,
        })
    });
    match selected.next() {
        None => catalog.default_account(),
        Some(first) => first.filter(|first| selected.all(|other| other.as_ref() == Some(first))),
    }
}

/// A block instance whose account is known.
struct Named<'a> {
    step: &'a PlannedStep,
    instance: &'a BlockInstance,
    account: &'a str,
    catalog: &'a dyn Catalog,
    at: String,
}

impl Named<'_> {
    fn check(&self, problems: &mut Vec<Problem>) {
        let tables: Vec<_> = self.of_kind(PropertyKind::EntitySet).collect();
        for (property, table) in &tables {
            problems.extend(self.table(property, table));
        }
        let queries: Vec<_> = self.of_kind(PropertyKind::ODataQuery).collect();
        let is_fetch_xml = |(_, query): &&(&str, &str)| FetchXmlTemplate::is_one(query);
        for (property, query) in queries.iter().filter(is_fetch_xml) {
            let sets: Vec<_> = tables.iter().map(|(_, set)| *set).collect();
            fetch_xml::check(self, property, query, &sets, problems);
        }
        // Of several tables nobody here knows whose columns are meant.
        let [(_, table)] = tables.as_slice() else { return };
        let Some(known) = self.catalog.columns(self.account, table) else { return };
        for (property, query) in queries.iter().filter(|query| !is_fetch_xml(query)) {
            for (column, at) in odata::look(query).columns {
                let pointer = child(&self.at, property);
                let place = format!(" at {}", place(query, at));
                problems.extend(unknown(&column, &known.read, table, pointer, &place));
            }
        }
        for (property, columns) in &self.instance.properties {
            let Some(columns) = columns.as_object() else { continue };
            if self.kind(property) != PropertyKind::ColumnValues {
                continue;
            }
            // An annotation, such as `…@odata.bind`, has the name of a relationship in it.
            for column in columns.keys().filter(|name| !name.contains(['@', '.'])) {
                let pointer = child(&child(&self.at, property), column);
                problems.extend(unknown(column, &known.written, table, pointer, ""));
            }
        }
    }

    fn kind(&self, property: &str) -> PropertyKind {
        let root = &self.step.work.manifest().properties;
        PropertyKind::of(root["properties"].get(property).unwrap_or(&Value::Null), root)
    }

    /// The properties of a kind that are text without variables, or, for queries, with them.
    fn of_kind(&self, kind: PropertyKind) -> impl Iterator<Item = (&str, &str)> {
        let texts = self.instance.properties.iter();
        let texts = texts.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
        texts.filter(move |(name, text)| {
            let is_fixed = !text.contains("$(") && !text.starts_with('=');
            self.kind(name) == kind && (is_fixed || kind == PropertyKind::ODataQuery)
        })
    }

    fn table(&self, property: &str, table: &str) -> Option<Problem> {
        let known = self.catalog.tables(self.account)?;
        if known.iter().any(|known| known.entity_set == table) {
            return None;
        }
        let near = nearest(table, known.iter().map(|known| known.entity_set.as_str()));
        let message = format!(
            "the account knows no table `{table}`; {}",
            near.map_or_else(
                || "`patchcord account tables` lists those there are".to_owned(),
                |near| format!("did you mean `{near}`?")
            )
        );
        Some(Problem::warning(child(&self.at, property), message))
    }
}

fn unknown(
    column: &str,
    known: &BTreeSet<String>,
    table: &str,
    pointer: String,
    place: &str,
) -> Option<Problem> {
    if known.contains(column) || column.starts_with(IMAGE) {
        return None;
    }
    // A lookup is read by another name than it is set by.
    let lookup = known.get(&format!("_{column}_value")).map(String::as_str);
    let near = lookup.or_else(|| nearest(column, known.iter().map(String::as_str)));
    let meant = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let message = format!("`{table}` has no column `{column}`{place}{meant}");
    Some(Problem::warning(pointer, message))
}
