//! The address of definitions, followed segment by segment.

use http::StatusCode;
use serde_json::Value as Json;
use uuid::Uuid;

use super::node::{Linked, Node};
use super::option_set::OptionSet;
use super::options::split;
use super::relationship;
use super::shape::{Shape, declares_own_type};
use crate::dataverse::errors::DataverseError;
use crate::dataverse::schema::Schema;

const NAMESPACE: &str = "Microsoft.Dynamics.CRM.";

/// The types that an address may name, beside those of which there is a definition at the place.
const CLASSES: [&str; 20] = [
    "BigIntAttributeMetadata",
    "BooleanAttributeMetadata",
    "DateTimeAttributeMetadata",
    "DecimalAttributeMetadata",
    "DoubleAttributeMetadata",
    "EntityNameAttributeMetadata",
    "FileAttributeMetadata",
    "ImageAttributeMetadata",
    "IntegerAttributeMetadata",
    "LookupAttributeMetadata",
    "MemoAttributeMetadata",
    "MoneyAttributeMetadata",
    "MultiSelectPicklistAttributeMetadata",
    "PicklistAttributeMetadata",
    "StateAttributeMetadata",
    "StatusAttributeMetadata",
    "StringAttributeMetadata",
    "UniqueIdentifierAttributeMetadata",
    "OneToManyRelationshipMetadata",
    "ManyToManyRelationshipMetadata",
];

pub(crate) enum Place<'a> {
    Many(Vec<Node<'a>>),
    One(Node<'a>),
    /// A member of a definition.
    Value(Json),
}

/// Where an address leads.
pub(crate) struct Walk<'a> {
    pub(crate) place: Place<'a>,
    /// The definitions are declared as their own type.
    pub(crate) own: bool,
    /// Names of segments, and their keys as they stand in a context.
    steps: Vec<(String, String)>,
}

impl Walk<'_> {
    /// What an answer's context says of the address. The key of a definition that is itself the answer
    /// is not in it.
    pub(crate) fn context(&self) -> String {
        let last = self.steps.iter().rposition(|(_, key)| !key.is_empty());
        let names_answer = |at: usize| {
            let after = self.steps.iter().skip(at + 1);
            matches!(self.place, Place::One(_)) && after.clone().all(|(name, _)| is_class(name))
        };
        let step = |(at, (name, key)): (usize, &(String, String))| match key.as_str() {
            _ if Some(at) == last && names_answer(at) => name.clone(),
            key => format!("{name}{key}"),
        };
        self.steps.iter().enumerate().map(step).collect::<Vec<_>>().join("/")
    }

    /// Collections may be filtered, but for global choices.
    pub(crate) fn may_be_filtered(&self) -> bool {
        let root = self.steps.first().map(|(name, _)| name.as_str());
        matches!(self.place, Place::Many(_)) && root != Some("GlobalOptionSetDefinitions")
    }
}

fn is_class(segment: &str) -> bool {
    segment.starts_with(NAMESPACE)
}

pub(crate) fn walk<'a>(schema: &'a Schema, path: &str) -> Result<Walk<'a>, DataverseError> {
    let mut segments = split(path, '/').into_iter();
    let (name, key) = parse(segments.next().unwrap_or_default())?;
    let nodes = match name {
        "EntityDefinitions" => entities(schema, key.as_ref()),
        "RelationshipDefinitions" => {
            relationship::all(schema).into_iter().map(Node::Relationship).collect()
        }
        "GlobalOptionSetDefinitions" => {
            OptionSet::all_global(schema).into_iter().map(Node::OptionSet).collect()
        }
        "ManagedPropertyDefinitions" => return Err(DataverseError::not_implemented(name)),
        _ => return Err(DataverseError::no_segment(name)),
    };
    let mut walk = Walk { place: Place::Many(nodes), own: false, steps: Vec::new() };
    walk.step(name, key)?;
    for segment in segments.filter(|segment| !segment.is_empty()) {
        walk.follow(schema, segment)?;
    }
    Ok(walk)
}

/// Only the one that is asked for, where it is asked for by name.
fn entities<'a>(schema: &'a Schema, key: Option<&Key>) -> Vec<Node<'a>> {
    match key {
        Some(Key::Name(_, name)) => schema.by_logical(name).map(Node::Entity).into_iter().collect(),
        _ => schema.all().iter().map(Node::Entity).collect(),
    }
}

