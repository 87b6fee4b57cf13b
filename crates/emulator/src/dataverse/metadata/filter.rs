//! `$filter` over definitions: comparisons of members with literals, joined by `and`, `or`, `not`.
//!
//! Definitions are compared in memory, member by member, so texts are compared as they stand. It is
//! not the filter of rows: no lookups to follow, no query functions, no wildcards.

use serde_json::Value as Json;
use uuid::Uuid;

use super::filter_tokens::{Token, tokens};
use crate::dataverse::errors::DataverseError;

/// How deep brackets and `not` may nest.
const DEEPEST: usize = 100;

#[derive(Debug)]
pub(crate) enum Expression {
    Or(Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Compare(Operand, Operator, Operand),
    Match(Function, Operand, Operand),
    /// A member that is true or false by itself.
    Holds(Operand),
}

#[derive(Debug)]
pub(crate) enum Operand {
    /// `IsCustomizable/Value`.
    Path(Vec<String>),
    Literal(Json),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Function {
    Contains,
    StartsWith,
    EndsWith,
}

pub(crate) fn parse(text: &str) -> Result<Expression, DataverseError> {
    let tokens = tokens(text).ok_or_else(|| syntax(text))?;
    let mut parser = Parser { text, tokens: tokens.into_iter().peekable(), depth: 0 };
    let expression = parser.or()?;
    match parser.tokens.next() {
        None => Ok(expression),
        Some(_) => Err(syntax(text)),
    }
}

fn syntax(text: &str) -> DataverseError {
    DataverseError::odata(format!("Syntax error in the filter expression '{text}'."))
}

struct Parser<'a> {
    text: &'a str,
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    depth: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Expression, DataverseError> {
        let mut left = self.and()?;
        while self.word("or") {
            left = Expression::Or(left.into(), self.and()?.into());
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expression, DataverseError> {
        let mut left = self.unary()?;
        while self.word("and") {
            left = Expression::And(left.into(), self.unary()?.into());
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, DataverseError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(syntax(self.text));
        }
        let expression = if self.word("not") {
            Expression::Not(self.unary()?.into())
        } else if self.symbol(&Token::Open) {
            let inner = self.or()?;
            self.expect(&Token::Close)?;
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn comparison(&mut self) -> Result<Expression, DataverseError> {
        if let Some(function) = self.function() {
            self.expect(&Token::Open)?;
            let text = self.operand()?;
            self.expect(&Token::Comma)?;
            let part = self.operand()?;
            self.expect(&Token::Close)?;
            return Ok(Expression::Match(function, text, part));
        }
        let left = self.operand()?;
        let Some(operator) = self.operator() else {
            return Ok(Expression::Holds(left));
        };
        Ok(Expression::Compare(left, operator, self.operand()?))
    }

    fn function(&mut self) -> Option<Function> {
        let names = [
            ("contains", Function::Contains),
            ("startswith", Function::StartsWith),
            ("endswith", Function::EndsWith),
        ];
        names.into_iter().find(|(name, _)| self.word(name)).map(|(_, function)| function)
    }

    fn operator(&mut self) -> Option<Operator> {
        let names = [
            ("eq", Operator::Equal),
            ("ne", Operator::NotEqual),
            ("gt", Operator::Greater),
            ("ge", Operator::GreaterOrEqual),
            ("lt", Operator::Less),
            ("le", Operator::LessOrEqual),
        ];
        names.into_iter().find(|(name, _)| self.word(name)).map(|(_, operator)| operator)
    }

    fn operand(&mut self) -> Result<Operand, DataverseError> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok(Operand::Literal(Json::String(text))),
            Some(Token::Word(word)) => Ok(match literal(&word) {
                Some(value) => Operand::Literal(value),
                None => Operand::Path(word.split('/').map(str::to_owned).collect()),
            }),
            _ => Err(syntax(self.text)),
        }
    }

    fn word(&mut self, wanted: &str) -> bool {
        self.symbol(&Token::Word(wanted.to_owned()))
    }

    fn symbol(&mut self, wanted: &Token) -> bool {
        self.tokens.next_if(|token| token == wanted).is_some()
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), DataverseError> {
        if self.symbol(wanted) { Ok(()) } else { Err(syntax(self.text)) }
    }
}

fn literal(word: &str) -> Option<Json> {
    match word {
        "true" => return Some(Json::Bool(true)),
        "false" => return Some(Json::Bool(false)),
        "null" => return Some(Json::Null),
        _ => {}
    }
    if let Ok(id) = word.parse::<Uuid>() {
        return Some(Json::String(id.to_string()));
    }
    let number = word.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    number.then(|| serde_json::from_str(word).ok()).flatten()
}

impl Expression {
    /// Whether the definition whose members `member` gives passes.
    pub(crate) fn holds<'a>(
        &'a self,
        member: &impl Fn(&str) -> Result<Json, DataverseError>,
    ) -> Result<bool, DataverseError> {
        let value = |operand: &'a Operand| operand.value(member);
        match self {
            Expression::Or(left, right) => Ok(left.holds(member)? || right.holds(member)?),
            Expression::And(left, right) => Ok(left.holds(member)? && right.holds(member)?),
            Expression::Not(inner) => Ok(!inner.holds(member)?),
            Expression::Compare(left, operator, right) => {
                compare(&value(left)?, *operator, &value(right)?)
            }
            Expression::Match(function, text, part) => {
                matches(*function, &value(text)?, &value(part)?)
            }
            Expression::Holds(operand) => match value(operand)? {
                Json::Bool(holds) => Ok(holds),
                Json::Null => Ok(false),
                _ => Err(DataverseError::odata("A filter must be true or false.")),
            },
        }
    }
}

impl Operand {
    fn value(
        &self,
        member: &impl Fn(&str) -> Result<Json, DataverseError>,
    ) -> Result<Json, DataverseError> {
        let path = match self {
            Operand::Literal(value) => return Ok(value.clone()),
            Operand::Path(path) => path,
        };
        let mut names = path.iter();
        let mut value = member(names.next().map(String::as_str).unwrap_or_default())?;
        for name in names {
            value = match value {
                Json::Object(mut members) => members.remove(name).ok_or_else(|| {
                    DataverseError::odata(format!("Could not find a property named '{name}'."))
                })?,
                Json::Null => Json::Null,
                _ => return Err(complex(&path.join("/"))),
            };
        }
        match value {
            Json::Object(_) | Json::Array(_) => Err(complex(&path.join("/"))),
            simple => Ok(simple),
        }
    }
}

fn complex(path: &str) -> DataverseError {
    DataverseError::odata(format!(
        "'{path}' can not be used in $filter: it has no primitive or enumeration value."
    ))
}

fn compare(left: &Json, operator: Operator, right: &Json) -> Result<bool, DataverseError> {
    use std::cmp::Ordering;
    let order = match (left, right) {
        (Json::Null, Json::Null) => Some(Ordering::Equal),
        (Json::Null, _) | (_, Json::Null) => None,
        (Json::String(left), Json::String(right)) => Some(left.cmp(right)),
        (Json::Bool(left), Json::Bool(right)) => Some(left.cmp(right)),
        (Json::Number(left), Json::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => left.as_f64().partial_cmp(&right.as_f64()),
        },
        _ => return Err(incompatible(left, right)),
    };
    Ok(match operator {
        Operator::Equal => order == Some(Ordering::Equal),
        Operator::NotEqual => order != Some(Ordering::Equal),
        Operator::Greater => order == Some(Ordering::Greater),
        Operator::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        Operator::Less => order == Some(Ordering::Less),
        Operator::LessOrEqual => order.is_some_and(Ordering::is_le),
    })
}

fn incompatible(left: &Json, right: &Json) -> DataverseError {
    let kind = |value: &Json| match value {
        Json::Bool(_) => "Edm.Boolean",
        Json::Number(_) => "Edm.Int32",
        _ => "Edm.String",
    };
    DataverseError::odata(format!(
        "A binary operator with incompatible types was detected. Found operand types '{}' and '{}'.",
        kind(left),
        kind(right)
    ))
}

fn matches(function: Function, text: &Json, part: &Json) -> Result<bool, DataverseError> {
    match (text, part) {
        (Json::String(text), Json::String(part)) => Ok(match function {
            Function::Contains => text.contains(part),
            Function::StartsWith => text.starts_with(part),
            Function::EndsWith => text.ends_with(part),
        }),
        (Json::Null, _) | (_, Json::Null) => Ok(false),
        _ => Err(incompatible(text, part)),
    }
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
