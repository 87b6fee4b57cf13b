//! The words of a `$filter` expression over definitions.

/// A piece of a filter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Open,
    Close,
    Comma,
    /// A text, or the value of an enumeration: `Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist'`.
    Text(String),
    /// A name, a path, an operator, or a literal without quotes.
    Word(String),
}

/// All tokens; nothing where a text does not end or a character has no meaning.
pub(crate) fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(&next) = characters.peek() {
        match next {
            '(' | ')' | ',' => {
                characters.next();
                tokens.push(match next {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    _ => Token::Comma,
                });
            }
            '\'' => tokens.push(Token::Text(quoted(&mut characters)?)),
            _ if next.is_whitespace() => {
                characters.next();
            }
            _ => {
                let mut word = String::new();
                while let Some(part) = characters.next_if(|next| is_part_of_word(*next)) {
                    word.push(part);
                }
                match characters.peek() {
                    _ if word.is_empty() => return None,
                    // The name of an enumeration, or `guid`, stands before its value.
                    Some('\'') => tokens.push(Token::Text(quoted(&mut characters)?)),
                    _ => tokens.push(Token::Word(word)),
                }
            }
        }
    }
    Some(tokens)
}

fn is_part_of_word(character: char) -> bool {
    character.is_alphanumeric() || "_./-:@$+".contains(character)
}

/// Reads a text from its opening quote to its closing one; two quotes in it are one.
fn quoted(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    characters.next();
    let mut text = String::new();
    loop {
        match characters.next()? {
            '\'' if characters.next_if_eq(&'\'').is_some() => text.push('\''),
            '\'' => return Some(text),
            other => text.push(other),
        }
    }
}