impl<'a> Walk<'a> {
    fn follow(&mut self, schema: &'a Schema, segment: &str) -> Result<(), DataverseError> {
        if let Some(class) = segment.strip_prefix(NAMESPACE) {
            return self.cast(segment, class);
        }
        if ["$value", "$count", "$ref"].contains(&segment) {
            return Err(DataverseError::not_implemented(&format!("{segment} of definitions")));
        }
        let (name, key) = parse(segment)?;
        let next = match &mut self.place {
            Place::One(node) => match node.linked(schema, name, self.own) {
                Some(linked) => {
                    self.own = declares_own_type(name);
                    match linked {
                        Linked::Many(nodes) => Place::Many(nodes),
                        Linked::One(node) => Place::One(node),
                    }
                }
                None => {
                    let members = node.members(schema);
                    let shape = Shape { schema, own: self.own };
                    let value = shape.member(node, &members, name);
                    Place::Value(value.map_err(|_| DataverseError::no_segment(name))?)
                }
            },
            Place::Value(Json::Object(members)) => {
                let value = members.remove(name);
                Place::Value(value.ok_or_else(|| DataverseError::no_segment(name))?)
            }
            _ => return Err(DataverseError::no_segment(name)),
        };
        self.place = next;
        self.step(name, key)
    }

    /// Adds a segment, and takes of many definitions the one that its key names.
    fn step(&mut self, name: &str, key: Option<Key>) -> Result<(), DataverseError> {
        let text = key.as_ref().map(Key::context).unwrap_or_default();
        self.steps.push((name.to_owned(), text));
        let Some(key) = key else {
            return Ok(());
        };
        let Place::Many(nodes) = &mut self.place else {
            return Err(DataverseError::no_segment(name));
        };
        let found = nodes.iter().position(|node| key.matches(node));
        let found = found.ok_or_else(|| not_found(name, &key))?;
        self.place = Place::One(nodes.swap_remove(found));
        Ok(())
    }

    fn cast(&mut self, segment: &str, class: &str) -> Result<(), DataverseError> {
        match &mut self.place {
            Place::Many(nodes) => {
                let known =
                    CLASSES.contains(&class) || nodes.iter().any(|one| one.class() == class);
                if !known {
                    return Err(DataverseError::no_segment(segment));
                }
                nodes.retain(|node| node.class() == class);
            }
            Place::One(node) if node.class() == class => {}
            _ => return Err(DataverseError::no_segment(segment)),
        }
        self.own = true;
        self.steps.push((segment.to_owned(), String::new()));
        Ok(())
    }
}

/// The key in an address.
enum Key {
    Id(Uuid),
    Name(String, String),
}

impl Key {
    fn parse(text: &str) -> Option<Self> {
        let id = |text: &str| text.trim().parse().ok().map(Self::Id);
        match text.split_once('=') {
            None => id(text),
            Some(("MetadataId", value)) => id(value),
            Some((name, value)) => {
                let value = value.trim().strip_prefix('\'')?.strip_suffix('\'')?;
                Some(Self::Name(name.trim().to_owned(), value.replace("''", "'")))
            }
        }
    }

    fn matches(&self, node: &Node<'_>) -> bool {
        match self {
            Key::Id(id) => node.id() == id.to_string(),
            Key::Name(name, value) => node.name(name).as_ref() == Some(value),
        }
    }

    fn context(&self) -> String {
        match self {
            Key::Id(id) => format!("({id})"),
            Key::Name(_, value) => format!("('{}')", value.replace('\'', "''")),
        }
    }
}

/// `Attributes(LogicalName='x')` to its name and key.
fn parse(segment: &str) -> Result<(&str, Option<Key>), DataverseError> {
    let Some((name, rest)) = segment.split_once('(') else {
        return Ok((segment, None));
    };
    let key = rest.strip_suffix(')').and_then(Key::parse);
    let key = key.ok_or_else(|| {
        DataverseError::odata(format!(
            "The key in the request URI is not valid for resource '{name}'."
        ))
    })?;
    Ok((name, Some(key)))
}

/// What the platform's own messages say of a definition that is not there.
fn not_found(segment: &str, key: &Key) -> DataverseError {
    let kind = match segment {
        "EntityDefinitions" => "an entity",
        "Attributes" => "an attribute",
        "Keys" => "an entity key",
        "GlobalOptionSetDefinitions" => "an optionset",
        _ => "a relationship",
    };
    let (name, id) = match key {
        Key::Id(id) => (String::new(), *id),
        Key::Name(_, name) => (name.clone(), Uuid::nil()),
    };
    let message = format!("Could not find {kind} with name {name} and id {id}.");
    DataverseError::new(StatusCode::NOT_FOUND, "0x80040217", message)
}
