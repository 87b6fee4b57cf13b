//! Elements, their attributes and operators, against what FetchXML has.

use roxmltree::{Attribute, Document, Node};

use super::vocabulary::{Element, Values, element, operator, operators, words};
use super::{Column, Looked, Source, Table, VARIABLE};
use crate::check::fault::Fault;
use crate::nearest::nearest;

/// Looks at every element of a document.
pub(super) fn look(document: &Document<'_>, source: &Source<'_>, looked: &mut Looked) {
    let root = document.root_element();
    if !root.has_tag_name("fetch") {
        let problem = "a query in FetchXML begins with <fetch>";
        return looked.faults.push(Fault::error(source.at(root.range().start), problem));
    }
    for node in root.descendants().filter(Node::is_element) {
        let mut reader = Reader { node, source, looked };
        reader.is_in_place();
        if let Some(known) = element(node.tag_name().name()) {
            reader.attributes(known);
            reader.condition();
            reader.names();
        }
        reader.text();
    }
}

/// One element.
struct Reader<'a, 'i, 's> {
    node: Node<'a, 'i>,
    source: &'s Source<'s>,
    looked: &'s mut Looked,
}

impl<'a, 'i> Reader<'a, 'i, '_> {
    fn name(&self) -> &'a str {
        self.node.tag_name().name()
    }

    fn error(&mut self, byte: usize, problem: String) {
        self.looked.faults.push(Fault::error(self.source.at(byte), problem));
    }

    fn warning(&mut self, byte: usize, problem: String) {
        self.looked.faults.push(Fault::warning(self.source.at(byte), problem));
    }

    fn start(&self) -> usize {
        self.node.range().start
    }

    /// What an attribute says, where it says something that is known before a call comes.
    fn said(&self, name: &str) -> Option<Attribute<'a, 'i>> {
        let attribute = self.node.attribute_node(name)?;
        let is_said = !attribute.value().is_empty() && !attribute.value().contains(VARIABLE);
        is_said.then_some(attribute)
    }

    fn has(&self, name: &str) -> bool {
        self.node.attribute(name).is_some_and(|value| !value.is_empty())
    }

    /// Whether its parent takes it. What an unknown element takes is not known.
    fn is_in_place(&mut self) {
        let parent = self.node.parent_element().map(|parent| parent.tag_name().name());
        let Some(parent) = parent.and_then(element) else { return };
        let name = self.name();
        if parent.children.contains(&name) {
            return;
        }
        let problem = match (parent.children, nearest(name, parent.children.iter().copied())) {
            ([], _) => format!("<{name}> stands in <{}>, which takes no element", parent.name),
            (_, Some(near)) => format!(
                "<{name}> stands in <{}>, which does not take it; did you mean <{near}>?",
                parent.name
            ),
            (takes, None) => format!(
                "<{name}> stands in <{}>, which takes {}",
                parent.name,
                takes.iter().map(|child| format!("<{child}>")).collect::<Vec<_>>().join(", ")
            ),
        };
        self.error(self.start(), problem);
    }

    fn attributes(&mut self, known: &Element) {
        for required in known.required {
            if !self.has(required) {
                self.error(self.start(), format!("<{}> has no `{required}`", known.name));
            }
        }
        for attribute in self.node.attributes().filter(|attribute| attribute.namespace().is_none())
        {
            let (name, start) = (attribute.name(), attribute.range().start);
            if !known.attributes.contains(&name) {
                let near = nearest(name, known.attributes.iter().copied());
                let meant = near.map(|near| format!("; did you mean `{near}`?"));
                let problem = format!(
                    "<{}> has no attribute `{name}` that Dataverse knows{}",
                    known.name,
                    meant.unwrap_or_default()
                );
                self.warning(start, problem);
            }
            let value = attribute.value();
            let fits = |words: &[&str]| words.contains(&value) || value.is_empty();
            if let Some(words) = words(known.name, name)
                && !fits(words)
                && !value.contains(VARIABLE)
            {
                let problem =
                    format!("`{name}` is {}, and not `{}`", words.join(", "), shown(value));
                self.error(start, problem);
            }
        }
    }

    fn condition(&mut self) {
        if self.name() != "condition" {
            return;
        }
        if !self.has("attribute") && !self.has("column") {
            self.warning(self.start(), "<condition> names no column in `attribute`".into());
        }
        let Some(attribute) = self.said("operator") else { return };
        let name = attribute.value();
        let Some(values) = operator(name) else {
            let meant = nearest(name, operators()).map(|near| format!("; did you mean `{near}`?"));
            let problem = format!(
                "`{}` is no operator of FetchXML{}",
                shown(name),
                meant.unwrap_or_default()
            );
            return self.error(attribute.range().start, problem);
        };
        let has_value =
            ["value", "valueof"].iter().any(|name| self.node.attribute(*name).is_some())
                || self.node.children().any(|child| child.has_tag_name("value"));
        if values == Values::Some && !has_value {
            self.warning(
                self.start(),
                format!("the operator `{name}` has no value to compare with"),
            );
        }
    }

    /// Text where none is read.
    fn text(&mut self) {
        if self.name() == "value" {
            return;
        }
        let texts = self.node.children().filter(Node::is_text);
        let mut said = texts.filter(|text| text.text().is_some_and(|text| !text.trim().is_empty()));
        if let Some(text) = said.next() {
            let blank = text.text().unwrap_or_default();
            let blank = blank.len() - blank.trim_start().len();
            let problem = format!("text stands in <{}>, where nobody reads it", self.name());
            self.warning(text.range().start + blank, problem);
        }
    }

    /// Remembers the tables and columns that are named.
    fn names(&mut self) {
        let own = self.table();
        match self.name() {
            name @ ("entity" | "link-entity") => {
                let is_joined = name == "link-entity";
                if let Some(attribute) = self.said("name") {
                    let (name, at) = self.placed(attribute);
                    self.looked.tables.push(Table { name, at, is_joined });
                }
                if is_joined {
                    let outer = table_around(self.node.parent_element());
                    self.column(own, "from");
                    self.column(outer, "to");
                }
            }
            "attribute" => self.column(own, "name"),
            // Of another element, by its alias.
            _ if self.has("entityname") => {}
            "order" => self.column(own, "attribute"),
            "condition" => ["attribute", "column", "valueof"]
                .map(|name| self.column(own, name))
                .into_iter()
                .collect(),
            _ => {}
        }
    }

    /// The table whose columns the element names.
    fn table(&self) -> Option<&'a str> {
        table_around(Some(self.node))
    }

    fn column(&mut self, table: Option<&str>, attribute: &str) {
        let (Some(table), Some(attribute)) = (table, self.said(attribute)) else { return };
        // With a dot it is a column of another element.
        if !attribute.value().contains('.') {
            let (name, at) = self.placed(attribute);
            self.looked.columns.push(Column { table: table.to_owned(), name, at });
        }
    }

    fn placed(&self, attribute: Attribute<'_, '_>) -> (String, usize) {
        (attribute.value().to_owned(), self.source.at(attribute.range_value().start))
    }
}

/// The name of the table of the innermost element around that has one.
fn table_around<'a>(node: Option<Node<'a, '_>>) -> Option<&'a str> {
    let mut around = node?.ancestors();
    let named =
        |node: &Node<'_, '_>| node.has_tag_name("entity") || node.has_tag_name("link-entity");
    let name = around.find(named)?.attribute("name")?;
    (!name.is_empty() && !name.contains(VARIABLE)).then_some(name)
}

fn shown(value: &str) -> String {
    value.chars().take(40).collect()
}
