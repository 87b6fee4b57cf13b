//! Checks of a query in FetchXML as a designer types it: what Dataverse is certain to refuse, and where.
//!
//! A variable may stand where substitution makes text of it: in the value of an attribute and in `<value>`. Anywhere else
//! it would be markup, or not be escaped as that place needs. What the reference does not name is refused where Dataverse
//! refuses it (elements, operators), and a warning where it reads over it (attributes).

mod elements;
mod holes;
mod limits;
mod vocabulary;

use roxmltree::{Document, TextPos};

use super::fault::Fault;
use super::glyphs::{Glyph, HOLE, glyphs, trim};

/// Stands for a variable in the document that is parsed: a character that XML allows in text and in no name. Whoever writes
/// it is taken to mean a variable.
const VARIABLE: char = '\u{e000}';

const PLACES: &str = "a variable may stand in the value of an attribute and in <value>";

/// What a query says.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) faults: Vec<Fault>,
    pub(super) tables: Vec<Table>,
    pub(super) columns: Vec<Column>,
}

/// A table that the query names by its logical name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) at: usize,
    /// Whether it is joined, and not the one that the query is of.
    pub(super) is_joined: bool,
}

/// A column that the query names, and the logical name of the table that must have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) table: String,
    pub(super) name: String,
    pub(super) at: usize,
}

/// Looks at a query such as `<fetch><entity name="contact"/></fetch>`.
pub(super) fn look(text: &str) -> Looked {
    let glyphs = glyphs(text);
    let source = Source::new(trim(&glyphs));
    let mut looked = Looked::default();
    match Document::parse(&source.xml) {
        Err(error) => looked.faults.push(source.no_xml(&error)),
        Ok(document) => {
            looked.faults.extend(holes::look(&document, &source));
            if looked.faults.is_empty() {
                elements::look(&document, &source, &mut looked);
                limits::look(&document, &source, &mut looked.faults);
            }
        }
    }
    looked
}

/// The document that is parsed, and how its bytes lie in what the designer wrote.
struct Source<'a> {
    xml: String,
    glyphs: &'a [Glyph],
    /// Where each character begins.
    starts: Vec<usize>,
}

impl<'a> Source<'a> {
    fn new(glyphs: &'a [Glyph]) -> Self {
        let (mut xml, mut starts) = (String::new(), Vec::with_capacity(glyphs.len()));
        for glyph in glyphs {
            starts.push(xml.len());
            xml.push(if glyph.c == HOLE { VARIABLE } else { glyph.c });
        }
        Self { xml, glyphs, starts }
    }

    /// The place of a byte in what the designer wrote.
    fn at(&self, byte: usize) -> usize {
        self.character(self.starts.partition_point(|start| *start <= byte).saturating_sub(1))
    }

    fn character(&self, index: usize) -> usize {
        self.glyphs.get(index).or(self.glyphs.last()).map_or(0, |glyph| glyph.at)
    }

    /// What the parser says, with the place in what the designer wrote in place of its own.
    fn no_xml(&self, error: &roxmltree::Error) -> Fault {
        let TextPos { row, col } = error.pos();
        let lines = self.xml.split('\n').take((row as usize).saturating_sub(1));
        let before: usize = lines.map(|line| line.chars().count() + 1).sum();
        let index = before + (col as usize).saturating_sub(1);
        let message = error.to_string().replace(&format!(" at {}", error.pos()), "");
        let message = message.replace(VARIABLE, "$(…)");
        let hint = match self.glyphs.get(index) {
            Some(Glyph { c: HOLE, .. }) => format!("; {PLACES}"),
            _ => String::new(),
        };
        Fault::error(self.character(index), format!("this is no XML: {message}{hint}"))
    }
}

#[cfg(test)]
mod tests;
