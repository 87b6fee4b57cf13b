//! What holds for the document as a whole: how much of what it may have, and what excludes what.

use roxmltree::{Document, Node};

use super::{Source, VARIABLE};
use crate::check::fault::Fault;

/// Joins ("Join tables using FetchXml", limitations).
const MOST_LINKS: usize = 15;
/// Conditions ("filter element", child elements).
const MOST_CONDITIONS: usize = 500;

/// Looks at a document whose root is `<fetch>`.
pub(super) fn look(document: &Document<'_>, source: &Source<'_>, faults: &mut Vec<Fault>) {
    let root = document.root_element();
    if !root.has_tag_name("fetch") {
        return;
    }
    let mut error =
        |byte: usize, problem: String| faults.push(Fault::error(source.at(byte), problem));
    let mut entities = root.children().filter(|child| child.has_tag_name("entity"));
    match (entities.next(), entities.next()) {
        (None, _) => error(root.range().start, "<fetch> holds no <entity>".into()),
        (_, Some(second)) => {
            error(second.range().start, "<fetch> holds a second <entity>".into());
        }
        (Some(_), None) => {}
    }
    for name in ["top", "count", "page"] {
        let Some(attribute) = root.attribute_node(name) else { continue };
        let value = attribute.value();
        let is_number = value.trim().parse::<u32>().is_ok_and(|number| number > 0);
        if !is_number && !value.is_empty() && !value.contains(VARIABLE) {
            error(attribute.range().start, format!("`{name}` is no number above 0"));
        }
    }
    let given = |name: &&&str| root.attribute(**name).is_some_and(|value| !value.is_empty());
    if let (Some(top), Some(paging)) =
        (root.attribute_node("top"), ["page", "count", "paging-cookie"].iter().find(given))
        && !top.value().is_empty()
    {
        error(top.range().start, format!("`top` does not go with `{paging}`"));
    }
    for (name, most) in [("link-entity", MOST_LINKS), ("condition", MOST_CONDITIONS)] {
        let mut all = root.descendants().filter(|node| node.has_tag_name(name));
        if let Some(one) = all.nth(most) {
            error(one.range().start, format!("a query has at most {most} <{name}>"));
        }
    }
    for link in root.descendants().filter(|node| node.has_tag_name("link-entity")) {
        if let Some(other) = half_a_join(link) {
            error(
                link.range().start,
                format!("<link-entity> has no `{other}`: `from` and `to` go together"),
            );
        }
    }
}

fn half_a_join(link: Node<'_, '_>) -> Option<&'static str> {
    let has = |name| link.attribute(name).is_some_and(|value: &str| !value.is_empty());
    match (has("from"), has("to")) {
        (true, false) => Some("to"),
        (false, true) => Some("from"),
        _ => None,
    }
}
