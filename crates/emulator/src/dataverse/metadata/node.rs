//! A definition of any kind, and what it leads to.

use serde_json::{Map, Value as Json};

use super::attribute::Attribute;
use super::option_set::OptionSet;
use super::relationship::{self, Relationship};
use super::{entity, key};
use crate::dataverse::schema::{AlternateKey, Schema, Table};

/// One definition.
pub(crate) enum Node<'a> {
    Entity(&'a Table),
    Attribute(Attribute<'a>),
    Key(&'a Table, &'a AlternateKey),
    Relationship(Relationship<'a>),
    OptionSet(OptionSet<'a>),
}

/// What stands behind a navigation property.
pub(crate) enum Linked<'a> {
    Many(Vec<Node<'a>>),
    One(Node<'a>),
}

/// The members of a definition: those that its own type adds, and those of the type that all of its
/// kind share.
pub(crate) struct Members {
    pub(crate) derived: Map<String, Json>,
    pub(crate) base: Map<String, Json>,
}

impl<'a> Node<'a> {
    pub(crate) fn members(&self, schema: &Schema) -> Members {
        let plain = |base| Members { derived: Map::new(), base };
        match self {
            Node::Entity(table) => plain(entity::describe(schema, table)),
            Node::Key(table, alternate) => plain(key::describe(table, alternate)),
            Node::Attribute(attribute) => {
                Members { derived: attribute.derived(), base: attribute.base() }
            }
            Node::Relationship(relation) => {
                Members { derived: relation.derived(), base: relation.base() }
            }
            Node::OptionSet(set) => Members { derived: set.derived(), base: set.base() },
        }
    }

    pub(crate) fn id(&self) -> String {
        match self {
            Node::Entity(table) => entity::id(table),
            Node::Attribute(attribute) => attribute.id(),
            Node::Key(table, alternate) => key::id(table, alternate),
            Node::Relationship(relation) => relation.id(),
            Node::OptionSet(set) => set.id(),
        }
    }

    /// The value of the alternate key `name`.
    pub(crate) fn name(&self, name: &str) -> Option<String> {
        Some(match (self, name) {
            (Node::Entity(table), "LogicalName") => table.logical.clone(),
            (Node::Attribute(attribute), "LogicalName") => attribute.logical(),
            (Node::Key(_, alternate), "LogicalName") => alternate.name.to_lowercase(),
            (Node::Relationship(relation), "SchemaName") => relation.name.clone(),
            (Node::OptionSet(set), "Name") => set.name(),
            _ => return None,
        })
    }

    /// The definition's own type.
    pub(crate) fn class(&self) -> &'static str {
        match self {
            Node::Entity(_) => "EntityMetadata",
            Node::Attribute(attribute) => attribute.class(),
            Node::Key(..) => "EntityKeyMetadata",
            Node::Relationship(relation) => relation.class(),
            Node::OptionSet(set) => set.class(),
        }
    }

    /// The type that all definitions of its kind share.
    pub(crate) fn base_class(&self) -> &'static str {
        match self {
            Node::Entity(_) => "EntityMetadata",
            Node::Attribute(_) => "AttributeMetadata",
            Node::Key(..) => "EntityKeyMetadata",
            Node::Relationship(_) => "RelationshipMetadataBase",
            Node::OptionSet(_) => "OptionSetMetadataBase",
        }
    }

    /// What the navigation property `name` leads to. The choices of an attribute are only there
    /// where the attribute is taken for one of its own type (`cast`).
    pub(crate) fn linked(&self, schema: &'a Schema, name: &str, cast: bool) -> Option<Linked<'a>> {
        match (self, name) {
            (Node::Entity(table), _) => entity_links(schema, table, name),
            (Node::Attribute(attribute), "OptionSet" | "GlobalOptionSet") if cast => {
                attribute.option_set().map(|choices| Linked::One(Node::OptionSet(choices)))
            }
            _ => None,
        }
    }
}

fn entity_links<'a>(schema: &'a Schema, table: &'a Table, name: &str) -> Option<Linked<'a>> {
    let related = |wanted: fn(&Relationship<'_>, &str) -> bool| {
        let all = relationship::all(schema).into_iter();
        all.filter(|one| wanted(one, &table.logical)).map(Node::Relationship).collect()
    };
    Some(Linked::Many(match name {
        "Attributes" => Attribute::all(table).into_iter().map(Node::Attribute).collect(),
        "Keys" => table.keys.iter().map(|key| Node::Key(table, key)).collect(),
        "OneToManyRelationships" => related(|one, table| one.is_one_to_many(table)),
        "ManyToOneRelationships" => related(|one, table| one.is_many_to_one(table)),
        "ManyToManyRelationships" => related(|one, table| one.is_many_to_many(table)),
        _ => return None,
    }))
}
