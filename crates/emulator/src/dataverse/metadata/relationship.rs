//! Relationships between tables: `OneToManyRelationshipMetadata` and
//! `ManyToManyRelationshipMetadata`.
//!
//! CSDL names the navigation properties at both ends of a relationship, not the relationship. In
//! Dataverse the collection-valued property has the relationship's name, so that is taken for it; a
//! relationship without such a property is named after its table and column.

use serde_json::{Map, Value as Json, json};

use super::label::{label, managed, members, object};
use crate::dataverse::id_of;
use crate::dataverse::schema::{Collection, Column, Schema, Table};

/// A relationship and its name.
#[derive(Clone)]
pub(crate) struct Relationship<'a> {
    pub(crate) name: String,
    pub(crate) ends: Ends<'a>,
}

#[derive(Clone)]
pub(crate) enum Ends<'a> {
    /// `table` points by `column` to a row of `target`.
    OneToMany {
        table: &'a Table,
        column: &'a Column,
        navigation: &'a str,
        target: Target<'a>,
        partner: Option<&'a str>,
    },
    /// Rows of both tables, linked in `intersect`.
    ManyToMany { intersect: &'a str, one: End<'a>, two: End<'a> },
}

/// Where a lookup leads: a user or a team together are an `owner`, which is no table here.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    Table(&'a Table),
    Owner,
}

impl Target<'_> {
    fn logical(&self) -> &str {
        match self {
            Target::Table(table) => &table.logical,
            Target::Owner => "owner",
        }
    }

    fn key(&self) -> &str {
        match self {
            Target::Table(table) => &table.key,
            Target::Owner => "ownerid",
        }
    }
}

#[derive(Clone)]
pub(crate) struct End<'a> {
    table: &'a Table,
    navigation: Option<&'a str>,
    attribute: &'a str,
}

/// All relationships by name.
pub(crate) fn all(schema: &Schema) -> Vec<Relationship<'_>> {
    let tables = schema.all().iter();
    let mut all: Vec<_> = tables.clone().flat_map(|table| to_one(schema, table)).collect();
    all.extend(tables.flat_map(|table| many_to_many(schema, table)));
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn to_one<'a>(schema: &'a Schema, table: &'a Table) -> Vec<Relationship<'a>> {
    let mut found = Vec::new();
    let own = table.navigations.iter().filter(|(_, lookup)| !lookup.inherited);
    for (navigation, lookup) in own {
        let Some(column) = table.lookup(lookup) else {
            continue;
        };
        let target = match lookup.targets.as_slice() {
            [one] => schema.by_logical(one).map(Target::Table),
            _ => Some(Target::Owner),
        };
        let Some(target) = target else {
            continue;
        };
        let partner = lookup.partner.as_deref();
        let name = partner.map_or_else(
            || format!("{}_{}_{navigation}", table.logical, target.logical()),
            str::to_owned,
        );
        let ends = Ends::OneToMany { table, column, navigation, target, partner };
        found.push(Relationship { name, ends });
    }
    found
}

/// Those of which `table` is the first end.
fn many_to_many<'a>(schema: &'a Schema, table: &'a Table) -> Vec<Relationship<'a>> {
    let mut found = Vec::new();
    for (navigation, collection) in &table.collections {
        let Collection::ManyToMany { table: other, relation, here, there, .. } = collection else {
            continue;
        };
        let Some(other) = schema.by_logical(other) else {
            continue;
        };
        let back = other.collections.iter().find(|(_, back)| {
            matches!(back, Collection::ManyToMany { relation: same, here: from, .. }
                if same == relation && from == there)
        });
        let back = back.map(|(name, _)| name.as_str());
        if back.is_some() && (&table.logical, here) > (&other.logical, there) {
            continue;
        }
        let one = End { table, navigation: Some(navigation), attribute: here };
        let two = End { table: other, navigation: back, attribute: there };
        let ends = Ends::ManyToMany { intersect: relation, one, two };
        found.push(Relationship { name: navigation.clone(), ends });
    }
    found
}

