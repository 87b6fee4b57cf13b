//! Filters: values with operators between them, functions, lists and parentheses.

use super::lexer::{Placed, Token, tokens};
use super::{Fault, Looked};
use crate::check::glyphs::{Glyph, HOLE};
use crate::nearest::nearest;

/// Operators between two values.
const OPERATORS: [&str; 14] =
    ["eq", "ne", "gt", "ge", "lt", "le", "has", "in", "add", "sub", "mul", "div", "divby", "mod"];
/// Operators between two conditions.
const JUNCTIONS: [&str; 2] = ["and", "or"];
/// What people write, and what it is called.
const SIGNS: [(&str, &str); 11] = [
    ("==", "eq"),
    ("!=", "ne"),
    ("<>", "ne"),
    (">=", "ge"),
    ("<=", "le"),
    ("||", "or"),
    ("=", "eq"),
    (">", "gt"),
    ("<", "lt"),
    ("|", "or"),
    ("!", "not"),
];
/// Most parentheses within each other that are looked into.
const MOST_LEVELS: usize = 100;

/// Reads a filter; remembers its columns where they are those of the table itself.
pub(super) fn read(value: &[Glyph], own: bool, looked: &mut Looked) -> Result<(), Fault> {
    let tokens = tokens(value)?;
    let mut reader = Reader { tokens: &tokens, place: 0, level: 0, within: 0, columns: Vec::new() };
    reader.condition()?;
    match reader.token() {
        Token::End => {}
        Token::Sign(')') => return Err(reader.fault("this `)` closes nothing")),
        _ => return Err(reader.no_operator()),
    }
    if own {
        looked.columns.extend(reader.columns);
    }
    Ok(())
}

/// Whether every parenthesis is closed, and by its own kind.
pub(super) fn balanced(value: &[Glyph]) -> Result<(), Fault> {
    let mut open = Vec::new();
    for Placed { token, at, .. } in tokens(value)? {
        match token {
            Token::Sign(sign @ ('(' | '[' | '{')) => open.push((sign, at)),
            Token::Sign(sign @ (')' | ']' | '}')) => {
                let fits = |(opened, _): (char, usize)| {
                    matches!((opened, sign), ('(', ')') | ('[', ']') | ('{', '}'))
                };
                if !open.pop().is_some_and(fits) {
                    return Err(Fault::error(at, format!("this `{sign}` closes nothing")));
                }
            }
            _ => {}
        }
    }
    match open.pop() {
        Some((sign, at)) => Err(Fault::error(at, format!("this `{sign}` is not closed"))),
        None => Ok(()),
    }
}

/// The name, where a word is a column of the table itself and nothing else that could stand there.
pub(super) fn own_column(word: &str) -> Option<String> {
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let begins = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let constant = matches!(word, "null" | "true" | "false" | "INF" | "NaN");
    (plain && begins && !constant).then(|| word.to_owned())
}

struct Reader<'a> {
    tokens: &'a [Placed],
    place: usize,
    level: usize,
    /// Functions around the current place: names in them may be those of other tables.
    within: usize,
    columns: Vec<(String, usize)>,
}

