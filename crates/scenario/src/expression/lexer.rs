//! Cuts an expression into words, numbers, texts, variables and signs.

use serde_json::{Number, Value};

use crate::template::{Part, Reference, Template, TemplateError};

/// A piece of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name of a function, or a word such as `and`.
    Word(String),
    Number(Value),
    Text(Template),
    Variable(Reference),
    Sign(&'static str),
    End,
}

/// In the order in which they are tried: the longer ones first.
const SIGNS: [&str; 20] = [
    "==", "!=", "<>", "<=", ">=", "&&", "||", "=", "<", ">", "&", "+", "-", "*", "/", "%", "(",
    ")", ",", "!",
];

/// Reads pieces from left to right.
pub(super) struct Lexer<'a> {
    rest: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Reads `text`, the first character of which stands at `at`.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { rest: text, at }
    }

    /// The next piece and where it stands.
    pub(super) fn next(&mut self) -> Result<(Token, usize), TemplateError> {
        let blank = self.rest.len() - self.rest.trim_start().len();
        self.skip(blank);
        let at = self.at;
        let token = match self.rest.chars().next() {
            None => Token::End,
            Some('"' | '\'') => self.text()?,
            Some(c) if c.is_ascii_digit() => self.number()?,
            Some(c) if c.is_alphabetic() || c == '_' => self.word(),
            Some(_) if self.rest.starts_with("$(") => Token::Variable(self.variable()?),
            Some(c) => match SIGNS.into_iter().find(|sign| self.rest.starts_with(sign)) {
                Some(sign) => {
                    self.skip(sign.len());
                    Token::Sign(sign)
                }
                None => return Err(fault(at, format!("`{c}` means nothing in an expression"))),
            },
        };
        Ok((token, at))
    }

    fn skip(&mut self, bytes: usize) {
        self.at += self.rest[..bytes].chars().count();
        self.rest = &self.rest[bytes..];
    }

    /// The bytes of the characters that are `fit`, from the beginning.
    fn run(&self, fit: impl Fn(char) -> bool) -> usize {
        self.rest.find(|c| !fit(c)).unwrap_or(self.rest.len())
    }

    fn word(&mut self) -> Token {
        let length = self.run(|c| c.is_alphanumeric() || c == '_');
        let word = self.rest[..length].to_owned();
        self.skip(length);
        Token::Word(word)
    }

    fn variable(&mut self) -> Result<Reference, TemplateError> {
        let (reference, bytes) = Reference::read(self.rest, self.at)?;
        self.skip(bytes);
        Ok(reference)
    }

    fn number(&mut self) -> Result<Token, TemplateError> {
        let at = self.at;
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let mut length = digits(self.rest);
        if let Some(fraction) = self.rest[length..].strip_prefix('.') {
            length += 1 + digits(fraction);
        }
        if let Some(exponent) = self.rest[length..].strip_prefix(['e', 'E']) {
            let sign = usize::from(exponent.starts_with(['+', '-']));
            length += 1 + sign + digits(&exponent[sign..]);
        }
        let written = &self.rest[..length];
        let glued = self.rest[length..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let number = written.parse::<Number>().ok().filter(|_| !glued);
        // An integer that JSON cannot hold as one would be rounded.
        let number = number.filter(|number| {
            number.is_i64() || number.is_u64() || written.contains(['.', 'e', 'E'])
        });
        let number = number.ok_or_else(|| fault(at, format!("`{written}` is no number")))?;
        self.skip(length);
        Ok(Token::Number(Value::Number(number)))
    }

    fn text(&mut self) -> Result<Token, TemplateError> {
        let from = self.at;
        let quote = self.rest.chars().next().unwrap_or('"');
        self.skip(1);
        let (mut parts, mut literal) = (Vec::new(), String::new());
        loop {
            let Some(c) = self.rest.chars().next() else {
                return Err(fault(from, format!("the text that {quote} begins is not closed")));
            };
            if self.rest.starts_with("$$(") {
                literal.push_str("$(");
                self.skip(3);
            } else if self.rest.starts_with("$(") {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
                parts.push(Part::Variable(self.variable()?));
            } else if c == '\\' {
                literal.push(self.escape()?);
            } else {
                self.skip(c.len_utf8());
                if c == quote {
                    break;
                }
                literal.push(c);
            }
        }
        parts.push(Part::Literal(literal));
        Ok(Token::Text(Template::from_parts(parts)))
    }

    fn escape(&mut self) -> Result<char, TemplateError> {
        let at = self.at;
        self.skip(1);
        let c = self.rest.chars().next();
        let meant = match c {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(c @ ('\\' | '"' | '\'' | '$')) => c,
            other => {
                let shown = other.map_or_else(String::new, String::from);
                let problem = format!(
                    "`\\{shown}` stands for nothing; a backslash that belongs to the text is written `\\\\`"
                );
                return Err(fault(at, problem));
            }
        };
        self.skip(1);
        Ok(meant)
    }
}

pub(super) fn fault(offset: usize, problem: impl Into<String>) -> TemplateError {
    TemplateError { offset, problem: problem.into() }
}
