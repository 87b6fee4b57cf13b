//! The query options of a read: text to a checked form, and that to SQL with bound parameters.

pub(crate) mod ast;
pub(crate) mod conditions;
pub(crate) mod context;
pub(crate) mod hierarchies;
pub(crate) mod lexer;
pub(crate) mod operator_names;
pub(crate) mod operators;
pub(crate) mod options;
pub(crate) mod parser;
pub(crate) mod pattern;
pub(crate) mod periods;
pub(crate) mod sql;
