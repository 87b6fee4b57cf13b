//! Reads a CSDL document (`$metadata`) into entity types and entity sets, as it names them.
//!
//! What the emulator has no use for (complex types, functions, vocabularies) is passed over, because
//! an organisation's own document is full of it; what it does use must be well formed. What the names
//! mean for tables is `build`'s business.

use std::collections::{HashMap, HashSet};

use roxmltree::{Document as Xml, Node, ParsingOptions};

/// Beyond this a document is refused: the biggest organisations' are a fifth of it.
pub(crate) const MAX_BYTES: u64 = 128 * 1024 * 1024;

/// What is wrong with a document, and at which byte of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) at: usize,
    pub(crate) text: String,
}

impl Problem {
    pub(crate) fn new(at: usize, text: impl Into<String>) -> Self {
        Self { at, text: text.into() }
    }
}

/// The part of a document that tables are made of.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) types: Vec<EntityType>,
    /// Entity sets by the name of their entity type.
    pub(crate) sets: HashMap<String, EntitySet>,
}

#[derive(Debug)]
pub(crate) struct EntitySet {
    pub(crate) name: String,
    pub(crate) at: usize,
}

/// Names of types are without namespace or alias.
#[derive(Debug, Default)]
pub(crate) struct EntityType {
    pub(crate) name: String,
    pub(crate) base: Option<String>,
    pub(crate) is_abstract: bool,
    pub(crate) key: Vec<String>,
    pub(crate) properties: Vec<Property>,
    pub(crate) navigations: Vec<Navigation>,
    pub(crate) alternate_keys: Vec<Vec<KeyPart>>,
    pub(crate) at: usize,
}

#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: String,
    /// `Edm.String`, or the name of a type of the document.
    pub(crate) kind: String,
    pub(crate) max_length: Option<usize>,
    pub(crate) nullable: bool,
    pub(crate) readonly: bool,
    pub(crate) description: String,
}

#[derive(Debug)]
pub(crate) struct Navigation {
    pub(crate) name: String,
    pub(crate) target: String,
    pub(crate) collection: bool,
    pub(crate) partner: Option<String>,
    /// The property that the navigation property constrains.
    pub(crate) property: Option<String>,
    pub(crate) at: usize,
}

/// A column of an alternate key: where its value is, and what it is called in an address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KeyPart {
    pub(crate) path: String,
    pub(crate) alias: Option<String>,
}

impl Document {
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let xml = Xml::parse_with_options(text, ParsingOptions::default()).map_err(|error| {
            let at = offset(text, error.pos());
            Problem::new(at, format!("this is not well-formed XML: {error}"))
        })?;
        check_version(xml.root_element())?;
        let services = xml.root_element().children().filter(|node| is(node, "DataServices"));
        let schemas = services.flat_map(|node| node.children()).filter(|node| is(node, "Schema"));
        let schemas: Vec<Node> = schemas.collect();
        if schemas.is_empty() {
            return Err(Problem::new(0, "there is no Schema element"));
        }
        let names = Names::of(&schemas);
        let mut document = Self::default();
        for schema in schemas {
            document.add(schema, &names)?;
        }
        document.check_bases()?;
        Ok(document)
    }

    fn add(&mut self, schema: Node, names: &Names) -> Result<(), Problem> {
        for node in schema.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "EntityType" => self.types.push(entity_type(node, names)?),
                "EntityContainer" => {
                    for set in node.children().filter(|node| is(node, "EntitySet")) {
                        let kind = names.local(required(set, "EntityType")?).to_owned();
                        let found = EntitySet { name: identifier(set, "Name")?, at: set.range().start };
                        self.sets.insert(kind, found);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Every base type is there, and no type is its own base.
    fn check_bases(&self) -> Result<(), Problem> {
        let mut by_name = HashMap::new();
        for kind in &self.types {
            if by_name.insert(kind.name.as_str(), kind).is_some() {
                let text = format!("there are two entity types {}", kind.name);
                return Err(Problem::new(kind.at, text));
            }
        }
        for kind in &self.types {
            let mut seen = HashSet::from([kind.name.as_str()]);
            let mut at = kind;
            while let Some(base) = &at.base {
                at = by_name.get(base.as_str()).ok_or_else(|| {
                    Problem::new(at.at, format!("there is no entity type {base}, the base of {}", at.name))
                })?;
                if !seen.insert(&at.name) {
                    let text = format!("entity type {} is its own base", kind.name);
                    return Err(Problem::new(kind.at, text));
                }
            }
        }
        let mut lost = self.sets.iter().filter(|(kind, _)| !by_name.contains_key(kind.as_str()));
        match lost.next() {
            Some((kind, set)) => {
                let text = format!("entity set {} is of {kind}, which is no entity type", set.name);
                Err(Problem::new(set.at, text))
            }
            None => Ok(()),
        }
    }
}

/// Where the parser says that something is wrong, in bytes.
fn offset(text: &str, position: roxmltree::TextPos) -> usize {
    let lines = text.split_inclusive('\n').take(position.row.saturating_sub(1) as usize);
    lines.map(str::len).sum()
}

fn check_version(root: Node) -> Result<(), Problem> {
    let version = root.attribute("Version").unwrap_or("none");
    match root.tag_name().name() {
        "Edmx" if version.starts_with("4.") => Ok(()),
        "Edmx" => {
            let text = format!("this describes OData version {version}; the Web API's $metadata is 4.0");
            Err(Problem::new(0, text))
        }
        name => Err(Problem::new(0, format!("this is no $metadata document: it begins with {name}"))),
    }
}

/// What goes before the names of the document's types.
struct Names(Vec<String>);

impl Names {
    fn of(schemas: &[Node]) -> Self {
        let mut prefixes = Vec::new();
        for schema in schemas {
            let both = [schema.attribute("Namespace"), schema.attribute("Alias")];
            prefixes.extend(both.into_iter().flatten().map(|name| format!("{name}.")));
        }
        Self(prefixes)
    }

    fn local<'a>(&self, name: &'a str) -> &'a str {
        self.0.iter().find_map(|prefix| name.strip_prefix(prefix.as_str())).unwrap_or(name)
    }
}

fn is(node: &Node, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn required<'a>(node: Node<'a, '_>, attribute: &str) -> Result<&'a str, Problem> {
    node.attribute(attribute).ok_or_else(|| {
        let element = node.tag_name().name();
        Problem::new(node.range().start, format!("{element} has no {attribute}"))
    })
}

/// A name that becomes one in the database and in addresses.
fn identifier(node: Node, attribute: &str) -> Result<String, Problem> {
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

fn entity_type(node: Node, names: &Names) -> Result<EntityType, Problem> {
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
            "Org.OData.Core.V1.Computed" => property.readonly |= note.attribute("Bool") != Some("false"),
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
    ["OData.Community.Keys.V1.AlternateKeys", "Keys.AlternateKeys", "Org.OData.Core.V1.AlternateKeys"]
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
    record
        .children()
        .filter(move |child| is(child, "PropertyValue") && child.attribute("Property") == Some(property))
}

#[cfg(test)]
#[path = "csdl_tests.rs"]
mod tests;
