//! Makes a tree of an expression: operators by how tightly they bind, functions with their arguments.

use serde_json::Value;

use super::ast::{COMPARISON, Kind, NOT, Node, Operator, SIGN};
use super::functions::{self, Function};
use super::lexer::{Lexer, Token, fault};
use super::{MOST_CHARACTERS, MOST_LEVELS};
use crate::template::TemplateError;

/// A part with the number of its levels.
type Deep = (Node, usize);

struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token,
    at: usize,
    /// Parts that are begun and not ended.
    open: usize,
}

/// Reads text that begins with `=`.
pub(super) fn parse(text: &str) -> Result<Node, TemplateError> {
    if text.chars().nth(MOST_CHARACTERS).is_some() {
        let problem =
            format!("an expression has at most {MOST_CHARACTERS} characters; this goes on");
        return Err(fault(MOST_CHARACTERS, problem));
    }
    let mut lexer = Lexer::new(text.strip_prefix('=').unwrap_or(text), 1);
    let (token, at) = lexer.next()?;
    let mut parser = Parser { lexer, token, at, open: 0 };
    let (node, _) = parser.expression(0)?;
    match parser.token {
        Token::End => Ok(node),
        _ => Err(parser.unexpected("an operator")),
    }
}

impl Parser<'_> {
    /// Takes the current piece and goes on to the next.
    fn take(&mut self) -> Result<Token, TemplateError> {
        let (next, at) = self.lexer.next()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.token, Token::Sign(own) if own == sign)
    }

    fn close(&mut self, opened: usize) -> Result<(), TemplateError> {
        match self.token {
            Token::Sign(")") => self.take().map(drop),
            Token::End => Err(fault(opened, "the `(` is not closed by `)`")),
            _ => Err(self.unexpected("an operator, `,` or `)`")),
        }
    }

    fn unexpected(&self, wanted: &str) -> TemplateError {
        let problem = match &self.token {
            Token::End => "the expression ends too early".to_owned(),
            Token::Sign("!") => "write `not` for `!`".to_owned(),
            Token::Word(word) => format!("`{word}` stands where {wanted} is wanted"),
            Token::Sign(sign) => format!("`{sign}` stands where {wanted} is wanted"),
            _ => format!("{wanted} is wanted"),
        };
        // The last character, where there is none left.
        let at = if self.token == Token::End { self.at.saturating_sub(1) } else { self.at };
        fault(at, problem)
    }

    /// Reads operands and the operators between them that bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<Deep, TemplateError> {
        self.open += 1;
        if self.open > MOST_LEVELS {
            return Err(too_deep(self.at));
        }
        let mut left = self.operand()?;
        while let Some(operator) = self.operator().filter(|found| found.binding() >= least) {
            let at = self.at;
            self.take()?;
            let own = operator.binding();
            let right = self.expression(own + 1)?;
            left = deeper(at, |[l, r]| Kind::Binary(operator, l, r), [left, right])?;
            if own == COMPARISON && self.operator().is_some_and(|next| next.binding() == own) {
                return Err(fault(self.at, "two comparisons in a row; join them by `and`"));
            }
        }
        self.open -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<Operator> {
        let sign = match &self.token {
            Token::Sign(sign) => *sign,
            Token::Word(word) if word.eq_ignore_ascii_case("and") => "&&",
            Token::Word(word) if word.eq_ignore_ascii_case("or") => "||",
            _ => return None,
        };
        Some(match sign {
            "||" => Operator::Or,
            "&&" => Operator::And,
            "=" | "==" => Operator::Equal,
            "!=" | "<>" => Operator::NotEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            "&" => Operator::Join,
            "+" => Operator::Add,
            "-" => Operator::Subtract,
            "*" => Operator::Multiply,
            "/" => Operator::Divide,
            "%" => Operator::Remainder,
            _ => return None,
        })
    }

    fn operand(&mut self) -> Result<Deep, TemplateError> {
        let at = self.at;
        if self.is_sign("(") {
            self.take()?;
            let inner = self.expression(0)?;
            self.close(at)?;
            return Ok(inner);
        }
        if self.is_sign("-") {
            self.take()?;
            let inner = self.expression(SIGN)?;
            return deeper(at, |[inner]| Kind::Negative(inner), [inner]);
        }
        if !matches!(
            self.token,
            Token::Word(_) | Token::Number(_) | Token::Text(_) | Token::Variable(_)
        ) {
            return Err(self.unexpected("a value"));
        }
        let kind = match self.take()? {
            Token::Number(value) => Kind::Literal(value),
            Token::Text(template) => Kind::Text(template),
            Token::Variable(reference) => Kind::Variable(reference),
            Token::Word(word) => return self.word(&word, at),
            Token::Sign(_) | Token::End => return Err(self.unexpected("a value")),
        };
        Ok((Node { kind, at }, 1))
    }

    fn word(&mut self, word: &str, at: usize) -> Result<Deep, TemplateError> {
        let constant = match word.to_ascii_lowercase().as_str() {
            "not" => {
                let inner = self.expression(NOT)?;
                return deeper(at, |[inner]| Kind::Not(inner), [inner]);
            }
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ if self.is_sign("(") => return self.call(word, at),
            _ => {
                let problem = format!(
                    "`{word}` is no value: a variable is written `$({word})`, text between quotes"
                );
                return Err(fault(at, problem));
            }
        };
        Ok((Node { kind: Kind::Literal(constant), at }, 1))
    }

    fn call(&mut self, name: &str, at: usize) -> Result<Deep, TemplateError> {
        let function = functions::find(name).map_err(|problem| fault(at, problem))?;
        let opened = self.at;
        self.take()?;
        let (mut arguments, mut levels) = (Vec::new(), 0);
        while !self.is_sign(")") {
            let (argument, below) = self.expression(0)?;
            arguments.push(argument);
            levels = levels.max(below);
            match self.is_sign(",") {
                true => drop(self.take()?),
                false => break,
            }
        }
        self.close(opened)?;
        check_arguments(function, &arguments, at)?;
        if levels == MOST_LEVELS {
            return Err(too_deep(at));
        }
        Ok((Node { kind: Kind::Call(function, arguments), at }, levels + 1))
    }
}

fn check_arguments(
    function: &'static Function,
    arguments: &[Node],
    at: usize,
) -> Result<(), TemplateError> {
    if !function.takes.contains(&arguments.len()) {
        let problem = format!("{}: it is written `{}`", function.name, function.usage);
        return Err(fault(at, problem));
    }
    if function.wants_variable() && !matches!(arguments[0].kind, Kind::Variable(_)) {
        return Err(fault(arguments[0].at, "a variable is wanted here, such as `$(name)`"));
    }
    // What is written down is known to be wrong before a call comes.
    let fixed: Vec<Option<&str>> = arguments.iter().map(Node::fixed_text).collect();
    (function.check)(&fixed).map_err(|(index, problem)| {
        fault(arguments.get(index).map_or(at, |argument| argument.at), problem)
    })
}

/// A part above others.
fn deeper<const N: usize>(
    at: usize,
    kind: impl FnOnce([Box<Node>; N]) -> Kind,
    parts: [Deep; N],
) -> Result<Deep, TemplateError> {
    let levels = parts.iter().map(|(_, levels)| *levels).max().unwrap_or_default();
    if levels >= MOST_LEVELS {
        return Err(too_deep(at));
    }
    let kind = kind(parts.map(|(node, _)| Box::new(node)));
    Ok((Node { kind, at }, levels + 1))
}

fn too_deep(at: usize) -> TemplateError {
    fault(at, format!("an expression has at most {MOST_LEVELS} levels; this goes deeper"))
}