impl Reader<'_> {
    fn current(&self) -> &Placed {
        // The last one is the end, which nobody goes past.
        &self.tokens[self.place.min(self.tokens.len() - 1)]
    }

    fn token(&self) -> &Token {
        &self.current().token
    }

    fn is(&self, sign: char) -> bool {
        *self.token() == Token::Sign(sign)
    }

    fn word(&self) -> Option<&str> {
        match self.token() {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    fn fault(&self, problem: impl Into<String>) -> Fault {
        Fault::error(self.current().at, problem)
    }

    /// Conditions with `and` and `or` between them.
    fn condition(&mut self) -> Result<(), Fault> {
        self.level += 1;
        if self.level > MOST_LEVELS {
            return Err(Fault::warning(self.current().at, "nested too deeply to be checked"));
        }
        loop {
            self.comparison()?;
            match self.word() {
                Some(word) if is_one_of(word, &JUNCTIONS) => self.place += 1,
                _ => break,
            }
        }
        self.level -= 1;
        Ok(())
    }

    fn comparison(&mut self) -> Result<(), Fault> {
        while self.word().is_some_and(|word| word.eq_ignore_ascii_case("not")) {
            self.place += 1;
        }
        self.value()?;
        loop {
            match self.token() {
                Token::Word(word) if is_one_of(word, &OPERATORS) => self.place += 1,
                Token::Word(word) if is_one_of(word, &JUNCTIONS) => return Ok(()),
                Token::End | Token::Sign(')' | ',' | ';') => return Ok(()),
                _ => return Err(self.no_operator()),
            }
            self.value()?;
        }
    }

    fn no_operator(&self) -> Fault {
        let next = self.tokens.get(self.place + 1).map(|next| &next.token);
        match (self.token(), next) {
            (Token::Sign(sign), next) => {
                let mut written = sign.to_string();
                if let Some(Token::Sign(next)) = next {
                    written.push(*next);
                }
                let meant = SIGNS.iter().find(|(sign, _)| written.starts_with(sign));
                match meant {
                    Some((sign, word)) => {
                        self.fault(format!("`{sign}` is no operator of OData; write `{word}`"))
                    }
                    None => self.fault(format!("`{sign}` stands where an operator is wanted")),
                }
            }
            (Token::Word(word), _) if !word.contains(HOLE) => {
                let known = JUNCTIONS.into_iter().chain(OPERATORS);
                let meant = nearest(word, known).map(|near| format!("; did you mean `{near}`?"));
                let meant = meant.unwrap_or_default();
                self.fault(format!("`{word}` is no operator of OData{meant}"))
            }
            _ => self.fault("an operator is wanted here, such as `eq` or `and`"),
        }
    }

    /// A value: text, a path or number, a function, or what stands between parentheses.
    fn value(&mut self) -> Result<(), Fault> {
        match self.token().clone() {
            Token::Text => self.place += 1,
            Token::Sign('(') => self.arguments()?,
            Token::Sign('[' | '{') => self.list()?,
            Token::Word(word) => return self.path(&word),
            Token::End => return Err(self.fault("the filter ends too early: a value is wanted")),
            Token::Sign(sign) => {
                return Err(self.fault(format!("`{sign}` stands where a value is wanted")));
            }
        }
        self.way_on()
    }

    /// Whether what stands there is a value. Otherwise an operator before it can only be a name.
    fn begins_value(&self, place: usize) -> bool {
        match self.tokens.get(place).map(|next| &next.token) {
            Some(Token::Word(word)) => !is_operator(word),
            Some(Token::Text | Token::Sign('(' | '[' | '{')) => true,
            _ => false,
        }
    }

    fn path(&mut self, word: &str) -> Result<(), Fault> {
        if is_operator(word) && self.begins_value(self.place + 1) {
            return Err(self.fault(format!("a value is wanted before `{word}`")));
        }
        let at = self.current().at;
        self.place += 1;
        // The variable of a lambda, whose condition follows.
        let colon = self.word().filter(|next| next.starts_with(':')).map(|next| next == ":");
        if word.ends_with(':') || colon.is_some() {
            self.place += usize::from(colon == Some(true));
            return self.condition();
        }
        match self.token() {
            Token::Sign('(') => {}
            // A literal with its type in front of it.
            Token::Text if self.current().adjacent => self.place += 1,
            _ if self.within == 0 => self.columns.extend(own_column(word).map(|name| (name, at))),
            _ => {}
        }
        if self.is('(') {
            self.arguments()?;
        }
        self.way_on()
    }

    /// A path may go on after a function, as in `accounts(id)/name`.
    fn way_on(&mut self) -> Result<(), Fault> {
        while self.current().adjacent && self.word().is_some_and(|word| word.starts_with('/')) {
            self.place += 1;
            if self.is('(') {
                self.arguments()?;
            }
        }
        Ok(())
    }

    fn arguments(&mut self) -> Result<(), Fault> {
        let opened = self.current().at;
        let is_function = self.current().adjacent && self.place > 0;
        self.place += 1;
        self.within += usize::from(is_function);
        while !self.is(')') {
            let next = self.tokens.get(self.place + 1).map(|next| &next.token);
            if self.word().is_some() && next == Some(&Token::Sign('=')) {
                // A parameter with its name, as in `In(PropertyName='…')`.
                self.place += 2;
            }
            self.condition()?;
            match self.token() {
                Token::Sign(',') => self.place += 1,
                Token::Sign(')') => break,
                Token::End => return Err(Fault::error(opened, "this `(` is not closed")),
                _ => return Err(self.no_operator()),
            }
        }
        self.place += 1;
        self.within -= usize::from(is_function);
        Ok(())
    }

    /// A list in JSON.
    fn list(&mut self) -> Result<(), Fault> {
        let opened = self.current().at;
        let mut open = 0_usize;
        loop {
            match self.token() {
                Token::Sign('[' | '{') => open += 1,
                Token::Sign(']' | '}') => open -= 1,
                Token::End => return Err(Fault::error(opened, "this list is not closed")),
                _ => {}
            }
            self.place += 1;
            if open == 0 {
                return Ok(());
            }
        }
    }
}

fn is_operator(word: &str) -> bool {
    OPERATORS.contains(&word) || JUNCTIONS.contains(&word)
}

fn is_one_of(word: &str, known: &[&str]) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(word))
}
