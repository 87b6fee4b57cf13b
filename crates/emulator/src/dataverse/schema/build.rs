//! Makes tables of an entity model: what the types of a CSDL document and the details beside them come
//! to together.
//!
//! Dataverse's documents follow rules that CSDL does not ask for, and this leans on them: a lookup is a
//! property `_x_value` that single-valued navigation properties constrain, a collection whose partner is
//! a collection too is a many-to-many relationship, its links are an entity type of their own, and
//! owners are of the type `principal`, which no row is. Entity types of the metadata itself are no tables.

use std::collections::{HashMap, HashSet};

use super::csdl::{self, Document, EntityType, Problem};
use super::details::{Details, TableDetails};
use super::{AlternateKey, Navigation, Ownership, Table, column, relations};

/// The type of `ownerid`, and the tables whose rows own others.
const PRINCIPAL: &str = "principal";
const OWNERS: [&str; 2] = ["systemuser", "team"];

/// What the entity types of `EntityDefinitions` and its like derive from.
const METADATA_BASE: &str = "crmmodelbaseentity";

/// Custom tables are numbered from here on, as in Dataverse.
const FIRST_CUSTOM_TYPE_CODE: i32 = 10_000;

/// A document with its types found by name.
pub(crate) struct Model<'a> {
    pub(crate) document: &'a Document,
    pub(crate) details: &'a Details,
    by_name: HashMap<&'a str, &'a EntityType>,
    /// Types whose rows are the links of a many-to-many relationship.
    links: HashSet<String>,
}

impl<'a> Model<'a> {
    pub(crate) fn new(document: &'a Document, details: &'a Details) -> Self {
        let by_name = document.types.iter().map(|kind| (kind.name.as_str(), kind)).collect();
        let mut model = Self { document, details, by_name, links: HashSet::new() };
        model.links = relations::links(&model);
        model
    }

    pub(crate) fn kind(&self, name: &str) -> Option<&'a EntityType> {
        self.by_name.get(name).copied()
    }

    /// A type and those it derives from, itself first.
    pub(crate) fn chain(
        &self,
        kind: &'a EntityType,
    ) -> impl Iterator<Item = &'a EntityType> + Clone {
        let by_name = &self.by_name;
        std::iter::successors(Some(kind), move |kind| by_name.get(kind.base.as_deref()?).copied())
    }

    /// A navigation property of a type or of one it derives from.
    pub(crate) fn navigation(
        &self,
        kind: &'a EntityType,
        name: &str,
    ) -> Option<&'a csdl::Navigation> {
        self.chain(kind).find_map(|kind| kind.navigations.iter().find(|way| way.name == name))
    }

    /// The primary key, where the type has one of one column.
    pub(crate) fn key(&self, kind: &'a EntityType) -> Option<&'a str> {
        let with_key = self.chain(kind).find(|kind| !kind.key.is_empty())?;
        if with_key.name == PRINCIPAL {
            // Users and teams have the key of owners in the document and their own in addresses.
            let own = kind.properties.iter().find(|property| {
                property.name.strip_suffix("id").is_some_and(|name| name == kind.name)
            });
            return own.map(|property| property.name.as_str());
        }
        match with_key.key.as_slice() {
            [key] => Some(key),
            _ => None,
        }
    }

    pub(crate) fn is_table(&self, kind: &'a EntityType) -> bool {
        !kind.is_abstract
            && kind.name != PRINCIPAL
            && !self.links.contains(&kind.name)
            && self.chain(kind).all(|kind| kind.name != METADATA_BASE)
            && self.key(kind).is_some()
    }

    /// The tables that a navigation property of type `name` leads to.
    pub(crate) fn targets(&self, name: &str) -> Vec<String> {
        let names: &[&str] = if name == PRINCIPAL { &OWNERS } else { &[name] };
        let there =
            names.iter().filter(|name| self.kind(name).is_some_and(|kind| self.is_table(kind)));
        there.map(|name| (*name).to_owned()).collect()
    }

    /// All tables of the document, in its order.
    pub(crate) fn tables(&self) -> Result<Vec<Table>, Problem> {
        let kinds = self.document.types.iter().filter(|kind| self.is_table(kind));
        let mut tables = kinds.map(|kind| self.table(kind)).collect::<Result<Vec<_>, _>>()?;
        let unnumbered = tables.iter_mut().filter(|table| table.type_code == 0);
        for (code, table) in (FIRST_CUSTOM_TYPE_CODE..).zip(unnumbered) {
            table.type_code = code;
        }
        match tables.iter().any(|table| !table.set.is_empty()) {
            true => Ok(tables),
            false => Err(Problem::new(0, "there is no entity set with a table behind it")),
        }
    }

    fn table(&self, kind: &'a EntityType) -> Result<Table, Problem> {
        let details = self.details.table(&kind.name);
        let mut table = Table {
            logical: kind.name.clone(),
            set: self.document.sets.get(&kind.name).map(|set| set.name.clone()).unwrap_or_default(),
            key: self.key(kind).unwrap_or_default().to_owned(),
            activity: self.chain(kind).skip(1).any(|base| base.name == "activitypointer"),
            custom: details.is_none() && kind.name.contains('_'),
            members: self.members(kind),
            ..Table::default()
        };
        column::add_all(self, kind, &mut table)?;
        self.add_navigations(kind, &mut table)?;
        table.collections = relations::collections(self, kind, &table.key);
        table.keys = alternate_keys(kind, details, &table)?;
        describe(details, &mut table);
        Ok(table)
    }

    fn members(&self, kind: &EntityType) -> Vec<String> {
        let types = &self.document.types;
        if !types.iter().any(|other| other.base.as_ref() == Some(&kind.name)) {
            return Vec::new();
        }
        let derived = types.iter().filter(|other| {
            self.chain(other).skip(1).any(|base| base.name == kind.name) && self.is_table(other)
        });
        derived.map(|other| other.name.clone()).collect()
    }

    fn add_navigations(&self, kind: &'a EntityType, table: &mut Table) -> Result<(), Problem> {
        for base in self.chain(kind) {
            for way in base.navigations.iter().filter(|way| !way.collection) {
                let Some(property) = way.property.as_deref().filter(|name| is_lookup(name)) else {
                    continue;
                };
                let targets = self.targets(&way.target);
                if targets.is_empty() || table.navigations.contains_key(&way.name) {
                    continue;
                }
                let column = *table.by_name.get(property).ok_or_else(|| {
                    let text =
                        format!("{} constrains {property}, which {} has not", way.name, base.name);
                    Problem::new(way.at, text)
                })?;
                let partner = way.partner.clone();
                let inherited = base.name != kind.name;
                table
                    .navigations
                    .insert(way.name.clone(), Navigation { column, targets, partner, inherited });
            }
        }
        Ok(())
    }
}

