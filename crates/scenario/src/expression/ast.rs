//! What an expression is made of, and how it is printed.

use std::fmt::{self, Write};

use serde_json::Value;

use super::functions::{Body, Function, Special};
use crate::template::{Part, Path, Reference, Template};

/// A part of an expression.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Where it stands, in characters; the first is 0.
    pub(super) at: usize,
}

/// Where it stands does not matter.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A number that is not negative, a boolean or null.
    Literal(Value),
    /// Text between quotes, with variables in it.
    Text(Template),
    Variable(Reference),
    Not(Box<Node>),
    Negative(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    Call(&'static Function, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Join,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// How tightly `not` binds: less than a comparison.
pub(super) const NOT: u8 = 3;
/// How tightly comparisons bind.
pub(super) const COMPARISON: u8 = 4;
/// How tightly a sign binds.
pub(super) const SIGN: u8 = 8;
/// How tightly hold what needs no parentheses ever.
const ATOM: u8 = 9;

impl Operator {
    /// How tightly it binds its operands.
    pub(super) fn binding(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal
            | Self::NotEqual
            | Self::Less
            | Self::LessOrEqual
            | Self::Greater
            | Self::GreaterOrEqual => COMPARISON,
            Self::Join => 5,
            Self::Add | Self::Subtract => 6,
            Self::Multiply | Self::Divide | Self::Remainder => 7,
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Join => "&",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

impl Node {
    fn children(&self) -> Vec<&Node> {
        match &self.kind {
            Kind::Literal(_) | Kind::Text(_) | Kind::Variable(_) => Vec::new(),
            Kind::Not(inner) | Kind::Negative(inner) => vec![inner],
            Kind::Binary(_, left, right) => vec![left, right],
            Kind::Call(_, arguments) => arguments.iter().collect(),
        }
    }

    /// Whether all of it passes `test`.
    pub(super) fn all(&self, test: &dyn Fn(&Node) -> bool) -> bool {
        test(self) && self.children().iter().all(|child| child.all(test))
    }

    /// Whether nothing of its own can differ from call to call.
    pub(super) fn is_constant(&self) -> bool {
        match &self.kind {
            Kind::Variable(_) => false,
            Kind::Text(template) => template.fixed().is_some(),
            Kind::Call(function, _) => function.constant,
            _ => true,
        }
    }

    /// The text between quotes, where there is no variable in it.
    pub(super) fn fixed_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(template) => template.fixed(),
            _ => None,
        }
    }

    pub(super) fn visit(&self, needed: bool, look: &mut dyn FnMut(&Path, bool)) {
        match &self.kind {
            Kind::Variable(reference) => look(&reference.path, needed),
            Kind::Text(template) => {
                template.variables().for_each(|reference| look(&reference.path, true));
            }
            Kind::Call(function, arguments) => {
                for (index, argument) in arguments.iter().enumerate() {
                    argument.visit(!function.takes_missing(index), look);
                }
            }
            _ => self.children().iter().for_each(|child| child.visit(true, look)),
        }
    }

    fn binding(&self) -> u8 {
        match &self.kind {
            Kind::Binary(operator, ..) => operator.binding(),
            Kind::Not(_) => NOT,
            Kind::Negative(_) => SIGN,
            _ => ATOM,
        }
    }

    /// Prints it where whatever binds less than `least` needs parentheses.
    fn within(&self, least: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.binding() < least { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Literal(value) => write!(f, "{value}"),
            Kind::Text(template) => print_text(template, f),
            Kind::Variable(reference) => write!(f, "{reference}"),
            Kind::Not(inner) => {
                f.write_str("not ")?;
                inner.within(NOT, f)
            }
            Kind::Negative(inner) => {
                f.write_char('-')?;
                inner.within(SIGN, f)
            }
            Kind::Binary(operator, left, right) => {
                let own = operator.binding();
                // One comparison is no operand of another.
                left.within(own + u8::from(own == COMPARISON), f)?;
                write!(f, " {} ", operator.sign())?;
                right.within(own + 1, f)
            }
            Kind::Call(function, arguments) => {
                write!(f, "{}(", function.name)?;
                for (index, argument) in arguments.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    write!(f, "{argument}")?;
                }
                f.write_char(')')
            }
        }
    }
}

fn print_text(template: &Template, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for part in template.parts() {
        match part {
            Part::Variable(reference) => write!(f, "{reference}")?,
            Part::Literal(text) => {
                for c in text.chars() {
                    match c {
                        '"' | '\\' | '$' => write!(f, "\\{c}")?,
                        '\n' => f.write_str("\\n")?,
                        '\r' => f.write_str("\\r")?,
                        '\t' => f.write_str("\\t")?,
                        c => f.write_char(c)?,
                    }
                }
            }
        }
    }
    f.write_char('"')
}

impl Function {
    /// Whether the argument with this index may be a variable that is missing.
    fn takes_missing(&self, index: usize) -> bool {
        match self.body {
            Body::Special(Special::Defined) => true,
            Body::Special(Special::Default) => index == 0,
            _ => false,
        }
    }
}
