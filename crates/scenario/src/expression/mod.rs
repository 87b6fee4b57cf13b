//! Expressions: text that begins with `=`, such as `=length($(name)) > 3`.
//!
//! Values keep their types and none is converted silently: `1 + "1"` fails the step. An expression has no loops, its
//! text, its depth and every text that it makes are bounded, and what it reads counts as what a run copies.

mod ast;
mod date_pattern;
mod evaluate;
mod functions;
mod lexer;
mod parser;

use std::fmt;

use serde_json::Value;

use self::ast::Node;
use crate::substitute::{Source, SubstituteError};
use crate::template::{Path, TemplateError};
use crate::variables::Variables;

/// Most characters of an expression.
const MOST_CHARACTERS: usize = 10_000;
/// Most levels of an expression: whoever walks it uses the stack.
const MOST_LEVELS: usize = 100;
/// Most bytes of a text that an expression makes.
pub(crate) const MOST_TEXT: usize = 1 << 20;

/// What is evaluated on a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expression {
    root: Node,
}

impl Expression {
    /// Whether a text is one: it begins with one `=`. Two of them stand for the text after the first.
    pub(crate) fn is_one(text: &str) -> bool {
        text.starts_with('=') && !text.starts_with("==")
    }

    /// Reads text that begins with `=`.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let expression = Self { root: parser::parse(text)? };
        if expression.is_constant() {
            // What is wrong with it is wrong on every call.
            expression.known().map_err(|fault| match fault {
                Fault::Place { at, problem } => TemplateError { offset: at, problem },
                Fault::Variable(error) => TemplateError { offset: 0, problem: error.to_string() },
            })?;
        }
        Ok(expression)
    }

    /// Whether it comes to the same on every call.
    fn is_constant(&self) -> bool {
        self.root.all(&|node| node.is_constant())
    }

    /// The value, where it is the same on every call.
    pub(crate) fn constant(&self) -> Option<Value> {
        self.is_constant().then(|| self.known().ok()).flatten()
    }

    fn known(&self) -> Result<Value, Fault> {
        let variables = Variables::default();
        evaluate::evaluate(&self.root, &Source::new(&variables, MOST_TEXT))
    }

    /// Its value for one run.
    pub(crate) fn evaluate(&self, source: &Source<'_>) -> Result<Value, SubstituteError> {
        evaluate::evaluate(&self.root, source).map_err(|fault| match fault {
            Fault::Variable(error) => error,
            Fault::Place { at, problem } => SubstituteError {
                path: String::new(),
                problem: format!("{problem} at character {}", at + 1),
            },
        })
    }

    /// Every variable in it, and whether the expression minds that it is missing.
    pub(crate) fn visit(&self, look: &mut dyn FnMut(&Path, bool)) {
        self.root.visit(true, look);
    }
}

/// Prints it in one spelling, with no more parentheses than it needs.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "={}", self.root)
    }
}

/// Why an expression has no value.
#[derive(Debug)]
enum Fault {
    /// What stands here cannot be worked out.
    Place { at: usize, problem: String },
    /// A variable cannot be read.
    Variable(SubstituteError),
}

impl Fault {
    fn at(at: usize, problem: impl Into<String>) -> Self {
        Self::Place { at, problem: problem.into() }
    }
}

#[cfg(test)]
mod tests;