/// Whether a property is one that Dataverse makes of a lookup column.
pub(crate) fn is_lookup(property: &str) -> bool {
    property.len() > "__value".len() && property.starts_with('_') && property.ends_with("_value")
}

fn alternate_keys(
    kind: &EntityType,
    details: Option<&TableDetails>,
    table: &Table,
) -> Result<Vec<AlternateKey>, Problem> {
    let mut keys = Vec::new();
    for parts in &kind.alternate_keys {
        let columns = parts.iter().map(|part| {
            key_column(part, table).ok_or_else(|| {
                let text =
                    format!("{} has no column {}, of an alternate key", kind.name, part.path);
                Problem::new(kind.at, text)
            })
        });
        let columns = columns.collect::<Result<Vec<String>, _>>()?;
        let known = details.and_then(|all| all.keys.iter().find(|key| key.columns == columns));
        keys.push(known.cloned().unwrap_or_else(|| AlternateKey {
            name: format!("{}_key", columns.join("_")),
            label: columns.join(", "),
            columns,
        }));
    }
    Ok(keys)
}

/// A lookup in a key is named by its property, by its column, or as a path through its navigation
/// property.
fn key_column(part: &csdl::KeyPart, table: &Table) -> Option<String> {
    let names = [part.path.split('/').next(), part.alias.as_deref()];
    let found = names.into_iter().flatten().find_map(|name| {
        let way = || table.lookup(table.navigations.get(name)?);
        table.attribute(name).or_else(way)
    });
    found.map(|column| column.name.clone())
}

/// Adds what is not in CSDL.
fn describe(details: Option<&TableDetails>, table: &mut Table) {
    let nothing = TableDetails::default();
    let details = details.unwrap_or(&nothing);
    let or = |text: &str, other: &str| if text.is_empty() { other } else { text }.to_owned();
    let known = |names: &[String]| {
        let there = names.iter().filter(|name| table.by_name.contains_key(*name));
        there.cloned().collect::<Vec<_>>()
    };
    table.cascade = known(&details.cascade);
    table.restrict = known(&details.restrict);
    table.indexes = known(&details.indexes);
    table.name = primary_name(details, table);
    table.ownership = ownership(details, table);
    table.schema = or(&details.schema, &table.logical);
    table.label = or(&details.label, &table.schema);
    table.plural = or(&details.plural, &or(&table.set, &table.label));
    table.description.clone_from(&details.description);
    table.type_code = details.type_code;
    table.states.clone_from(&details.states);
    table.statuses.clone_from(&details.statuses);
}

/// The document does not say which column names a row; publishers nearly always call it `x_name`.
fn primary_name(details: &TableDetails, table: &Table) -> String {
    let prefix = table.logical.split_once('_').map_or("", |(prefix, _)| prefix);
    let custom = format!("{prefix}_name");
    let likely = [details.name.as_str(), &custom, "name", "fullname", "subject", "title"];
    let is_text = |name: &&str| table.column(name).is_some_and(|column| column.kind.is_text());
    likely.into_iter().find(is_text).unwrap_or_default().to_owned()
}

fn ownership(details: &TableDetails, table: &Table) -> Ownership {
    let has = |name: &str| table.by_name.contains_key(name);
    match details.ownership {
        Ownership::None if !details.schema.is_empty() => Ownership::None,
        Ownership::None if has("_ownerid_value") => Ownership::User,
        Ownership::None if has("_organizationid_value") => Ownership::Organization,
        known => known,
    }
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
