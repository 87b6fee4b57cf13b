//! `$filter` by recursive descent, names and types checked against the schema on the way.
//!
//! What OData knows and Dataverse does not document (arithmetic, `in`, other functions) is refused with
//! the words of the OData library, and never passed over.

use super::super::errors::DataverseError;
use super::super::schema::Kind;
use super::super::values;
use super::ast::{ColumnRef, Comparison, Expr, MatchKind, Operand, Value};
use super::functions;
use super::lexer::{Spanned, Token, syntax_error, tokens};
use super::scope::{NAMESPACE, Row, Scope, Target, comparable};

/// Deeper parentheses are refused, as the OData library does, before they exhaust the stack.
const MAX_DEPTH: usize = 100;
/// Dataverse's own limit; SQLite's on the depth of an expression is 1,000.
const MAX_CONDITIONS: usize = 500;

pub(crate) fn parse(text: &str, scope: Scope<'_>) -> Result<Expr, DataverseError> {
    let tokens = tokens(text)?;
    let mut parser =
        Parser { text, scope, tokens, at: 0, depth: 0, conditions: 0, variables: Vec::new() };
    let expr = parser.or()?;
    match parser.tokens.get(parser.at) {
        None => Ok(expr),
        Some((_, position)) => Err(syntax_error(text, *position)),
    }
}

/// A lambda variable, the table it ranges over and its name in the SQL.
struct Variable<'a> {
    name: String,
    table: &'a super::super::schema::Table,
    alias: String,
}

struct Parser<'a> {
    text: &'a str,
    scope: Scope<'a>,
    tokens: Vec<Spanned>,
    at: usize,
    depth: usize,
    conditions: usize,
    variables: Vec<Variable<'a>>,
}

