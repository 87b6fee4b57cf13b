//! Checks of OData query options as a designer types them: what Dataverse is certain to refuse, and where.
//!
//! Whatever Dataverse takes is taken here, and more: names, types and functions are its to know. What is merely
//! unusual is a warning.

mod filter;
mod lexer;
mod options;

use super::fault::Fault;
use super::glyphs::glyphs;

/// What a query says.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) faults: Vec<Fault>,
    /// The columns of the table itself that it names, with where they stand.
    pub(super) columns: Vec<(String, usize)>,
}

/// Looks at query options such as `$select=fullname&$filter=lastname eq '$(name)'`.
pub(super) fn look(text: &str) -> Looked {
    let mut looked = Looked::default();
    options::read(&glyphs(text), &mut looked);
    looked
}

#[cfg(test)]
mod tests;
