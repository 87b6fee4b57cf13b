//! Reads the elements of a CSDL document that tables are made of, each by itself.

use std::collections::HashSet;

use roxmltree::Node;

use super::csdl::{EntityType, KeyPart, Navigation, Problem, Property};

/// What goes before the names of the document's types.
pub(crate) struct Names(Vec<String>);

impl Names {
    pub(crate) fn of(schemas: &[Node]) -> Self {
        let mut prefixes = Vec::new();
        for schema in schemas {
            let both = [schema.attribute("Namespace"), schema.attribute("Alias")];
            prefixes.extend(both.into_iter().flatten().map(|name| format!("{name}.")));
        }
        Self(prefixes)
    }

    pub(crate) fn local<'a>(&self, name: &'a str) -> &'a str {
        self.0.iter().find_map(|prefix| name.strip_prefix(prefix.as_str())).unwrap_or(name)
    }
}

pub(crate) fn is(node: &Node, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

pub(crate) fn required<'a>(node: Node<'a, '_>, attribute: &str) -> Result<&'a str, Problem> {
    node.attribute(attribute).ok_or_else(|| {
        let element = node.tag_name().name();
        Problem::new(node.range().start, format!("{element} has no {attribute}"))
    })
}

/// A name that becomes one in the database and in addresses.
pub(crate) fn identifier(node: Node, attribute: &str) -> Result<String, Problem> {
    let name = required(node, attribute)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match name.is_empty() || name.len() > 128 || !name.chars().all(plain) {
        true => {
            let text = format!("{name:?} is no name of a table or column");
            Err(Problem::new(node.range().start, text))
        }
        false => Ok(name.to_owned()),
    }
}

pub(crate) fn entity_type(node: Node, names: &Names) -> Result<EntityType, Problem> {
    let mut kind = EntityType {
        name: identifier(node, "Name")?,
        base: node.attribute("BaseType").map(|base| names.local(base).to_owned()),
        is_abstract: node.attribute("Abstract") == Some("true"),
        at: node.range().start,
        ..EntityType::default()
    };
    let mut seen = HashSet::new();
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "Key" => {
                for part in child.children().filter(|part| is(part, "PropertyRef")) {
                    kind.key.push(required(part, "Name")?.to_owned());
                }
            }
            "Property" => kind.properties.push(property(child, names)?),
            "NavigationProperty" => kind.navigations.push(navigation(child, names)?),
            "Annotation" if child.attribute("Term").is_some_and(is_alternate_keys) => {
                kind.alternate_keys.extend(alternate_keys(child)?);
            }
            _ => continue,
        }
        let name = child.attribute("Name").unwrap_or_default();
        if !name.is_empty() && !seen.insert(name) {
            let text = format!("{} has two properties {name}", kind.name);
            return Err(Problem::new(child.range().start, text));
        }
    }
    Ok(kind)
}

fn property(node: Node, names: &Names) -> Result<Property, Problem> {
    let max_length = match node.attribute("MaxLength") {
        None | Some("max" | "Max") => None,
        Some(length) => Some(length.parse().map_err(|_| {
            Problem::new(node.range().start, format!("MaxLength {length:?} is no number"))
        })?),
    };
    let mut property = Property {
        name: identifier(node, "Name")?,
        kind: names.local(required(node, "Type")?).to_owned(),
        max_length,
        nullable: node.attribute("Nullable") != Some("false"),
        readonly: false,
        description: String::new(),
    };
    for note in node.children().filter(|child| is(child, "Annotation")) {
        match note.attribute("Term").unwrap_or_default() {
            "Org.OData.Core.V1.Computed" => {
                property.readonly |= note.attribute("Bool") != Some("false")
            }
            "Org.OData.Core.V1.Permissions" => property.readonly = true,
            "Org.OData.Core.V1.Description" => {
                property.description = note.attribute("String").unwrap_or_default().to_owned();
            }
            _ => {}
        }
    }
    Ok(property)
}

fn navigation(node: Node, names: &Names) -> Result<Navigation, Problem> {
    let kind = required(node, "Type")?;
    let many = kind.strip_prefix("Collection(").and_then(|kind| kind.strip_suffix(')'));
    let mut constraints = node.children().filter(|child| is(child, "ReferentialConstraint"));
    Ok(Navigation {
        name: identifier(node, "Name")?,
        target: names.local(many.unwrap_or(kind)).to_owned(),
        collection: many.is_some(),
        partner: node.attribute("Partner").map(str::to_owned),
        property: constraints
            .next()
            .map(|constraint| required(constraint, "Property").map(str::to_owned))
            .transpose()?,
        at: node.range().start,
    })
}

/// The community's term that Dataverse uses, and the one that OData took over from it.
fn is_alternate_keys(term: &str) -> bool {
    [
        "OData.Community.Keys.V1.AlternateKeys",
        "Keys.AlternateKeys",
        "Org.OData.Core.V1.AlternateKeys",
    ]
    .contains(&term)
}

fn alternate_keys(node: Node) -> Result<Vec<Vec<KeyPart>>, Problem> {
    let keys = records(node).map(|record| {
        let parts = values(record, "Key").flat_map(records).map(key_part);
        parts.collect::<Result<Vec<_>, _>>()
    });
    keys.collect()
}

fn key_part(record: Node) -> Result<KeyPart, Problem> {
    let path = values(record, "Name").next();
    let path = path.and_then(|value| value.attribute("PropertyPath").or(value.attribute("String")));
    let path = path.ok_or_else(|| {
        Problem::new(record.range().start, "a column of an alternate key has no Name")
    })?;
    let alias = values(record, "Alias").next().and_then(|value| value.attribute("String"));
    Ok(KeyPart { path: path.to_owned(), alias: alias.map(str::to_owned) })
}

/// The records of the collection in `node`.
fn records<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    let collections = node.children().filter(|child| is(child, "Collection"));
    collections.flat_map(|collection| collection.children()).filter(|child| is(child, "Record"))
}

/// The values that a record has for a property.
fn values<'a, 'i>(record: Node<'a, 'i>, property: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    record.children().filter(move |child| {
        is(child, "PropertyValue") && child.attribute("Property") == Some(property)
    })
}
