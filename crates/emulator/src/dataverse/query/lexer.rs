//! `$filter` text to tokens.

use super::super::errors::DataverseError;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Open,
    Close,
    Comma,
    Equals,
    /// A string literal, its doubled quotes undone.
    Text(String),
    /// A JSON array or object, as it stands.
    Json(String),
    /// A name, keyword, number, GUID, date: whatever stands between the others.
    Word(String),
}

/// A token and the character at which it starts.
pub(crate) type Spanned = (Token, usize);

pub(crate) fn tokens(text: &str) -> Result<Vec<Spanned>, DataverseError> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let start = at;
        at += 1;
        let token = match c {
            c if c.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '=' => Token::Equals,
            '\'' => {
                let (value, end) = string(&chars, at, text)?;
                at = end;
                Token::Text(value)
            }
            '[' | '{' => {
                let (json, end) = json(&chars, start).ok_or_else(|| syntax_error(text, start))?;
                at = end;
                Token::Json(json)
            }
            c if is_word(c) => {
                at += chars.iter().skip(at).take_while(|c| is_word(**c)).count();
                Token::Word(chars.iter().skip(start).take(at - start).collect())
            }
            _ => return Err(syntax_error(text, start)),
        };
        tokens.push((token, start));
    }
    Ok(tokens)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_-.:+/@$*".contains(c)
}

/// The rest of a string literal whose opening quote is before `at`, and where it ends.
fn string(chars: &[char], mut at: usize, text: &str) -> Result<(String, usize), DataverseError> {
    let mut value = String::new();
    loop {
        match (chars.get(at), chars.get(at + 1)) {
            (Some('\''), Some('\'')) => {
                value.push('\'');
                at += 2;
            }
            (Some('\''), _) => return Ok((value, at + 1)),
            (Some(c), _) => {
                value.push(*c);
                at += 1;
            }
            (None, _) => {
                return Err(DataverseError::odata(format!(
                    "There is an unterminated string literal at position {} in '{text}'.",
                    chars.len()
                )));
            }
        }
    }
}

/// From the bracket at `start` to the one that closes it; brackets in strings do not count.
fn json(chars: &[char], start: usize) -> Option<(String, usize)> {
    let (mut depth, mut quote) = (0_usize, None);
    let mut at = start;
    loop {
        let c = *chars.get(at)?;
        match (quote, c) {
            (Some(_), '\\') => at += 1,
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some((chars.get(start..at)?.iter().collect(), at));
        }
    }
}

pub(crate) fn syntax_error(text: &str, position: usize) -> DataverseError {
    DataverseError::odata(format!("Syntax error at position {position} in '{text}'."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(text: &str) -> Vec<Token> {
        tokens(text).unwrap().into_iter().map(|(token, _)| token).collect()
    }

    fn word(text: &str) -> Token {
        Token::Word(text.to_owned())
    }

    #[test]
    fn quotes_are_undone_and_words_kept_whole() {
        let expected = [
            word("fullname"),
            word("eq"),
            Token::Text("O'Brien".into()),
            word("and"),
            Token::Open,
            word("n"),
            word("ge"),
            word("-1.5"),
            Token::Close,
        ];
        assert_eq!(bare("fullname eq 'O''Brien' and(n ge -1.5)"), expected);
    }

    #[test]
    fn arrays_are_kept_whole_whatever_their_strings_hold() {
        let expected = [word("X"), Token::Equals, Token::Json("[\"a]\\\"b\",'c[']".into())];
        assert_eq!(bare("X=[\"a]\\\"b\",'c[']"), expected);
    }

    #[test]
    fn an_open_string_and_a_stray_sign_are_errors() {
        assert!(tokens("a eq 'b").unwrap_err().message.contains("unterminated"));
        assert!(tokens("a eq b;").unwrap_err().message.contains("position 6"));
        assert!(tokens("a in ['b'").is_err());
    }
}