/// An operand before it is known what it is compared with.
enum Raw {
    Column(ColumnRef),
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
        let called = match (self.tokens.get(self.at), self.tokens.get(self.at + 1)) {
            (Some((Token::Word(word), _)), Some((Token::Open, _))) => Some(word.clone()),
            _ => None,
        };
        let Some(name) = called else {
            return self.comparison();
        };
        let expr = match name.rsplit_once('/') {
            Some((path, quantifier @ ("any" | "all"))) => self.lambda(path, quantifier == "all")?,
            _ if name.starts_with(NAMESPACE) => self.query_function(&name)?,
            _ => self.text_function()?,
        };
        self.compared_with_truth(expr)
    }

    /// `contains(…) eq true` says no more than `contains(…)`.
    fn compared_with_truth(&mut self, expr: Expr) -> Result<Expr, DataverseError> {
        let equal = self.keyword("eq");
        if !equal && !self.keyword("ne") {
            return Ok(expr);
        }
        let position = self.position();
        match self.word()?.as_str() {
            "true" if equal => Ok(expr),
            "false" if !equal => Ok(expr),
            "true" | "false" => Ok(Expr::Not(Box::new(expr))),
            _ => Err(syntax_error(self.text, position)),
        }
    }

    fn text_function(&mut self) -> Result<Expr, DataverseError> {
        let name = self.word()?;
        let kind = match name.as_str() {
            "contains" => MatchKind::Contains,
            "startswith" => MatchKind::StartsWith,
            "endswith" => MatchKind::EndsWith,
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
        Ok(Expr::Match { kind, column, value })
    }

    /// `Microsoft.Dynamics.CRM.Between(PropertyName='x',PropertyValues=["1","2"])`
    fn query_function(&mut self, name: &str) -> Result<Expr, DataverseError> {
        self.at += 1;
        self.expect(&Token::Open)?;
        let mut parameters = Vec::new();
        while !self.take(&Token::Close) {
            if !parameters.is_empty() {
                self.expect(&Token::Comma)?;
            }
            let parameter = self.word()?;
            self.expect(&Token::Equals)?;
            parameters.push((parameter, self.parameter_value()?));
        }
        let row = self.innermost();
        functions::call(self.scope, row, name, &parameters)
    }

    /// A parameter's value as it was sent, with aliases replaced.
    fn parameter_value(&mut self) -> Result<String, DataverseError> {
        let position = self.position();
        let token = self.tokens.get(self.at).map(|(token, _)| token.clone());
        self.at += 1;
        match token {
            Some(Token::Text(text)) => Ok(functions::quoted(&text)),
            Some(Token::Json(json)) => Ok(json),
            Some(Token::Word(word)) if word.starts_with('@') => {
                Ok(self.scope.alias(&word)?.to_owned())
            }
            Some(Token::Word(word)) => Ok(word),
            _ => Err(syntax_error(self.text, position)),
        }
    }

    fn lambda(&mut self, path: &str, all: bool) -> Result<Expr, DataverseError> {
        self.at += 1;
        self.expect(&Token::Open)?;
        let (row, path) = self.resolve(path);
        let Target::Collection { from, collection } = self.scope.path(row, path)? else {
            let message = format!("Any/All may only be used following a collection, not '{path}'.");
            return Err(DataverseError::odata(message));
        };
        if !from.hops.is_empty() {
            return Err(DataverseError::odata(
                "Conditions on a collection-valued navigation property nested in a lookup navigation \
                 property are not supported.",
            ));
        }
        let table = self.scope.schema.by_logical(collection.table());
        let table = table.ok_or_else(|| DataverseError::no_segment(path))?;
        let alias = format!("l{}", self.variables.len());
        if self.take(&Token::Close) {
            return Ok(Expr::Related { all: false, from, collection, alias, inner: None });
        }
        let name = self.lambda_variable()?;
        self.variables.push(Variable { name, table, alias: alias.clone() });
        let inner = self.or()?;
        self.variables.pop();
        self.expect(&Token::Close)?;
        Ok(Expr::Related { all, from, collection, alias, inner: Some(Box::new(inner)) })
    }

    /// Reads `o:` off the front of `o:o/subject`, which the lexer takes for one word.
    fn lambda_variable(&mut self) -> Result<String, DataverseError> {
        let position = self.position();
        let Some((Token::Word(word), start)) = self.tokens.get(self.at).cloned() else {
            return Err(syntax_error(self.text, position));
        };
        let (name, rest) = word.split_once(':').ok_or_else(|| syntax_error(self.text, position))?;
        match (rest.is_empty(), self.tokens.get_mut(self.at)) {
            (true, _) => self.at += 1,
            (false, Some(token)) => {
                *token = (Token::Word(rest.to_owned()), start + name.chars().count() + 1);
            }
            (false, None) => {}
        }
        Ok(name.to_owned())
    }

    /// The row that a path starts from, and the rest of the path.
    fn resolve<'p>(&self, path: &'p str) -> (Row<'_>, &'p str) {
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        match self.variables.iter().rev().find(|variable| variable.name == first) {
            Some(variable) if !rest.is_empty() => {
                (Row { table: variable.table, alias: &variable.alias }, rest)
            }
            _ => (self.scope.main(), path),
        }
    }

    /// The row that query functions speak of: the innermost lambda's, else the queried table's.
    fn innermost(&self) -> Row<'_> {
        match self.variables.last() {
            Some(variable) => Row { table: variable.table, alias: &variable.alias },
            None => self.scope.main(),
        }
    }

    fn comparison(&mut self) -> Result<Expr, DataverseError> {
        let left = self.operand()?;
        let position = self.position();
        if let Raw::Column(ColumnRef { kind: Kind::Boolean(_), .. }) = &left
            && !matches!(self.tokens.get(self.at), Some((Token::Word(word), _)) if word != "and" && word != "or")
        {
            return self.typed(left, Comparison::Eq, Raw::Word("true".to_owned()), position);
        }
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
        left: Raw,
        op: Comparison,
        right: Raw,
        position: usize,
    ) -> Result<Expr, DataverseError> {
        let (left, right) = match (left, right) {
            (Raw::Column(left), Raw::Column(right)) => {
                if !comparable(&left.kind, &right.kind) {
                    return Err(incompatible(left.kind.edm(), right.kind.edm(), op));
                }
                (Operand::Column(left), Operand::Column(right))
            }
            (Raw::Column(column), literal) => {
                let value = self.literal(literal, &column.kind, op)?;
                (Operand::Column(column), Operand::Value(value))
            }
            (literal, Raw::Column(column)) => {
                let value = self.literal(literal, &column.kind, op)?;
                (Operand::Value(value), Operand::Column(column))
            }
            _ => return Err(syntax_error(self.text, position)),
        };
        Ok(Expr::Compare { left, op, right })
    }

    fn literal(&self, literal: Raw, kind: &Kind, op: Comparison) -> Result<Value, DataverseError> {
        let text = matches!(kind, Kind::Text { .. } | Kind::Choices(_));
        let (value, found) = match &literal {
            Raw::Word(word) if word == "null" => return Ok(Value::Null),
            Raw::Text(value) if text => return Ok(Value::Text(value.clone())),
            Raw::Text(_) => (None, "Edm.String"),
            Raw::Word(word) => (values::from_literal(word, kind), values::literal_type(word)),
            Raw::Column(column) => (None, column.kind.edm()),
        };
        match (value, &literal) {
            (Some(value), _) => Ok(value),
            // A word that is no literal of any type is a name that the table has not.
            (None, Raw::Word(word)) if found.is_empty() => {
                Err(DataverseError::no_property(word, &self.scope.table.logical))
            }
            _ => Err(incompatible(kind.edm(), found, op)),
        }
    }

    fn operand(&mut self) -> Result<Raw, DataverseError> {
        let position = self.position();
        let token = self.tokens.get(self.at).map(|(token, _)| token.clone());
        self.at += 1;
        match token {
            Some(Token::Text(text)) => Ok(Raw::Text(text)),
            Some(Token::Word(word)) if word.starts_with('@') => self.alias(&word),
            Some(Token::Word(word)) => self.name_or_literal(word),
            _ => Err(syntax_error(self.text, position)),
        }
    }

    fn name_or_literal(&self, word: String) -> Result<Raw, DataverseError> {
        if word == "null" || !values::literal_type(&word).is_empty() {
            return Ok(Raw::Word(word));
        }
        let (row, path) = self.resolve(&word);
        self.scope.column(row, path).map(Raw::Column)
    }

    /// The value of `@p1`, which is written as a literal in a query option of its own.
    fn alias(&self, name: &str) -> Result<Raw, DataverseError> {
        let value = self.scope.alias(name)?;
        match tokens(value)?.as_slice() {
            [(Token::Text(text), _)] => Ok(Raw::Text(text.clone())),
            [(Token::Word(word), _)] if !word.starts_with('@') => {
                self.name_or_literal(word.clone())
            }
            _ => Err(syntax_error(value, 0)),
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
