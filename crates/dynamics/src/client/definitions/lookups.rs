//! By which navigation property each lookup of a table leads to which other table.

use std::collections::HashMap;

use serde::Deserialize;

/// Table of which users and teams are made up; it has no records of its own to be bound.
const OWNER: &str = "owner";
const OWNERS: [&str; 2] = ["systemuser", "team"];

/// A relationship as Dataverse describes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Relationship {
    referencing_attribute: String,
    referenced_entity: String,
    #[serde(default)]
    referencing_entity_navigation_property_name: Option<String>,
}

/// Where a lookup may lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Logical name of the other table.
    pub(crate) table: String,
    pub(crate) entity_set: String,
    /// Case-sensitive; for columns that somebody added it is the schema name.
    pub(crate) navigation: String,
}

/// The lookups of one table, by the logical name of the column.
#[derive(Debug, Default)]
pub(crate) struct Lookups(HashMap<String, Vec<Target>>);

impl Lookups {
    pub(super) fn new(
        relationships: Vec<Relationship>,
        entity_set: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let mut lookups: HashMap<String, Vec<Target>> = HashMap::new();
        for relationship in relationships {
            let Some(navigation) = relationship.referencing_entity_navigation_property_name else {
                continue;
            };
            let targets = lookups.entry(relationship.referencing_attribute).or_default();
            let referenced = relationship.referenced_entity;
            let tables = if referenced == OWNER {
                OWNERS.map(str::to_owned).to_vec()
            } else {
                vec![referenced]
            };
            for table in tables {
                let is_known = targets.iter().any(|target| target.table == table);
                if let (false, Some(entity_set)) = (is_known, entity_set(&table)) {
                    targets.push(Target { table, entity_set, navigation: navigation.clone() });
                }
            }
        }
        Self(lookups)
    }

    /// Where the lookup `column` may lead; none where it is no lookup.
    pub(crate) fn targets(&self, column: &str) -> Option<&[Target]> {
        self.0.get(column).map(Vec::as_slice)
    }
}
