//! `$filter` text to tokens.

use super::super::errors::DataverseError;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Open,
    Close,
    Comma,
    /// A string literal, its doubled quotes undone.
    Text(String),
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
            '\'' => {
                let (value, end) = string(&chars, at, text)?;
                at = end;
                Token::Text(value)
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
    c.is_alphanumeric() || "_-.:+/@$*=[]\"{}".contains(c)
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

pub(crate) fn syntax_error(text: &str, position: usize) -> DataverseError {
    DataverseError::odata(format!("Syntax error at position {position} in '{text}'."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_undone_and_words_kept_whole() {
        let words: Vec<Token> = tokens("fullname eq 'O''Brien' and(n ge -1.5)")
            .unwrap()
            .into_iter()
            .map(|t| t.0)
            .collect();
        let word = |text: &str| Token::Word(text.to_owned());
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
        assert_eq!(words, expected);
    }

    #[test]
    fn an_open_string_and_a_stray_sign_are_errors() {
        assert!(tokens("a eq 'b").unwrap_err().message.contains("unterminated"));
        assert!(tokens("a eq b;").unwrap_err().message.contains("position 6"));
    }
}
