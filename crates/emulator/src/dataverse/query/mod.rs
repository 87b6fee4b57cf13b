//! Queries: their text to checked conditions, and conditions to SQL.

pub(crate) mod apply;
pub(crate) mod ast;
pub(crate) mod conditions;
pub(crate) mod context;
pub(crate) mod cookie;
pub(crate) mod expand;
pub(crate) mod functions;
pub(crate) mod hierarchies;
pub(crate) mod lexer;
pub(crate) mod operator_names;
pub(crate) mod operators;
pub(crate) mod options;
pub(crate) mod parser;
pub(crate) mod pattern;
pub(crate) mod periods;
pub(crate) mod scope;
pub(crate) mod sql;
