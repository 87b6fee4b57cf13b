//! `$filter` by recursive descent, names and types checked against the table on the way.
//!
//! What Dataverse has and the emulator has not (lambdas, query functions, paths) is told apart
//! from what is wrong, and never passed over.

use super::super::errors::DataverseError;
use super::super::tables::{Kind, Table};
use super::super::values;
use super::ast::{ColumnRef, Comparison, Expr, MatchKind, Operand, Value};
use super::lexer::{Spanned, Token, syntax_error, tokens};

/// Deeper parentheses are refused, as the OData library does, before they exhaust the stack.
const MAX_DEPTH: usize = 100;
/// SQLite's own limit on the depth of an expression is 1,000.
const MAX_CONDITIONS: usize = 500;

pub(crate) fn parse(text: &str, table: &Table) -> Result<Expr, DataverseError> {
    let tokens = tokens(text)?;
    let mut parser = Parser { text, table, tokens, at: 0, depth: 0, conditions: 0 };
    let expr = parser.or()?;
    match parser.tokens.get(parser.at) {
        None => Ok(expr),
        Some((_, position)) => Err(syntax_error(text, *position)),
    }
}

struct Parser<'a> {
    text: &'a str,
    table: &'a Table,
    tokens: Vec<Spanned>,
    at: usize,
    depth: usize,
    conditions: usize,
}

/// An operand before it is known what it is compared with.
enum Raw<'a> {
    Column(&'a super::super::tables::Column),
    Text(String),
    Word(String),
}

impl<'a> Parser<'a> {
    fn or(&mut self) -> Result<Expr, DataverseError> {
        let mut parts = vec![self.and()?];
        while self.keyword("or") {
            parts.push(self.and()?);
        }
        Ok(single_or(parts, Expr::Or))
    }

    fn and(&mut self) -> Result<Expr, DataverseError> {
        let mut parts = vec![self.unary()?];
        while self.keyword("and") {
            parts.push(self.unary()?);
        }
        Ok(single_or(parts, Expr::And))
    }

