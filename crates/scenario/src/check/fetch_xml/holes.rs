//! Variables where their values would not be text: comments, CDATA, processing instructions, document types, and names of
//! namespaces, of which XML forbids some.

use roxmltree::{Document, Node};

use super::{PLACES, Source, VARIABLE};
use crate::check::fault::Fault;

/// What begins and ends where no value may be written, and what it is called. In a well-formed document none of the
/// beginnings stands anywhere else, once those before it are passed.
const CLOSED: [(&str, &str, &str); 4] = [
    ("<!--", "-->", "a comment"),
    ("<![CDATA[", "]]>", "CDATA"),
    ("<?", "?>", "a processing instruction"),
    ("<!DOCTYPE", ">", "a document type"),
];

/// Looks at a well-formed document.
pub(super) fn look(document: &Document<'_>, source: &Source<'_>) -> Option<Fault> {
    let declares = |node: &Node<'_, '_>| {
        node.is_element() && node.namespaces().any(|namespace| namespace.uri().contains(VARIABLE))
    };
    if let Some(node) = document.descendants().find(declares) {
        return Some(fault(source.at(node.range().start), "the name of a namespace"));
    }
    let mut from = 0;
    while let Some((start, end, what)) = next(&source.xml, from) {
        if let Some(hole) = source.xml[start..end].find(VARIABLE) {
            return Some(fault(source.at(start + hole), what));
        }
        from = end;
    }
    None
}

fn fault(at: usize, what: &str) -> Fault {
    Fault::error(at, format!("a variable stands in {what}; {PLACES}"))
}

/// The first of them from `from` on.
fn next(xml: &str, from: usize) -> Option<(usize, usize, &'static str)> {
    let rest = &xml[from..];
    let found = CLOSED.iter().filter_map(|closed| Some((rest.find(closed.0)?, closed)));
    let (start, (begins, ends, what)) = found.min_by_key(|(start, _)| *start)?;
    let inner = start + begins.len();
    let end = rest[inner..].find(ends).map_or(rest.len(), |end| inner + end + ends.len());
    Some((from + start, from + end, what))
}
