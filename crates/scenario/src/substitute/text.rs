//! Variables and expressions where plain text is wanted.

use super::json::plain_text;
use super::{Source, SubstituteError};
use crate::expression::Expression;
use crate::template::{Part, Path, Template, TemplateError};
use crate::value::plain;

/// Text with variables in it, or an expression whose value is written as text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TextTemplate {
    Template(Template),
    Expression(Expression),
}

impl TextTemplate {
    /// Reads text; what begins with one `=` is an expression.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        if !Expression::is_one(text) {
            return plain_text(text).map(Self::Template);
        }
        let expression = Expression::parse(text)?;
        Ok(match expression.constant() {
            Some(value) => Self::Template(Template::from_parts(vec![Part::Literal(plain(&value))])),
            None => Self::Expression(expression),
        })
    }

    /// The text, where it is the same on every call.
    pub(crate) fn fixed(&self) -> Option<&str> {
        match self {
            Self::Template(template) => template.fixed(),
            Self::Expression(_) => None,
        }
    }

    /// Looks at every variable, and whether it must be there.
    pub(crate) fn visit(&self, look: &mut dyn FnMut(&Path, bool)) {
        match self {
            Self::Template(template) => {
                template.variables().for_each(|reference| look(&reference.path, true));
            }
            Self::Expression(expression) => expression.visit(look),
        }
    }

    /// Writes the values in.
    pub(crate) fn fill(&self, source: &Source<'_>) -> Result<String, SubstituteError> {
        match self {
            Self::Template(template) => fill_text(template, source),
            Self::Expression(expression) => Ok(plain(&expression.evaluate(source)?)),
        }
    }

    /// A fault of what it came to, told of its first variable.
    pub(super) fn fault(&self, problem: &str) -> SubstituteError {
        let mut first = String::new();
        self.visit(&mut |path, _| {
            if first.is_empty() {
                first = path.to_string();
            }
        });
        SubstituteError { path: first, problem: problem.into() }
    }
}

/// The template with every value as plain text. Null is empty text.
pub(crate) fn fill_text(
    template: &Template,
    source: &Source<'_>,
) -> Result<String, SubstituteError> {
    let mut out = String::new();
    for part in template.parts() {
        match part {
            Part::Literal(literal) => out.push_str(literal),
            Part::Variable(reference) => out.push_str(&plain(&source.value(reference)?)),
        }
    }
    Ok(out)
}