impl Relationship<'_> {
    pub(crate) fn id(&self) -> String {
        let table = match &self.ends {
            Ends::OneToMany { table, .. } => &table.logical,
            Ends::ManyToMany { intersect, .. } => *intersect,
        };
        id_of("relationship", &format!("{}.{table}", self.name))
    }

    pub(crate) fn class(&self) -> &'static str {
        match self.ends {
            Ends::OneToMany { .. } => "OneToManyRelationshipMetadata",
            Ends::ManyToMany { .. } => "ManyToManyRelationshipMetadata",
        }
    }

    /// Rows of `logical` are pointed to.
    pub(crate) fn is_one_to_many(&self, logical: &str) -> bool {
        matches!(&self.ends, Ends::OneToMany { target, .. } if target.logical() == logical)
    }

    /// Rows of `logical` point.
    pub(crate) fn is_many_to_one(&self, logical: &str) -> bool {
        matches!(&self.ends, Ends::OneToMany { table, .. } if table.logical == logical)
    }

    pub(crate) fn is_many_to_many(&self, logical: &str) -> bool {
        matches!(&self.ends, Ends::ManyToMany { one, two, .. }
            if one.table.logical == logical || two.table.logical == logical)
    }

    /// The members that every relationship has.
    pub(crate) fn base(&self) -> Map<String, Json> {
        let (custom, security, kind) = match &self.ends {
            Ends::OneToMany { table, .. } => (table.custom, "Append", "OneToManyRelationship"),
            Ends::ManyToMany { one, two, .. } => {
                (one.table.custom || two.table.custom, "None", "ManyToManyRelationship")
            }
        };
        members(json!({
            "IsCustomRelationship": custom,
            "IsValidForAdvancedFind": true,
            "SchemaName": self.name,
            "SecurityTypes": security,
            "IsManaged": !custom,
            "RelationshipType": kind,
            "IntroducedVersion": if custom { "1.0.0.0" } else { "5.0.0.0" },
            "MetadataId": self.id(),
            "HasChanged": null,
            "IsCustomizable": managed("iscustomizable", true),
        }))
    }

    /// The members that only a relationship of this kind has.
    pub(crate) fn derived(&self) -> Map<String, Json> {
        match &self.ends {
            Ends::OneToMany { table, column, navigation, target, partner } => object([
                ("ReferencedAttribute", json!(target.key())),
                ("ReferencedEntity", json!(target.logical())),
                ("ReferencingAttribute", json!(column.logical)),
                ("ReferencingEntity", json!(table.logical)),
                ("IsHierarchical", json!(false)),
                ("EntityKey", Json::Null),
                ("IsRelationshipAttributeDenormalized", json!(false)),
                ("ReferencedEntityNavigationPropertyName", json!(partner)),
                ("ReferencingEntityNavigationPropertyName", json!(navigation)),
                ("RelationshipBehavior", json!(1)),
                ("IsDenormalizedLookup", Json::Null),
                ("DenormalizedAttributeName", Json::Null),
                ("AssociatedMenuConfiguration", self.menu(table)),
                ("CascadeConfiguration", cascade(table, column)),
                ("RelationshipAttributes", json!([])),
            ]),
            Ends::ManyToMany { intersect, one, two } => object([
                ("Entity1LogicalName", json!(one.table.logical)),
                ("Entity2LogicalName", json!(two.table.logical)),
                ("IntersectEntityName", json!(intersect)),
                ("Entity1IntersectAttribute", json!(one.attribute)),
                ("Entity2IntersectAttribute", json!(two.attribute)),
                ("Entity1NavigationPropertyName", json!(one.navigation)),
                ("Entity2NavigationPropertyName", json!(two.navigation)),
                ("Entity1AssociatedMenuConfiguration", self.menu(one.table)),
                ("Entity2AssociatedMenuConfiguration", self.menu(two.table)),
            ]),
        }
    }

    fn menu(&self, table: &Table) -> Json {
        json!({
            "Behavior": "UseCollectionName",
            "Group": "Details",
            "Order": 10_000,
            "IsCustomizable": true,
            "Icon": null,
            "ViewId": "00000000-0000-0000-0000-000000000000",
            "AvailableOffline": true,
            "MenuId": null,
            "QueryApi": null,
            "Label": label(&format!("{}/{}", self.name, table.logical), ""),
        })
    }
}

fn cascade(table: &Table, column: &Column) -> Json {
    let delete = match () {
        () if table.cascade.contains(&column.name) => "Cascade",
        () if table.restrict.contains(&column.name) => "Restrict",
        () => "RemoveLink",
    };
    json!({
        "Assign": "NoCascade",
        "Delete": delete,
        "Archive": "RemoveLink",
        "Merge": "NoCascade",
        "Reparent": "NoCascade",
        "Share": "NoCascade",
        "Unshare": "NoCascade",
        "RollupView": "NoCascade",
    })
}
