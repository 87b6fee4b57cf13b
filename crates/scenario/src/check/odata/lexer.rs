//! The pieces of options and of a filter.

use super::Fault;
use crate::check::glyphs::{Glyph, HOLE, text};

/// Splits at each `separator` that stands outside quotes and parentheses.
pub(super) fn split(glyphs: &[Glyph], separator: char) -> Vec<&[Glyph]> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut quote, mut escaped, mut open) = (None, false, 0_usize);
    for (index, glyph) in glyphs.iter().enumerate() {
        match (quote, glyph.c) {
            (Some('"'), _) if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(own), c) if own == c => quote = None,
            (Some(_), _) => {}
            (None, c @ ('\'' | '"')) => quote = Some(c),
            // An option ends at its `&` even where a parenthesis is not closed.
            (None, c) if c == separator && (open == 0 || c == '&') => {
                parts.push(&glyphs[start..index]);
                (start, open) = (index + 1, 0);
            }
            (None, '(') => open += 1,
            (None, ')') => open = open.saturating_sub(1),
            (None, _) => {}
        }
    }
    parts.push(&glyphs[start..]);
    parts
}

/// A piece of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a path, a number, a date, an operator.
    Word(String),
    /// What stands between quotes.
    Text,
    Sign(char),
    End,
}

/// A piece and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) at: usize,
    /// Whether nothing stands between it and the piece before.
    pub(super) adjacent: bool,
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == HOLE || "_.-:+@/$*#~".contains(c)
}

/// Cuts a filter into pieces.
pub(super) fn tokens(glyphs: &[Glyph]) -> Result<Vec<Placed>, Fault> {
    let (mut tokens, mut index, mut adjacent) = (Vec::new(), 0, false);
    while let Some(Glyph { c, at }) = glyphs.get(index).copied() {
        let rest = &glyphs[index..];
        if c.is_whitespace() {
            (index, adjacent) = (index + 1, false);
            continue;
        }
        let (token, length) = match c {
            '\'' | '"' => (Token::Text, quoted(rest)?),
            '(' | ')' | ',' | ';' | '[' | ']' | '{' | '}' => (Token::Sign(c), 1),
            '%' if is_encoded(rest) => {
                let problem = "a query is plain text: this is percent-encoded";
                return Err(Fault::error(at, problem));
            }
            c if in_word(c) => {
                let length = rest.iter().take_while(|glyph| in_word(glyph.c)).count();
                (Token::Word(text(&rest[..length])), length)
            }
            c => (Token::Sign(c), 1),
        };
        tokens.push(Placed { token, at, adjacent });
        (index, adjacent) = (index + length, true);
    }
    // The last character, where there is none left.
    let at = glyphs.last().map_or(0, |glyph| glyph.at);
    tokens.push(Placed { token: Token::End, at, adjacent: false });
    Ok(tokens)
}

/// How many characters text in quotes takes, quotes included.
fn quoted(glyphs: &[Glyph]) -> Result<usize, Fault> {
    let (quote, mut index) = (glyphs[0].c, 1);
    while let Some(glyph) = glyphs.get(index) {
        let doubled = glyphs.get(index + 1).is_some_and(|next| next.c == quote);
        match glyph.c {
            '\\' if quote == '"' => index += 2,
            c if c == quote && quote == '\'' && doubled => index += 2,
            c if c == quote => return Ok(index + 1),
            _ => index += 1,
        }
    }
    Err(Fault::error(glyphs[0].at, format!("the literal that {quote} begins is not closed")))
}

fn is_encoded(glyphs: &[Glyph]) -> bool {
    let digit = |index: usize| glyphs.get(index).is_some_and(|glyph| glyph.c.is_ascii_hexdigit());
    digit(1) && digit(2)
}