    fn unary(&mut self) -> Result<Expr, DataverseError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(DataverseError::odata("Recursion depth exceeded allowed limit."));
        }
        let expr = if self.keyword("not") {
            Expr::Not(Box::new(self.unary()?))
        } else if self.take(&Token::Open) {
            let inner = self.or()?;
            self.expect(&Token::Close)?;
            inner
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn condition(&mut self) -> Result<Expr, DataverseError> {
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            let message = "Number of conditions in query exceeded maximum limit.";
            return Err(DataverseError::odata(message));
        }
        let called = matches!(
            (self.tokens.get(self.at), self.tokens.get(self.at + 1)),
            (Some((Token::Word(_), _)), Some((Token::Open, _)))
        );
        if called { self.function() } else { self.comparison() }
    }

    fn function(&mut self) -> Result<Expr, DataverseError> {
        let name = self.word()?;
        let kind = match name.as_str() {
            "contains" => MatchKind::Contains,
            "startswith" => MatchKind::StartsWith,
            "endswith" => MatchKind::EndsWith,
            other if other.starts_with("Microsoft.Dynamics.CRM.") || other.contains('/') => {
                return Err(DataverseError::not_implemented(&format!("'{other}' in $filter")));
            }
            other => {
                let message = format!("An unknown function with name '{other}' was found.");
                return Err(DataverseError::odata(message));
            }
        };
        self.expect(&Token::Open)?;
        let column = match self.operand()? {
            Raw::Column(column) if column.kind.is_text() => column,
            Raw::Column(column) => return Err(no_signature(&name, column.kind.edm())),
            _ => return Err(no_signature(&name, "Edm.String")),
        };
        self.expect(&Token::Comma)?;
        let Raw::Text(value) = self.operand()? else {
            return Err(no_signature(&name, "a value that is no string"));
        };
        self.expect(&Token::Close)?;
        Ok(Expr::Match { kind, column: reference(column), value })
    }

    fn comparison(&mut self) -> Result<Expr, DataverseError> {
        let left = self.operand()?;
        let position = self.position();
        let op = match self.word()?.as_str() {
            "eq" => Comparison::Eq,
            "ne" => Comparison::Ne,
            "gt" => Comparison::Gt,
            "ge" => Comparison::Ge,
            "lt" => Comparison::Lt,
            "le" => Comparison::Le,
            "in" | "has" | "add" | "sub" | "mul" | "div" | "mod" => {
                return Err(DataverseError::odata("The operator is not supported in $filter."));
            }
            _ => return Err(syntax_error(self.text, position)),
        };
        let right = self.operand()?;
        self.typed(left, op, right, position)
    }

    /// Gives both sides the type of the column among them.
    fn typed(
        &self,
        left: Raw<'a>,
        op: Comparison,
        right: Raw<'a>,
        position: usize,
    ) -> Result<Expr, DataverseError> {
        let (left, right) = match (left, right) {
            (Raw::Column(left), Raw::Column(right)) => {
                if left.kind.edm() != right.kind.edm() {
                    return Err(incompatible(left.kind.edm(), right.kind.edm(), op));
                }
                (Operand::Column(reference(left)), Operand::Column(reference(right)))
            }
            (Raw::Column(column), literal) => {
                let value = self.literal(literal, &column.kind, op)?;
                (Operand::Column(reference(column)), Operand::Value(value))
            }
            (literal, Raw::Column(column)) => {
                let value = self.literal(literal, &column.kind, op)?;
                (Operand::Value(value), Operand::Column(reference(column)))
            }
            _ => return Err(syntax_error(self.text, position)),
        };
        Ok(Expr::Compare { left, op, right })
    }

    fn literal(
        &self,
        literal: Raw<'a>,
        kind: &Kind,
        op: Comparison,
    ) -> Result<Value, DataverseError> {
        let (value, found) = match &literal {
            Raw::Word(word) if word == "null" => return Ok(Value::Null),
            Raw::Text(text) if kind.is_text() => return Ok(Value::Text(text.clone())),
            Raw::Text(_) => (None, "Edm.String"),
            Raw::Word(word) => (values::from_literal(word, kind), values::literal_type(word)),
            Raw::Column(column) => (None, column.kind.edm()),
        };
        match (value, &literal) {
            (Some(value), _) => Ok(value),
            // A word that is no literal of any type is a name that the table has not.
            (None, Raw::Word(word)) if found.is_empty() => {
                Err(DataverseError::no_property(word, &self.table.logical))
            }
            _ => Err(incompatible(kind.edm(), found, op)),
        }
    }

    fn operand(&mut self) -> Result<Raw<'a>, DataverseError> {
        let position = self.position();
        let token = self.tokens.get(self.at).map(|(token, _)| token.clone());
        self.at += 1;
        match token {
            Some(Token::Text(text)) => Ok(Raw::Text(text)),
            Some(Token::Word(word)) => {
                if let Some(column) = self.table.column(&word) {
                    return Ok(Raw::Column(column));
                }
                if word == "null" || !values::literal_type(&word).is_empty() {
                    return Ok(Raw::Word(word));
                }
                Err(self.unknown(&word))
            }
            _ => Err(syntax_error(self.text, position)),
        }
    }

    fn unknown(&self, word: &str) -> DataverseError {
        if word.starts_with('@') {
            return DataverseError::not_implemented("parameter aliases");
        }
        match word.split_once('/') {
            Some((navigation, _)) if self.table.navigations.contains_key(navigation) => {
                DataverseError::not_implemented("paths through a lookup in $filter")
            }
            Some((property, _)) => DataverseError::no_property(property, &self.table.logical),
            None => DataverseError::no_property(word, &self.table.logical),
        }
    }

    fn position(&self) -> usize {
        let end = self.text.chars().count();
        self.tokens.get(self.at).map_or(end, |(_, position)| *position)
    }

    fn word(&mut self) -> Result<String, DataverseError> {
        match self.tokens.get(self.at) {
            Some((Token::Word(word), _)) => {
                self.at += 1;
                Ok(word.clone())
            }
            _ => Err(syntax_error(self.text, self.position())),
        }
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        self.take(&Token::Word(keyword.to_owned()))
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|(next, _)| next == token);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token) -> Result<(), DataverseError> {
        if self.take(token) { Ok(()) } else { Err(syntax_error(self.text, self.position())) }
    }
}

fn single_or(mut parts: Vec<Expr>, join: fn(Vec<Expr>) -> Expr) -> Expr {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn reference(column: &super::super::tables::Column) -> ColumnRef {
    ColumnRef { name: column.name.clone(), text: column.kind.is_text() }
}

fn incompatible(left: &str, right: &str, op: Comparison) -> DataverseError {
    let kind = match op {
        Comparison::Eq => "Equal",
        Comparison::Ne => "NotEqual",
        Comparison::Gt => "GreaterThan",
        Comparison::Ge => "GreaterThanOrEqual",
        Comparison::Lt => "LessThan",
        Comparison::Le => "LessThanOrEqual",
    };
    DataverseError::odata(format!(
        "A binary operator with incompatible types was detected. Found operand types '{left}' \
         and '{right}' for operator kind '{kind}'."
    ))
}

fn no_signature(function: &str, found: &str) -> DataverseError {
    DataverseError::odata(format!(
        "No function signature for the function with name '{function}' matches the specified \
         arguments ({found}). The function signatures considered are: \
         {function}(Edm.String Nullable=true, Edm.String Nullable=true)."
    ))
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
