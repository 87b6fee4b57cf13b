//! Characters of a query with their places, and the pieces of a filter.

use super::Fault;
use crate::template::Reference;

/// A character of a query; a variable is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) c: char,
    /// Where it stands in what the designer wrote.
    pub(super) at: usize,
}

/// Stands for a variable. It is a part of whatever word it stands in.
pub(super) const HOLE: char = '\u{1}';

/// The characters of a text that is known to be a template.
pub(super) fn glyphs(text: &str) -> Vec<Glyph> {
    let (mut glyphs, mut rest, mut at) = (Vec::new(), text, 0);
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("$$(") {
            glyphs.extend([Glyph { c: '$', at }, Glyph { c: '(', at: at + 2 }]);
            (rest, at) = (&rest["$$(".len()..], at + "$$(".len());
        } else if rest.starts_with("$(")
            && let Ok((reference, bytes)) = Reference::read(rest, at)
        {
            glyphs.push(Glyph { c: HOLE, at });
            (rest, at) = (&rest[bytes..], at + reference.width);
        } else {
            glyphs.push(Glyph { c, at });
            (rest, at) = (&rest[c.len_utf8()..], at + 1);
        }
    }
    glyphs
}

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

/// Without blanks around it.
pub(super) fn trim(glyphs: &[Glyph]) -> &[Glyph] {
    let blank = |glyph: &Glyph| glyph.c.is_whitespace();
    let start = glyphs.iter().position(|glyph| !blank(glyph)).unwrap_or(glyphs.len());
    let end = glyphs.iter().rposition(|glyph| !blank(glyph)).map_or(start, |last| last + 1);
    &glyphs[start..end]
}

/// The text; a variable is [`HOLE`].
pub(super) fn text(glyphs: &[Glyph]) -> String {
    glyphs.iter().map(|glyph| glyph.c).collect()
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
