//! Reads a CSDL document (`$metadata`) into entity types and entity sets, as it names them.
//!
//! What the emulator has no use for (complex types, functions, vocabularies) is passed over, because
//! an organisation's own document is full of it; what it does use must be well formed. What the names
//! mean for tables is `build`'s business.

use std::collections::{HashMap, HashSet};

use roxmltree::{Document as Xml, Node, ParsingOptions};

use super::elements::{Names, entity_type, identifier, is, required};

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
                        let found =
                            EntitySet { name: identifier(set, "Name")?, at: set.range().start };
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
                    Problem::new(
                        at.at,
                        format!("there is no entity type {base}, the base of {}", at.name),
                    )
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
            let text =
                format!("this describes OData version {version}; the Web API's $metadata is 4.0");
            Err(Problem::new(0, text))
        }
        name => {
            Err(Problem::new(0, format!("this is no $metadata document: it begins with {name}")))
        }
    }
}

#[cfg(test)]
#[path = "csdl_tests.rs"]
mod tests;
